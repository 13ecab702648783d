import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { useBackend } from '../../src/backend/backend.js';
import { seededRandom } from '../../src/common/random.js';
import { arrayExamples, type Dataset, gathered } from '../../src/dataset/examples.js';
import type { NetworkDefinition, NetworkShape } from '../../src/networks/network.js';
import { originalNetwork } from '../../src/networks/original.js';
import { readWeights, variablesOf } from '../../src/networks/weights.js';
import { estimatorFor, type FitOptions } from '../../src/training/estimator.js';
import { TRAINING_DEFAULTS } from '../../src/training/training.js';

const SHAPE: NetworkShape = { bands: 8, frames: 4, classes: 2, seed: 1 };
const SIZES = { filters: [4], denseUnits: [] };
const OPTIONS = { ...TRAINING_DEFAULTS, shape: SHAPE, sizes: SIZES, epochs: 3, batchSize: 4 };

const random = seededRandom(1);
const values = Float32Array.from({ length: 12 * 8 * 4 }, () => 2 * random() - 1);
// The clips that are validated with are some that are learnt, under the other class: what is learnt makes them worse.
values.copyWithin(8 * 32, 1 * 32, 5 * 32);
const dataset: Dataset = {
  ...arrayExamples([{ values, shape: [8, 4] }]),
  targets: Array.from({ length: 12 }, (_, i) => i % 2),
  labels: ['a', 'b'],
};
const data = { dataset, train: [0, 1, 2, 3, 4, 5, 6], validation: [8, 9, 10] };

const definition: NetworkDefinition = {
  description: 'small',
  input: 'picture',
  answers: 'windows',
  fitting: { by: 'gradient', build: originalNetwork },
};

describe('estimatorFor()', () => {
  before(() => useBackend('auto'));

  it('fits by gradient: builds, trains epoch by epoch, gives the network with the best weights, and leaves nothing else', async () => {
    const before = tf.memory().numTensors;
    const weights: Float32Array[] = [];
    const onEpoch: FitOptions['onEpoch'] = async (record, training) => {
      assert.equal(record.epoch, weights.length + 1);
      weights.push(readWeights(variablesOf(training.network).trainable));
    };
    const options = { ...OPTIONS, epochs: 6, learningRate: 0.01 };
    const { network, history, bestEpoch, finished } = await estimatorFor(definition, options).fit(data, { onEpoch });
    assert.equal(weights.length, 6);
    assert.deepEqual([history.length, finished], [6, true]);
    const losses = history.map(({ valLoss }) => valLoss);
    assert.equal(bestEpoch, losses.indexOf(Math.min(...losses)) + 1);
    assert.deepEqual(readWeights(variablesOf(network).trainable), weights[bestEpoch - 1]);
    // Else they could as well be the last ones.
    assert.notEqual(bestEpoch, 6);
    assert.deepEqual(network.getLayer('conv_1').outputShape, [null, 8, 4]);
    network.dispose();
    assert.equal(tf.memory().numTensors, before);
  });

  it('alters the clips that it trains with, and no others', async () => {
    let altered = 0;
    const options = {
      ...OPTIONS,
      epochs: 2,
      alter: (clip: number, into: readonly Float32Array[]) => {
        altered++;
        dataset.write(clip, into);
      },
    };
    (await estimatorFor(definition, options).fit(data)).network.dispose();
    assert.equal(altered, 2 * data.train.length);
  });

  it('ends after the epoch at hand when it is told to, and goes on from a state', async () => {
    const estimator = estimatorFor(definition, OPTIONS);
    const whole = await estimator.fit(data);
    const controller = new AbortController();
    let state: FitOptions['state'];
    const interrupted = await estimator.fit(data, {
      signal: controller.signal,
      onEpoch: async (_, training) => {
        state = training.state();
        controller.abort();
      },
    });
    assert.deepEqual([interrupted.history.length, interrupted.finished], [1, false]);
    const rest = await estimator.fit(data, { state });
    const untimed = ({ history }: typeof rest) => history.map((record) => ({ ...record, seconds: 0 }));
    assert.deepEqual(untimed(rest), untimed(whole));
    const weightsOf = ({ network }: typeof rest) => readWeights(variablesOf(network).trainable);
    assert.deepEqual(weightsOf(rest), weightsOf(whole));
    for (const { network } of [whole, interrupted, rest]) network.dispose();
  });

  it('takes no step where it is told to end before the first one', async () => {
    const { network, history, bestEpoch, finished } = await estimatorFor(definition, OPTIONS).fit(data, {
      signal: AbortSignal.abort(),
    });
    assert.deepEqual([history, bestEpoch, finished], [[], 0, false]);
    network.dispose();
  });

  it('leaves no tensor where a fit fails', async () => {
    const before = tf.memory().numTensors;
    const onEpoch = async () => {
      throw new Error('no disk');
    };
    await assert.rejects(estimatorFor(definition, OPTIONS).fit(data, { onEpoch }), { message: 'no disk' });
    assert.equal(tf.memory().numTensors, before);
  });

  it('fits in closed form, at once: to the training set, and in the end to the validation set as well if it may', async () => {
    const network = originalNetwork(SHAPE, SIZES);
    const solved: object[] = [];
    const finals: Float32Array[] = [];
    const heldOut = new Float32Array(8);
    const fitting: NetworkDefinition['fitting'] = {
      by: 'closed form',
      solve: ({ trials: [{ train, validation }], final }, shape) => {
        const { count, targets } = train;
        solved.push({ count, targets, first: gathered(train, [0]), validated: validation.count, shape });
        finals.push(gathered(final, [...final.targets.keys()])[0]);
        return { network, heldOut };
      },
    };
    const train = [5, 2, 7];
    const result = await estimatorFor({ ...definition, fitting }, OPTIONS).fit({ ...data, train });
    assert.deepEqual(solved, [
      { count: 3, targets: [1, 0, 1], first: gathered(dataset, [5]), validated: data.validation.length, shape: SHAPE },
    ]);
    assert.deepEqual(result, { network, history: [], bestEpoch: 0, finished: true });
    const refitted = await estimatorFor({ ...definition, fitting }, OPTIONS).fit({ ...data, train, refit: true });
    assert.deepEqual(refitted, { ...result, heldOut });
    const both = [...train, ...data.validation].sort((a, b) => a - b);
    assert.deepEqual(finals, [gathered(dataset, train)[0], gathered(dataset, both)[0]]);
    // Copies are learnt from in place of the clips: here all of them turned round, after all of them as they are.
    const turned = { ...arrayExamples([{ values: values.map((value) => -value), shape: [8, 4] }]) };
    const copies: Dataset = {
      ...{
        count: 24,
        shapes: dataset.shapes,
        labels: dataset.labels,
        targets: [...dataset.targets, ...dataset.targets],
      },
      write: (i, into) => (i < 12 ? dataset : turned).write(i % 12, into),
    };
    await estimatorFor({ ...definition, fitting }, OPTIONS).fit({ ...data, copies, train });
    assert.deepEqual(finals[2], Float32Array.from([...gathered(dataset, train)[0], ...gathered(turned, train)[0]]));
    assert.deepEqual(solved[2], { ...solved[0], count: 6, targets: [1, 0, 1, 1, 0, 1] });
    network.dispose();
  });
});
