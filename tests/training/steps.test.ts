import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { useBackend } from '../../src/backend/backend.js';
import { Graph } from '../../src/backend/graph.js';
import { registerReluGradient } from '../../src/backend/relu-gradient.js';
import { seededRandom } from '../../src/common/random.js';
import { dropoutLayers, setDropoutStep } from '../../src/networks/dropout.js';
import { NETWORKS } from '../../src/networks/networks.js';
import { type StepResult, type TrainingSteps, trainingSteps } from '../../src/training/choose-steps.js';
import type { Batch } from '../../src/training/gradient.js';
import { PlainSteps } from '../../src/training/plain-steps.js';
import { RecordedSteps } from '../../src/training/recorded-steps.js';

const SHAPE = { bands: 32, frames: 12, classes: 4, seed: 3 };
const SIZES = { filters: [8, 6, 6], denseUnits: [10] };
/** Adam divides by the gradient's size, so that where it is next to nothing its rounding counts as much as the step does. */
const LEARNING_RATE = 1e-4;
const BATCH_SIZES = [8, 5];

const random = seededRandom(7);
const batches: Batch[] = [8, 8, 5, 8, 8, 5].map((clips) => ({
  inputs: Float32Array.from({ length: clips * 32 * 12 }, () => 2 * random() - 1),
  targets: Int32Array.from({ length: clips }, () => Math.floor(random() * 4)),
}));

const networkOf = (name: string) => NETWORKS[name](SHAPE, SIZES);

function takeAll(steps: TrainingSteps): StepResult[] {
  return batches.map((batch, step) => steps.take(batch, step));
}

function weightsOf(network: LayersModel): number[] {
  return network.getWeights().flatMap((weight) => [...weight.dataSync()]);
}

function assertNear(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  assert.equal(actual.length, expected.length);
  const worst = Math.max(...actual.map((value, i) => Math.abs(value - expected[i])));
  assert.ok(worst <= tolerance, `${worst} > ${tolerance}`);
}

/** The same steps by nothing but tfjs: its Adam, its loss, its gradient of ReLU. */
function takeAllByTfjs(network: LayersModel): StepResult[] {
  const adam = tf.train.adam(LEARNING_RATE);
  tf.unregisterGradient(tf.Relu);
  tf.registerGradient({
    kernelName: tf.Relu,
    inputsToSave: ['x'],
    gradFunc: (dy, [x]) => ({ x: () => tf.mul(dy as tf.Tensor, tf.cast(tf.step(x), 'float32')) }),
  });
  try {
    return batches.map(({ inputs, targets }, step) => {
      setDropoutStep(network, step);
      let correct = 0;
      const loss = adam.minimize(() => {
        const x = tf.tensor3d(inputs, [targets.length, 32, 12]);
        const probabilities = network.apply(x, { training: true }) as tf.Tensor2D;
        correct = tf.sum(tf.equal(tf.argMax(probabilities, 1), tf.tensor1d(targets, 'int32'))).dataSync()[0];
        const ofTruth = tf.sum(tf.mul(probabilities, tf.oneHot(tf.tensor1d(targets, 'int32'), 4)), 1);
        return tf.neg(tf.mean(tf.log(ofTruth))) as tf.Scalar;
      }, true)!;
      return { loss: loss.dataSync()[0], correct };
    });
  } finally {
    registerReluGradient();
    adam.dispose();
  }
}

for (const backend of ['native', 'wasm'] as const)
  describe(`training steps on ${backend}`, () => {
    before(async function () {
      await useBackend(backend).catch(() => this.skip());
    });

    for (const name of Object.keys(NETWORKS))
      it(`${name}: take the steps of tfjs's own optimiser and gradients within rounding`, () => {
        const [ours, theirs] = [networkOf(name), networkOf(name)];
        const steps = trainingSteps(ours, { batchSizes: BATCH_SIZES, learningRate: LEARNING_RATE });
        const results = takeAll(steps);
        steps.publish();
        const expected = takeAllByTfjs(theirs);
        const losses = (from: StepResult[]) => from.map(({ loss }) => loss);
        assertNear(losses(results), losses(expected), 2e-6);
        assert.deepEqual(
          results.map(({ correct }) => correct),
          expected.map(({ correct }) => correct),
        );
        // Six steps move a weight by up to 6e-4.
        assertNear(weightsOf(ours), weightsOf(theirs), 5e-6);
        steps.dispose();
      });

    it('go on from a state as if there had been no break', () => {
      const whole = trainingSteps(networkOf('original'), { batchSizes: BATCH_SIZES, learningRate: LEARNING_RATE });
      const expected = takeAll(whole);
      const network = networkOf('original');
      const first = trainingSteps(network, { batchSizes: BATCH_SIZES, learningRate: LEARNING_RATE });
      const results = batches.slice(0, 3).map((batch, step) => first.take(batch, step));
      first.publish();
      const second = trainingSteps(network, { batchSizes: BATCH_SIZES, learningRate: LEARNING_RATE });
      second.restore(first.adam());
      results.push(...batches.slice(3).map((batch, step) => second.take(batch, step + 3)));
      assert.deepEqual(results, expected);
      assert.deepEqual(second.adam(), whole.adam());
      for (const steps of [whole, first, second]) steps.dispose();
    });

    it('leave no tensor', () => {
      const network = networkOf('original');
      const before = tf.memory().numTensors;
      const steps = trainingSteps(network, { batchSizes: BATCH_SIZES, learningRate: LEARNING_RATE });
      takeAll(steps);
      steps.publish();
      steps.adam();
      steps.dispose();
      assert.equal(tf.memory().numTensors, before);
    });
  });

describe('training steps', () => {
  it('are recorded on the native backend, and taken one operation after another on WebAssembly', async function () {
    await useBackend('wasm');
    const steps = trainingSteps(networkOf('original'), { batchSizes: BATCH_SIZES, learningRate: LEARNING_RATE });
    assert.ok(steps instanceof PlainSteps);
    await useBackend('native').catch(() => this.skip());
    const recorded = trainingSteps(networkOf('original'), { batchSizes: BATCH_SIZES, learningRate: LEARNING_RATE });
    assert.ok(recorded instanceof RecordedSteps);
    recorded.dispose();
  });

  it('keep nothing of what is fed to them, which is memory of JavaScript', async function () {
    if ((await useBackend('auto')).name !== 'native') this.skip();
    // TensorFlow's threads would free it, and with it what only JavaScript's may: it ended in a segmentation fault.
    const ops = new Map<string, string>();
    const assigned: string[] = [];
    const { add } = Graph.prototype;
    Graph.prototype.add = function (name, op, options) {
      ops.set(name, op);
      if (op === 'AssignVariableOp') assigned.push(options!.inputs![1]);
      return add.call(this, name, op, options);
    };
    try {
      new RecordedSteps(networkOf('original'), { batchSizes: BATCH_SIZES, learningRate: LEARNING_RATE }).dispose();
    } finally {
      Graph.prototype.add = add;
    }
    assert.ok(assigned.length > 0);
    assert.deepEqual([...new Set(assigned.map((name) => ops.get(name)))], ['DeepCopy']);
  });

  it('are the same recorded as plain, with other masks at every step', async function () {
    await useBackend('native').catch(() => this.skip());
    const [a, b] = [networkOf('original'), networkOf('original')];
    assert.ok(dropoutLayers(a).length >= 3);
    const recorded = new RecordedSteps(a, { batchSizes: BATCH_SIZES, learningRate: LEARNING_RATE });
    const plain = new PlainSteps(b, { learningRate: LEARNING_RATE });
    const [losses, expected] = [recorded, plain].map((steps) => takeAll(steps).map(({ loss }) => loss));
    assertNear(losses, expected, 1e-6);
    const again = new RecordedSteps(networkOf('original'), { batchSizes: BATCH_SIZES, learningRate: LEARNING_RATE });
    assert.notEqual(again.take(batches[0], 1).loss, losses[0]);
    for (const steps of [recorded, plain, again]) steps.dispose();
  });
});
