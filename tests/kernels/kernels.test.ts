import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BINARIES } from '../../src/kernels/binary.js';
import { copyPadded, growTo, Kernels } from '../../src/kernels/kernels.js';

describe('kernels', () => {
  for (const [name, { sourceSha256 }] of Object.entries(BINARIES))
    it(`${name} are made of the source that is there`, () => {
      const source = readFileSync(join(__dirname, `../../src/kernels/assembly/${name}.ts`), 'utf8');
      const hash = createHash('sha256').update(source.replaceAll('\r\n', '\n')).digest('hex');
      assert.equal(sourceSha256, hash, 'run `npm run kernels`');
    });

  it('Kernels keep what is put into their memory, apart from other instances', () => {
    const [a, b] = [new Kernels(), new Kernels()];
    const values = Float32Array.of(1, 2, 3);
    const address = a.put(values);
    const large = a.reserve(300_000);
    assert.equal(address % 16, 0);
    assert.equal(large % 16, 0);
    assert.ok(large >= address + values.byteLength);
    assert.deepEqual(a.floats(address, 3), values);
    assert.ok(a.floats(large, 75_000).every((value) => value === 0));
    assert.equal(b.floats(b.reserve(12), 3)[0], 0);
    a.integers(address, 1)[0] = 7;
    assert.equal(a.integers(address, 1)[0], 7);
  });

  it('growTo() grows a memory by whole pages, and only where bytes are missing', () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 4 });
    const pages = [0, 65_536, 65_537, 131_072, 60_000, 196_609].map((bytes) => {
      growTo(memory, bytes);
      return memory.buffer.byteLength / 65_536;
    });
    assert.deepEqual(pages, [1, 1, 2, 2, 2, 4]);
    assert.throws(() => growTo(memory, 5 * 65_536), { name: 'RangeError' });
  });

  it('Kernels put doubles where they are found again', () => {
    const kernels = new Kernels();
    kernels.reserve(3);
    const values = Float64Array.of(1, -2.5, Math.PI).subarray(1);
    const address = kernels.put(values);
    assert.equal(address % 16, 0);
    const words = kernels.integers(address, 4);
    assert.deepEqual(new Float64Array(words.slice().buffer), values.slice());
  });

  it('copyPadded() puts zeros where there are no samples', () => {
    const samples = Float32Array.of(1, 2, 3);
    const copy = (offset: number) => {
      const block = new Float32Array(4).fill(9);
      copyPadded(samples, offset, block);
      return [...block];
    };
    assert.deepEqual([-2, 0, 2, 5, -9].map(copy), [
      [0, 0, 1, 2],
      [1, 2, 3, 0],
      [3, 0, 0, 0],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
  });
});
