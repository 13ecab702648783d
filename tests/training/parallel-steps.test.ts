import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import { layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { useBackend } from '../../src/backend/backend.js';
import { originalNetwork } from '../../src/networks/original.js';
import { trainingSteps } from '../../src/training/choose-steps.js';
import { ParallelSteps, threadsFor } from '../../src/training/parallel-steps.js';
import { PlainSteps } from '../../src/training/plain-steps.js';
import { SharedStep } from '../../src/training/shared-step.js';
import type { TrainingSteps } from '../../src/training/steps.js';
import { BUILDERS, noise, SHAPE, SIZES, shapesOf } from './toy-networks.js';

/** Adam divides by the gradient's size, so that where it is next to nothing its rounding counts as much as the step does. */
const OPTIONS = { batchSizes: [8, 5, 1], shapes: [[32, 12]], rate: () => 1e-4 };

const batches = noise([8, 8, 5, 1]);

const takeAll = (steps: TrainingSteps, on = batches) => on.map((batch, step) => steps.take(batch, step));

describe('ParallelSteps', () => {
  before(() => useBackend('wasm'));

  for (const name of ['original', 'time', 'frozen', 'masked'] as const)
    it(`${name}: take over 3 threads the steps of one, within rounding, also with fewer clips than threads`, () => {
      const networks = [0, 1, 2].map(() => BUILDERS[name]());
      const all = noise([8, 8, 5, 1], shapesOf(networks[0]));
      const options = { ...OPTIONS, shapes: shapesOf(networks[0]) };
      const plain = new PlainSteps(networks[0], options);
      const parallel = new ParallelSteps(networks[1], { ...options, threads: 3 });
      const again = new ParallelSteps(networks[2], { ...options, threads: 3 });
      const [expected, actual] = [takeAll(plain, all), takeAll(parallel, all)];
      for (const [i, { loss, correct }] of expected.entries()) {
        assert.ok(Math.abs(actual[i].loss - loss) < 2e-6, `${actual[i].loss} != ${loss}`);
        assert.equal(actual[i].correct, correct);
      }
      const [a, b] = networks.map((network) => network.getWeights().flatMap((weight) => [...weight.dataSync()]));
      // Four steps move a weight by up to 4e-4.
      assert.ok(Math.max(...a.map((value, i) => Math.abs(value - b[i]))) < 5e-6);
      assert.deepEqual(takeAll(again, all), actual);
      assert.deepEqual(again.adam(), parallel.adam());
      for (const steps of [plain, parallel, again]) steps.dispose();
    });

  it("train the original's network, which is large enough for them", () => {
    const shape = { bands: 128, frames: 87, classes: 7, seed: 1 };
    const options = { batchSizes: [6], shapes: [[128, 87]], rate: () => 1e-4 };
    const chosen = trainingSteps(originalNetwork(shape), options);
    assert.equal(chosen instanceof ParallelSteps, availableParallelism() > 1);
    chosen.dispose();
    const networks = [originalNetwork(shape), originalNetwork(shape)];
    const plain = new PlainSteps(networks[0], options);
    const parallel = new ParallelSteps(networks[1], { ...options, threads: 2 });
    const [expected, actual] = [plain, parallel].map((steps) => takeAll(steps, noise([6, 6], [[128, 87]])));
    for (const [i, { loss }] of expected.entries())
      assert.ok(Math.abs(actual[i].loss - loss) < 1e-5, `${actual[i].loss} != ${loss}`);
    const [a, b] = networks.map((network) => network.getWeights().flatMap((weight) => [...weight.dataSync()]));
    // Two steps move a weight by up to 2e-4.
    assert.ok(a.every((value, i) => Math.abs(value - b[i]) < 2e-5));
    for (const steps of [plain, parallel]) steps.dispose();
  });

  it('refuse a network that normalises by batch, which cannot be divided', () => {
    const network = BUILDERS.normalised();
    assert.throws(() => new ParallelSteps(network, { ...OPTIONS, threads: 2 }), {
      name: 'RangeError',
      message: /must not normalise by batch/,
    });
  });

  it('say why a thread failed', () => {
    const network = originalNetwork(SHAPE, SIZES);
    const steps = new ParallelSteps(network, { ...OPTIONS, threads: 2 });
    // A class that the thread does not find when it makes the network again.
    const { toJSON } = network;
    network.toJSON = () => ({ class_name: 'Unknown', config: {} });
    const failing = new ParallelSteps(network, { ...OPTIONS, threads: 2 });
    network.toJSON = toJSON;
    assert.throws(() => takeAll(failing), { message: /Thread 1 of the training failed: .*Unknown/ });
    for (const each of [steps, failing]) each.dispose();
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
    assert.equal(threadsFor(originalNetwork(SHAPE, SIZES), 4), 1);
    const large = originalNetwork({ ...SHAPE, bands: 128, frames: 87 });
    assert.equal(threadsFor(large, 4), 4);
    assert.equal(threadsFor(large), availableParallelism());
  });

  it('threadsFor() starts none for a large network that normalises by batch, or takes clips of any length', () => {
    const ending = (length: number | null, between: layers.Layer[]) => {
      const input = layers.input({ name: 'picture', shape: [length, 12] });
      const large = layers.dense({ name: 'large', units: 10_000 });
      const pooled = layers.globalAveragePooling1d({ name: 'pooled' });
      const all = [...between, pooled, large];
      const output = all.reduce<SymbolicTensor>((last, layer) => layer.apply(last) as SymbolicTensor, input);
      return model({ inputs: input, outputs: output });
    };
    assert.equal(threadsFor(ending(32, []), 4), 4);
    assert.equal(threadsFor(ending(32, [layers.batchNormalization({ name: 'normalise' })]), 4), 1);
    assert.equal(threadsFor(ending(null, []), 4), 1);
  });
});

describe('SharedStep', () => {
  const sizes = { threads: 3, weights: 5, inputs: [4, 1], clips: 7 };

  it('divides a batch among the threads without rest, and shows every thread the same', () => {
    const first = new SharedStep(sizes);
    const second = new SharedStep(sizes, first.buffer);
    first.numbers.set([0, 7]);
    const ranges = () => [0, 1, 2].map((share) => second.range(share));
    assert.deepEqual(ranges(), [
      { from: 0, to: 2 },
      { from: 2, to: 4 },
      { from: 4, to: 7 },
    ]);
    first.numbers.set([0, 2]);
    assert.deepEqual(ranges(), [
      { from: 0, to: 0 },
      { from: 0, to: 1 },
      { from: 1, to: 2 },
    ]);
    second.gradient(2).fill(3);
    first.inputs[0].fill(1);
    assert.deepEqual([...first.gradient(2)], [3, 3, 3, 3, 3]);
    assert.deepEqual([...first.gradient(1)], [0, 0, 0, 0, 0]);
    assert.ok(second.inputs[0].every((value) => value === 1));
    assert.deepEqual([second.inputs[0].length, second.inputs[1].length], [28, 7]);
    assert.ok(second.inputs[1].every((value) => value === 0));
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

  it('lets a thread wait on where it is woken for work that it has done already', () => {
    const shared = new SharedStep({ threads: 2, weights: 1, inputs: [1], clips: 1 });
    const { wait } = Atomics;
    let woken = 0;
    // A wait that ends although nothing has changed; then the first thread begins.
    Atomics.wait = (() => {
      if (++woken === 3) shared.begin(1);
      return 'ok';
    }) as typeof Atomics.wait;
    try {
      shared.awaitBegin(1);
    } finally {
      Atomics.wait = wait;
    }
    assert.equal(woken, 3);
  });

  it('keeps the reason of a thread that fails before its first step', () => {
    const shared = new SharedStep(sizes);
    shared.end(1, 'there is no such backend');
    shared.begin(1);
    assert.throws(() => shared.awaitEnd(1, 10), {
      message: 'Thread 1 of the training failed: there is no such backend',
    });
  });
});
