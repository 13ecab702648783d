import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { useBackend } from '../../src/backend/backend.js';
import { Graph, GraphSession } from '../../src/backend/graph.js';
import { registerReluGradient } from '../../src/backend/relu-gradient.js';
import { dropoutLayers, setDropoutStep } from '../../src/networks/dropout.js';
import { trainingSteps } from '../../src/training/choose-steps.js';
import { PlainSteps } from '../../src/training/plain-steps.js';
import { RecordedSteps } from '../../src/training/recorded-steps.js';
import type { StepResult, TrainingSteps } from '../../src/training/steps.js';
import { BUILDER_NAMES, BUILDERS, type BuilderName, noise, shapesOf } from './toy-networks.js';

/** Adam divides by the gradient's size, so that where it is next to nothing its rounding counts as much as the step does. */
const LEARNING_RATE = 1e-4;
const BATCH_SIZES = [8, 5];
const OPTIONS = { batchSizes: BATCH_SIZES, shapes: [[32, 12]], rate: () => LEARNING_RATE };
const optionsFor = (network: LayersModel) => ({ ...OPTIONS, shapes: shapesOf(network) });

const networkOf = (name: BuilderName) => BUILDERS[name]();
const batchesFor = (network: LayersModel) => noise([8, 8, 5, 8, 8, 5], shapesOf(network));
const batches = noise([8, 8, 5, 8, 8, 5]);

function takeAll(steps: TrainingSteps, on = batches): StepResult[] {
  return on.map((batch, step) => steps.take(batch, step));
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
    return batchesFor(network).map(({ inputs, targets }, step) => {
      setDropoutStep(network, step);
      let correct = 0;
      const loss = adam.minimize(
        () => {
          const shapes = network.inputs.map(({ shape }) => shape.slice(1) as number[]);
          const x = inputs.map((values, k) => tf.tensor(values, [targets.length, ...shapes[k]]));
          const probabilities = network.apply(x, { training: true }) as tf.Tensor2D;
          correct = tf.sum(tf.equal(tf.argMax(probabilities, 1), tf.tensor1d(targets, 'int32'))).dataSync()[0];
          const ofTruth = tf.sum(tf.mul(probabilities, tf.oneHot(tf.tensor1d(targets, 'int32'), 4)), 1);
          return tf.neg(tf.mean(tf.log(ofTruth))) as tf.Scalar;
        },
        true,
        network.trainableWeights.map((weight) => weight.read() as tf.Variable),
      )!;
      return { loss: loss.dataSync()[0], correct };
    });
  } finally {
    registerReluGradient();
    adam.dispose();
  }
}

/** A rate that changes, weights that decay by a tenth in all, smoothed targets, weighted classes. */
const DEMANDING = {
  rate: (step: number) => 0.0004 / (step + 1),
  weightDecay: 100,
  loss: { labelSmoothing: 0.2, classWeights: [0.5, 2, 1, 3] },
};

/** The same steps, each formula written out; returns the losses. */
function takeAllDemanding(network: LayersModel): number[] {
  const adam = tf.train.adam(1);
  const variables = network.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const { rate, weightDecay, loss } = DEMANDING;
  const losses = batchesFor(network).map(({ inputs, targets }, step) => {
    const { value, grads } = tf.variableGrads(() => {
      const x = inputs.map((values, k) => tf.tensor(values, [targets.length, ...shapesOf(network)[k]]));
      const logs = tf.log(network.apply(x, { training: true }) as tf.Tensor2D);
      const each = Array.from(targets, (target) => {
        const share = (c: number) => (c === target ? 1 - loss.labelSmoothing : 0) + loss.labelSmoothing / 4;
        return [0, 1, 2, 3].map((c) => -loss.classWeights[target] * share(c));
      });
      return tf.div(tf.sum(tf.mul(logs, tf.tensor2d(each))), targets.length) as tf.Scalar;
    }, variables);
    for (const variable of variables) variable.assign(tf.mul(variable, 1 - rate(step) * weightDecay));
    Object.assign(adam, { learningRate: rate(step) });
    adam.applyGradients(variables.map(({ name }) => ({ name, tensor: grads[name] })));
    return value.dataSync()[0];
  });
  adam.dispose();
  return losses;
}

for (const backend of ['native', 'wasm'] as const)
  describe(`training steps on ${backend}`, () => {
    before(async function () {
      await useBackend(backend).catch(() => this.skip());
    });

    for (const name of BUILDER_NAMES)
      it(`${name}: take the steps of tfjs's own optimiser and gradients within rounding`, () => {
        const [ours, theirs] = [networkOf(name), networkOf(name)];
        const steps = trainingSteps(ours, optionsFor(ours));
        const before = weightsOf(ours);
        const results = takeAll(steps, batchesFor(ours));
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
        assert.notDeepEqual(weightsOf(ours), before);
        steps.dispose();
      });

    it('follow a schedule, let weights decay, smooth the targets and weigh the classes as written in plain tfjs', () => {
      const [ours, theirs] = [networkOf('normalised'), networkOf('normalised')];
      const steps = trainingSteps(ours, { ...optionsFor(ours), ...DEMANDING });
      const results = takeAll(steps, batchesFor(ours));
      steps.publish();
      const expected = takeAllDemanding(theirs);
      assertNear(
        results.map(({ loss }) => loss),
        expected,
        2e-6,
      );
      assertNear(weightsOf(ours), weightsOf(theirs), 1e-5);
      steps.dispose();
    });

    for (const name of BUILDER_NAMES)
      it(`${name}: go on from a state as if there had been no break`, () => {
        const [unbroken, network] = [networkOf(name), networkOf(name)];
        const all = batchesFor(network);
        const whole = trainingSteps(unbroken, optionsFor(unbroken));
        const expected = takeAll(whole, all);
        whole.publish();
        const first = trainingSteps(network, optionsFor(network));
        const results = takeAll(first, all.slice(0, 3));
        first.publish();
        const second = trainingSteps(network, optionsFor(network));
        second.restore(first.adam());
        results.push(...all.slice(3).map((batch, step) => second.take(batch, step + 3)));
        second.publish();
        assert.deepEqual(results, expected);
        assert.deepEqual(second.adam(), whole.adam());
        assert.deepEqual(weightsOf(network), weightsOf(unbroken));
        for (const steps of [whole, first, second]) steps.dispose();
      });

    it('leave frozen weights as they are', () => {
      const network = networkOf('frozen');
      const frozen = () =>
        network
          .getLayer('conv')
          .getWeights()
          .flatMap((weight) => [...weight.dataSync()]);
      const trained = () => [...network.getLayer('logits').getWeights()[0].dataSync()];
      const before = [frozen(), trained()];
      const steps = trainingSteps(network, optionsFor(network));
      takeAll(steps, batchesFor(network));
      steps.publish();
      assert.deepEqual(frozen(), before[0]);
      assert.notDeepEqual(trained(), before[1]);
      steps.dispose();
    });

    it('leave the averages of frozen batch normalisation as they are, and normalise by them, as Keras does', () => {
      const network = networkOf('normalised');
      const layer = network.getLayer('normalise');
      const averages = [0.3, 2].map((value) => tf.fill([6], value));
      layer.setWeights([tf.ones([6]), tf.zeros([6]), ...averages]);
      layer.trainable = false;
      const steps = trainingSteps(network, optionsFor(network));
      const [batch] = batchesFor(network);
      const x = tf.tensor(batch.inputs[0], [8, 32, 12]);
      const row = (network.apply(x) as tf.Tensor2D).arraySync();
      const expected = -row.reduce((sum, each, i) => sum + Math.log(each[batch.targets[i]]), 0) / 8;
      const { loss } = steps.take(batch, 0);
      steps.publish();
      assert.ok(Math.abs(loss - expected) < 1e-5, `${loss} != ${expected}`);
      assert.deepEqual(
        layer
          .getWeights()
          .slice(2)
          .map((weight) => [...weight.dataSync()]),
        [new Array(6).fill(Math.fround(0.3)), new Array(6).fill(2)],
      );
      steps.dispose();
    });

    for (const name of BUILDER_NAMES)
      it(`${name}: leave no tensor`, () => {
        const network = networkOf(name);
        const all = batchesFor(network);
        const before = tf.memory().numTensors;
        const steps = trainingSteps(network, optionsFor(network));
        takeAll(steps, all);
        steps.publish();
        steps.adam();
        steps.dispose();
        assert.equal(tf.memory().numTensors, before);
      });
  });

describe('training steps', () => {
  it('are recorded on the native backend, and taken one operation after another on WebAssembly', async function () {
    await useBackend('wasm');
    const steps = trainingSteps(networkOf('original'), OPTIONS);
    assert.ok(steps instanceof PlainSteps);
    await useBackend('native').catch(() => this.skip());
    const recorded = trainingSteps(networkOf('original'), OPTIONS);
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
      new RecordedSteps(networkOf('original'), OPTIONS).dispose();
    } finally {
      Graph.prototype.add = add;
    }
    assert.ok(assigned.length > 0);
    assert.deepEqual([...new Set(assigned.map((name) => ops.get(name)))], ['DeepCopy']);
  });

  it('free the recorded graph, whose memory JavaScript does not see', async function () {
    if ((await useBackend('auto')).name !== 'native') this.skip();
    const { dispose } = GraphSession.prototype;
    const freed: GraphSession[] = [];
    GraphSession.prototype.dispose = function () {
      freed.push(this);
      dispose.call(this);
    };
    try {
      const steps = new RecordedSteps(networkOf('original'), OPTIONS);
      assert.equal(freed.length, 0);
      steps.dispose();
      assert.equal(freed.length, 1);
      assert.throws(() => steps.take(batches[0], 0));
    } finally {
      GraphSession.prototype.dispose = dispose;
    }
  });

  for (const name of ['frozen', 'normalised', 'masked'] as const)
    it(`${name}: are the same recorded as plain on the native backend`, async function () {
      await useBackend('native').catch(() => this.skip());
      const [a, b] = [networkOf(name), networkOf(name)];
      const all = batchesFor(a);
      const [recorded, plain] = [new RecordedSteps(a, optionsFor(a)), new PlainSteps(b, optionsFor(b))];
      const [losses, expected] = [recorded, plain].map((steps) => takeAll(steps, all).map(({ loss }) => loss));
      assertNear(losses, expected, 1e-6);
      recorded.publish();
      assertNear(weightsOf(a), weightsOf(b), 2e-6);
      for (const steps of [recorded, plain]) steps.dispose();
    });

  it('are the same recorded as plain, with other masks at every step', async function () {
    await useBackend('native').catch(() => this.skip());
    const [a, b] = [networkOf('original'), networkOf('original')];
    assert.ok(dropoutLayers(a).length >= 3);
    const recorded = new RecordedSteps(a, OPTIONS);
    const plain = new PlainSteps(b, OPTIONS);
    const [losses, expected] = [recorded, plain].map((steps) => takeAll(steps).map(({ loss }) => loss));
    assertNear(losses, expected, 1e-6);
    const again = new RecordedSteps(networkOf('original'), OPTIONS);
    assert.notEqual(again.take(batches[0], 1).loss, losses[0]);
    for (const steps of [recorded, plain, again]) steps.dispose();
  });
});
