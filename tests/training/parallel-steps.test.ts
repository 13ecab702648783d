import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { useBackend } from '../../src/backend/backend.js';
import { seededRandom } from '../../src/common/random.js';
import { NETWORKS, originalNetwork } from '../../src/networks/networks.js';
import type { TrainingSteps } from '../../src/training/choose-steps.js';
import type { Batch } from '../../src/training/gradient.js';
import { ParallelSteps, threadsFor } from '../../src/training/parallel-steps.js';
import { PlainSteps } from '../../src/training/plain-steps.js';
import { SharedStep } from '../../src/training/shared-step.js';

const SHAPE = { bands: 32, frames: 12, classes: 4, seed: 3 };
const SIZES = { filters: [8, 6, 6], denseUnits: [10] };
/** Adam divides by the gradient's size, so that where it is next to nothing its rounding counts as much as the step does. */
const OPTIONS = { batchSizes: [8, 5, 1], learningRate: 1e-4 };

const random = seededRandom(7);
const batches: Batch[] = [8, 8, 5, 1].map((clips) => ({
  inputs: Float32Array.from({ length: clips * 32 * 12 }, () => 2 * random() - 1),
  targets: Int32Array.from({ length: clips }, () => Math.floor(random() * 4)),
}));

const takeAll = (steps: TrainingSteps) => batches.map((batch, step) => steps.take(batch, step));

describe('ParallelSteps', () => {
  before(() => useBackend('wasm'));

  for (const name of Object.keys(NETWORKS))
    it(`${name}: take over 3 threads the steps of one, within rounding, also with fewer clips than threads`, () => {
      const networks = [0, 1, 2].map(() => NETWORKS[name](SHAPE, SIZES));
      const plain = new PlainSteps(networks[0], OPTIONS);
      const parallel = new ParallelSteps(networks[1], { ...OPTIONS, threads: 3 });
      const again = new ParallelSteps(networks[2], { ...OPTIONS, threads: 3 });
      const [expected, actual] = [takeAll(plain), takeAll(parallel)];
      for (const [i, { loss, correct }] of expected.entries()) {
        assert.ok(Math.abs(actual[i].loss - loss) < 2e-6, `${actual[i].loss} != ${loss}`);
        assert.equal(actual[i].correct, correct);
      }
      const [a, b] = networks.map((network) => network.getWeights().flatMap((weight) => [...weight.dataSync()]));
      // Four steps move a weight by up to 4e-4.
      assert.ok(Math.max(...a.map((value, i) => Math.abs(value - b[i]))) < 5e-6);
      assert.deepEqual(takeAll(again), actual);
      assert.deepEqual(again.adam(), parallel.adam());
      for (const steps of [plain, parallel, again]) steps.dispose();
    });

  it('leave no tensor', () => {
    const network = originalNetwork(SHAPE, SIZES);
    const before = tf.memory().numTensors;
    const steps = new ParallelSteps(network, { ...OPTIONS, threads: 2 });
    takeAll(steps);
    steps.dispose();
    assert.equal(tf.memory().numTensors, before);
  });

  it('threadsFor() starts threads for large networks only', () => {
    assert.equal(threadsFor(originalNetwork(SHAPE, SIZES)), 1);
    assert.ok(threadsFor(originalNetwork({ ...SHAPE, bands: 128, frames: 87 })) >= 1);
  });
});

describe('SharedStep', () => {
  const sizes = { threads: 3, weights: 5, clipSize: 4, clips: 7 };

  it('divides a batch among the threads without rest, and shows every thread the same', () => {
    const first = new SharedStep(sizes);
    const second = new SharedStep(sizes, first.buffer);
    first.numbers.set([0, 7]);
    const ranges = [0, 1, 2].map((share) => second.range(share));
    assert.deepEqual(
      ranges.map(({ from, to }) => to - from).reduce((a, b) => a + b),
      7,
    );
    assert.deepEqual(
      ranges.map(({ from }) => from),
      [0, ranges[0].to, ranges[1].to],
    );
    second.gradient(2).fill(3);
    first.inputs.fill(1);
    assert.deepEqual([...first.gradient(2)], [3, 3, 3, 3, 3]);
    assert.deepEqual([...first.gradient(1)], [0, 0, 0, 0, 0]);
    assert.ok(second.inputs.every((value) => value === 1));
  });

  it('tells why a thread failed, and that one does not answer', () => {
    const shared = new SharedStep(sizes);
    shared.begin(1);
    assert.throws(() => shared.awaitEnd(1, 10), { message: 'Thread 1 of the training does not answer' });
    shared.end(1, 'no memory left');
    assert.throws(() => shared.awaitEnd(1, 10), { message: 'Thread 1 of the training failed: no memory left' });
    shared.begin(2);
    shared.end(2);
    shared.awaitEnd(2, 10);
  });
});
