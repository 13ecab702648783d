import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hdf5File } from '../../src/exchange/hdf5-file.js';
import { Hdf5Reading } from '../../src/exchange/hdf5-reading.js';

/** Files that h5py has written for Keras; the numbers in them are compared in keras.test.ts. */
const GOLDEN = join(__dirname, '../golden/keras');

/** A tensor whose numbers begin with `first`. */
const tensor = (first: number, ...shape: number[]) => ({
  shape,
  values: Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, i) => first + i / 8),
});

describe('HDF5 files', () => {
  it('hdf5File() writes groups and tensors that Hdf5Reading finds', () => {
    const layers = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`layer_${i}`, { vars: { 0: tensor(i, 2, 3) } }]),
    );
    const written = { layers, empty: {}, scalar: tensor(7), none: tensor(0, 0, 3), cube: tensor(1, 2, 3, 4) };
    const file = new Hdf5Reading(hdf5File(written), 'x.h5');
    for (let i = 0; i < 40; i++) assert.deepEqual(file.tensor(`layers/layer_${i}/vars/0`), tensor(i, 2, 3));
    for (const name of ['scalar', 'none', 'cube'] as const) assert.deepEqual(file.tensor(name), written[name]);
    assert.equal(file.tensor('layers/layer_40/vars/0'), undefined);
    assert.equal(file.texts('/', 'model_config'), undefined);
    assert.throws(() => file.tensor('empty'), /^InputError: x\.h5 is damaged: empty is no tensor$/);
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

  for (const side of ['keras3', 'tf215'])
    it(`Hdf5Reading finds texts and tensors that h5py has written: ${side}`, () => {
      const file = new Hdf5Reading(readFileSync(join(GOLDEN, side, 'original.h5')), 'x.h5');
      const [config] = file.texts('/', 'model_config')!;
      assert.equal(JSON.parse(config).class_name, 'Sequential');
      const names = file.texts('model_weights/dense', 'weight_names') ?? file.texts('model_weights', 'layer_names');
      assert.ok(names && names.length >= 2);
      assert.equal(file.texts('model_weights/nobody', 'weight_names'), undefined);
    });

  it('Hdf5Reading refuses what is no such file, or not all of it', () => {
    const bytes = hdf5File({ a: tensor(1, 3) });
    const refused = (edited: Uint8Array, message: RegExp) =>
      assert.throws(() => new Hdf5Reading(edited, 'x.h5').tensor('a'), message);
    refused(bytes.subarray(0, 50), /^InputError: x\.h5 is damaged: it is incomplete$/);
    refused(bytes.subarray(0, 120), /is incomplete/);
    refused(bytes.slice().fill(0, 0, 8), /it is no HDF5 file/);
    refused(bytes.slice().fill(3, 8, 9), /must be HDF5 as Keras writes it, with superblock 0/);
  });

  it('Hdf5Reading comes to an end with a group that is in itself', () => {
    const bytes = new Uint8Array(readFileSync(join(GOLDEN, 'keras3', 'original.h5')));
    const view = new DataView(bytes.buffer);
    const text = Buffer.from(bytes.buffer).toString('latin1');
    // The first child of each tree of a group becomes the tree itself.
    for (let at = text.indexOf('TREE'); at >= 0; at = text.indexOf('TREE', at + 1))
      view.setBigUint64(at + 32, BigInt(at), true);
    assert.throws(() => new Hdf5Reading(bytes, 'x.h5').tensor('model_weights/dense'), /its groups have no end/);
  });
});
