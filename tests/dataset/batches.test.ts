import assert from 'node:assert/strict';
import { type Alteration, shuffledBatches } from '../../src/dataset/batches.js';
import { arrayExamples, type Dataset } from '../../src/dataset/examples.js';

/** Clip i is the numbers i and i + 0.5, and in a second input −i; its class is i modulo 3. */
const dataset: Dataset = {
  ...arrayExamples([
    { values: Float32Array.from({ length: 20 }, (_, i) => i / 2), shape: [2] },
    { values: Float32Array.from({ length: 10 }, (_, i) => -i), shape: [1] },
  ]),
  targets: Array.from({ length: 10 }, (_, i) => i % 3),
  labels: ['a', 'b', 'c'],
};
const clips = [0, 2, 3, 5, 7, 8, 9];
const OPTIONS = { batchSize: 3, seed: 1 };

/** The clips of an epoch in their order, each as its first number. */
function order(epoch: number, options = OPTIONS): number[] {
  return read(epoch, options).map(([first]) => first);
}

/** All numbers of an epoch's clips, copied batch by batch. */
function read(epoch: number, options: Parameters<typeof shuffledBatches>[2] = OPTIONS): number[][] {
  const rows: number[][] = [];
  for (const { inputs, targets } of shuffledBatches(dataset, clips, options).of(epoch))
    for (let row = 0; row < targets.length; row++)
      rows.push([...inputs[0].slice(2 * row, 2 * row + 2), inputs[1][row], targets[row]]);
  return rows;
}

describe('shuffledBatches()', () => {
  it('gives every clip once in each epoch, with its inputs and its class', () => {
    for (const epoch of [1, 2]) {
      const rows = read(epoch).sort((a, b) => a[0] - b[0]);
      assert.deepEqual(
        rows,
        clips.map((clip) => [clip, clip + 0.5, -clip, clip % 3]),
      );
    }
  });

  it('says how many clips, steps and sizes there are, and how much the clips of each class count', () => {
    // Of the clips' classes 0, 2, 0, 2, 1, 2, 0 three, one and three.
    assert.deepEqual(shuffledBatches(dataset, clips, OPTIONS).balance(), [7 / 9, 7 / 3, 7 / 9]);
    const { clips: count, steps, sizes } = shuffledBatches(dataset, clips, OPTIONS);
    assert.deepEqual([count, steps, sizes], [7, 3, [3, 1]]);
    const given = [...shuffledBatches(dataset, clips, OPTIONS).of(1)].map(({ targets }) => targets.length);
    assert.deepEqual(given, [3, 3, 1]);
    assert.deepEqual(shuffledBatches(dataset, clips, { batchSize: 99, seed: 1 }).sizes, [7]);
    assert.deepEqual(shuffledBatches(dataset, clips, { batchSize: 7, seed: 1 }).sizes, [7]);
  });

  it('orders the clips anew in each epoch, and the same again for the same seed and epoch', () => {
    const epochs = [1, 2, 3].map((epoch) => order(epoch).join());
    assert.equal(new Set(epochs).size, 3);
    assert.deepEqual(order(2), order(2));
    assert.notDeepEqual(order(1), order(1, { ...OPTIONS, seed: 2 }));
  });

  it('alters each clip anew in each epoch, whatever batch it is in, and never the dataset', () => {
    const alter: Alteration = (clip, [values, other], random) => {
      values.set([clip, random()]);
      other[0] = 100 - clip;
    };
    const drawn = (epoch: number, batchSize = 3) =>
      new Map(read(epoch, { batchSize, seed: 1, alter }).map(([clip, value]) => [clip, value]));
    const [first, second] = [drawn(1), drawn(2)];
    assert.equal(new Set([...first.values(), ...second.values()]).size, 14);
    assert.deepEqual(drawn(1), first);
    // The order of batches of another size is the same, but the draws are the clip's own in any case.
    for (const [clip, value] of drawn(1, 2)) assert.equal(first.get(clip), value);
    const others = (options: Parameters<typeof read>[1]) => read(1, options).map(([, , other]) => other);
    assert.deepEqual(
      others({ ...OPTIONS, alter }),
      others(OPTIONS).map((value) => value + 100),
    );
    assert.deepEqual(
      read(1).map(([clip, half]) => half - clip),
      new Array(7).fill(0.5),
    );
  });

  it('refuses no clips, and batch sizes that are none', () => {
    assert.throws(() => shuffledBatches(dataset, [], OPTIONS), {
      name: 'RangeError',
      message: /training set is empty/,
    });
    for (const batchSize of [0, 1.5, Number.NaN])
      assert.throws(() => shuffledBatches(dataset, clips, { batchSize, seed: 1 }), {
        name: 'RangeError',
        message: new RegExp(`batchSize must be a positive integer, current value is ${batchSize}`),
      });
  });
});
