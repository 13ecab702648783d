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

  it('npyBytes() refuses a shape that does not fit', () => {
    assert.throws(() => npyBytes(new Float32Array(5), [2, 3]), { name: 'RangeError', message: /\(2, 3\).*5 values/ });
  });
});
