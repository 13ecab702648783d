import assert from 'node:assert/strict';
import { npyBytes } from '../../src/features/npy.js';

describe('npy', () => {
  it("npyBytes() equals numpy.save's bytes", () => {
    // python -c "import numpy, io; b = io.BytesIO(); numpy.save(b, numpy.array([[1, 2, 3], [4, 5, 6]], '<f4')); print(b.getvalue().hex())"
    const expected =
      '934e554d5059010076007b276465736372273a20273c6634272c2027666f727472616e5f6f72646572273a2046616c73652c20277368617065273a2028322c2033292c207d' +
      `${'20'.repeat(58)}0a0000803f0000004000004040000080400000a0400000c040`;
    assert.equal(Buffer.from(npyBytes(Float32Array.from([1, 2, 3, 4, 5, 6]), [2, 3])).toString('hex'), expected);
  });

  it('npyBytes() writes a single dimension as a tuple', () => {
    assert.match(Buffer.from(npyBytes(new Float32Array(2), [2])).toString('latin1'), /'shape': \(2,\), }/);
  });

  it('npyBytes() writes part of a larger buffer, after a header that ends at the next multiple of 64', () => {
    const values = Float32Array.of(7, 8, 9).subarray(1);
    // Each dimension makes the header three bytes longer.
    for (let dimensions = 1; dimensions < 24; dimensions++) {
      const bytes = npyBytes(values, [2, ...new Array(dimensions - 1).fill(1)]);
      const end = 10 + bytes[8] + 256 * bytes[9];
      assert.equal(end % 64, 0, `${dimensions} dimensions`);
      assert.match(Buffer.from(bytes.subarray(10, end)).toString('latin1'), /^\{.*\} {0,63}\n$/);
      assert.deepEqual(new Float32Array(bytes.slice(end).buffer), Float32Array.of(8, 9));
    }
  });

  it('npyBytes() refuses a shape that does not fit', () => {
    assert.throws(() => npyBytes(new Float32Array(5), [2, 3]), { name: 'RangeError', message: /\(2, 3\).*5 values/ });
  });
});
