import assert from 'node:assert/strict';
import { hdf5File } from '../../src/exchange/hdf5-file.js';
import { readHdf5 } from '../../src/exchange/hdf5-reading.js';

/** A tensor whose numbers begin with that of its layer. */
const tensor = (first: number, ...shape: number[]) => ({
  shape,
  values: Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, i) => first + i / 8),
});

describe('HDF5 files', () => {
  it('hdf5File() writes groups and tensors as the HDF5 library reads them', async () => {
    const layers = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`layer_${i}`, { vars: { 0: tensor(i, 2, 3) } }]),
    );
    const bytes = hdf5File({ layers, empty: {}, scalar: tensor(7), none: tensor(0, 0, 3), cube: tensor(1, 2, 3, 4) });
    await readHdf5(bytes, 'x.h5', ({ tensor: read }) => {
      for (let i = 0; i < 40; i++) assert.deepEqual(read(`layers/layer_${i}/vars/0`), tensor(i, 2, 3));
      assert.deepEqual(read('scalar'), tensor(7));
      assert.deepEqual(read('none'), tensor(0, 0, 3));
      assert.deepEqual(read('cube'), tensor(1, 2, 3, 4));
      assert.equal(read('layers/layer_40/vars/0'), undefined);
      assert.throws(() => read('empty'), /x\.h5 is damaged: empty is no tensor/);
    });
  });

  it('hdf5File() writes the same bytes whenever it is called', async () => {
    const group = { a: tensor(1, 3), b: { c: tensor(2, 2) } };
    const first = hdf5File(group);
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(hdf5File(group), first);
  });

  it('hdf5File() refuses names that it cannot write', () => {
    for (const name of ['é', 'x'.repeat(256)])
      assert.throws(() => hdf5File({ [name]: {} }), /^RangeError: Cannot write an HDF5 file: names must be ASCII/);
  });

  it('readHdf5() leaves nothing behind, whatever is thrown while it reads', async () => {
    const bytes = hdf5File({ a: tensor(1, 3) });
    await assert.rejects(
      readHdf5(bytes, 'x.h5', () => {
        throw new Error('stop');
      }),
      /^Error: stop$/,
    );
    assert.deepEqual(await readHdf5(bytes, 'x.h5', (file) => file.attribute('/', 'nothing')), undefined);
    await assert.rejects(
      readHdf5(bytes.subarray(0, 50), 'x.h5', () => 1),
      /^InputError: x\.h5 is damaged: HDF5 says /,
    );
  });
});
