import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { useBackend } from '../../src/backend/backend.js';
import { seededRandom } from '../../src/common/random.js';
import { shuffledBatches } from '../../src/dataset/batches.js';
import { arrayExamples, type Dataset, subsetOf } from '../../src/dataset/examples.js';
import { originalNetwork } from '../../src/networks/original.js';
import { predictProbabilities } from '../../src/networks/probabilities.js';
import { readWeights, variablesOf } from '../../src/networks/weights.js';
import { FlatAdam } from '../../src/training/adam.js';
import { trainingSteps } from '../../src/training/choose-steps.js';
import { PlainSteps } from '../../src/training/plain-steps.js';
import type { StepsFactory } from '../../src/training/steps.js';
import { indexOfBest, TRAINING_DEFAULTS, Training, type TrainingOptions } from '../../src/training/training.js';

const SIZES = { filters: [6, 4], denseUnits: [5], kernelSize: 3, poolSize: 3 };
const LABELS = ['a', 'b', 'c'];

/** Classes that differ in the level of some bands, with noise. */
function dataset(clips: number, noise = 0.5): Dataset {
  const [bands, frames] = [16, 8];
  const random = seededRandom(clips);
  const targets = Array.from({ length: clips }, (_, i) => i % 3);
  const inputs = Float32Array.from({ length: clips * bands * frames }, (_, i) => {
    const [clip, band] = [Math.floor(i / (bands * frames)), Math.floor(i / frames) % bands];
    return (band % 3 === targets[clip] ? 1 : 0) + noise * (random() - 0.5);
  });
  return { ...arrayExamples([{ values: inputs, shape: [bands, frames] }]), targets, labels: LABELS };
}

const data = dataset(60);
const sets = { train: data.targets.map((_, i) => i).slice(12), validation: data.targets.map((_, i) => i).slice(0, 12) };

const SHAPE = { bands: 16, frames: 8, classes: 3, seed: 1 };

function training(options: Partial<TrainingOptions> = {}, on = data) {
  const network = originalNetwork(SHAPE, SIZES);
  const all = { ...TRAINING_DEFAULTS, epochs: 4, batchSize: 16, ...options };
  const train = shuffledBatches(on, sets.train, all);
  const job = new Training(
    network,
    { train, validation: subsetOf(on, sets.validation) },
    { ...all, steps: trainingSteps },
  );
  return { network, job };
}

async function finish(job: Training) {
  const history = [];
  for await (const record of job.epochs()) history.push({ ...record, seconds: 0 });
  return history;
}

for (const backend of ['native', 'wasm'] as const)
  describe(`train on ${backend}`, () => {
    before(async function () {
      await useBackend(backend).catch(() => this.skip());
    });

    it('Training learns to tell classes apart', async () => {
      const { network, job } = training({ epochs: 30, learningRate: 0.01 });
      const history = await finish(job);
      job.restoreBest();
      assert.ok(history[history.length - 1].loss < history[0].loss / 2);
      const unseen = dataset(30);
      const probabilities = predictProbabilities(network, unseen);
      const right = unseen.targets.filter(
        (c, i) => indexOfBest([...probabilities.subarray(i * 3, i * 3 + 3)]) === c,
      ).length;
      assert.ok(right >= 27, `${right} of 30`);
    });

    it('Training with equal seeds gives equal histories and weights, with another seed others', async () => {
      const runs = [];
      for (const seed of [1, 1, 2]) {
        const { job } = training({ seed });
        runs.push({ history: await finish(job), weights: job.state().weights });
      }
      assert.deepEqual(runs[0], runs[1]);
      assert.notDeepEqual(runs[0].history, runs[2].history);
    });

    it('Training resumed after an epoch equals the uninterrupted one', async () => {
      const whole = training().job;
      const expected = await finish(whole);
      const first = training().job;
      for await (const record of first.epochs()) if (record.epoch === 2) break;
      const second = training().job;
      second.resume(first.state());
      const rest = await finish(second);
      assert.deepEqual(rest, expected.slice(2));
      assert.deepEqual(second.state().weights, whole.state().weights);
    });

    it('Training resumed after its best epoch still has the weights of that one', async () => {
      const noise = dataset(60, 50);
      const options = { epochs: 60, patience: 3, learningRate: 0.02 };
      const whole = training(options, noise).job;
      const expected = await finish(whole);
      const first = training(options, noise).job;
      for await (const { epoch } of first.epochs()) if (epoch === expected.length - 1) break;
      const { network, job } = training(options, noise);
      job.resume(first.state());
      assert.equal(job.bestEpoch, expected.length - 3);
      assert.deepEqual(await finish(job), expected.slice(-1));
      assert.deepEqual(job.state().bestWeights, whole.state().bestWeights);
      job.restoreBest();
      const restored = readWeights(variablesOf(network).trainable);
      assert.deepEqual(restored, whole.state().bestWeights);
      assert.notDeepEqual(restored, whole.state().weights);
    });

    it('Training leaks no tensor from epoch to epoch, and none is left in the end', async () => {
      const before = tf.memory().numTensors;
      const { network, job } = training();
      const counts: number[] = [];
      for await (const _ of job.epochs()) counts.push(tf.memory().numTensors);
      assert.equal(new Set(counts).size, 1, String(counts));
      job.restoreBest();
      job.dispose();
      network.dispose();
      assert.equal(tf.memory().numTensors, before);
    });

    it('Training stops early and restores the epoch with the lowest validation loss', async () => {
      const noise = dataset(60, 50);
      const { network, job } = training({ epochs: 60, patience: 3, learningRate: 0.02 }, noise);
      const history = await finish(job);
      const best = indexOfBest(history.map((record) => -record.valLoss)) + 1;
      assert.ok(history.length < 60);
      assert.equal(history.length, best + 3);
      assert.equal(job.bestEpoch, best);
      job.restoreBest();
      const probabilities = predictProbabilities(network, subsetOf(noise, sets.validation));
      const loss = sets.validation.reduce((sum, i) => sum - Math.log(probabilities[i * 3 + noise.targets[i]]), 0) / 12;
      assert.ok(Math.abs(loss - history[best - 1].valLoss) < 1e-6, `${loss} != ${history[best - 1].valLoss}`);
    });

    it('Training reports divergence instead of going on', async () => {
      const { job } = training({ learningRate: 1e30 });
      await assert.rejects(finish(job), { name: 'InputError', message: /diverged.*lower the learning rate/ });
    });

    it("FlatAdam takes tfjs's own steps within rounding", () => {
      const random = seededRandom(4);
      const values = [[2, 3], [4]].map((shape) => tf.randomUniform(shape, -1, 1, 'float32', 3));
      const [ours, theirs] = [0, 1].map(() => values.map((value) => tf.variable(value.clone())));
      const flat = new FlatAdam(ours);
      const adam = tf.train.adam(0.01);
      for (let step = 0; step < 5; step++) {
        const gradients = ours.map((v) =>
          tf.tensor(
            Float32Array.from({ length: v.size }, () => random() - 0.5),
            v.shape,
          ),
        );
        flat.apply(tf.concat1d(gradients.map((gradient) => tf.reshape(gradient, [gradient.size]))), 0.01);
        adam.applyGradients(theirs.map((v, i) => ({ name: v.name, tensor: gradients[i] })));
      }
      ours.forEach((v, i) => {
        const [a, b] = [v.dataSync(), theirs[i].dataSync()];
        for (let k = 0; k < a.length; k++) assert.ok(Math.abs(a[k] - b[k]) < 1e-6, `${a[k]} != ${b[k]}`);
      });
    });

    it('predictProbabilities() gives rows that sum to 1, the same in one batch as clip by clip', () => {
      const { network } = training();
      const many = subsetOf(
        data,
        Array.from({ length: 150 }, (_, i) => i % data.count),
      );
      const all = predictProbabilities(network, many);
      for (const clip of [0, 127, 128, 149]) {
        const row = all.subarray(clip * 3, clip * 3 + 3);
        assert.ok(Math.abs(row[0] + row[1] + row[2] - 1) < 1e-6);
        const alone = predictProbabilities(network, subsetOf(many, [clip]));
        for (let c = 0; c < 3; c++) assert.ok(Math.abs(alone[c] - row[c]) < 1e-6);
      }
    });
  });

describe('train', () => {
  before(() => useBackend('auto'));

  it('Training numbers the steps on from epoch to epoch, so that dropout drops others in each, and takes all clips anew', async () => {
    const taken: { readonly step: number; readonly first: number }[] = [];
    const steps: StepsFactory = (network, options) => {
      const plain = new PlainSteps(network, options);
      const { take } = plain;
      plain.take = (batch, step) => {
        taken.push({ step, first: batch.inputs[0][0] });
        return take.call(plain, batch, step);
      };
      return plain;
    };
    const all = { ...TRAINING_DEFAULTS, epochs: 3, batchSize: 16, steps };
    const train = shuffledBatches(data, sets.train, all);
    const job = new Training(
      originalNetwork(SHAPE, SIZES),
      { train, validation: subsetOf(data, sets.validation) },
      all,
    );
    await finish(job);
    assert.deepEqual(
      taken.map(({ step }) => step),
      [0, 1, 2, 3, 4, 5, 6, 7, 8],
    );
    // The epochs begin with different clips.
    assert.equal(new Set([0, 3, 6].map((i) => taken[i].first)).size, 3);
    job.dispose();
  });

  it('Training lets others have their turn after each batch, and says how long an epoch took', async () => {
    let turns = 0;
    const seen: number[] = [];
    const steps: StepsFactory = (network, options) => {
      const plain = new PlainSteps(network, options);
      const { take } = plain;
      plain.take = (batch, step) => {
        seen.push(turns);
        setImmediate(() => turns++);
        return take.call(plain, batch, step);
      };
      return plain;
    };
    const all = { ...TRAINING_DEFAULTS, epochs: 1, batchSize: 16, steps };
    const train = shuffledBatches(data, sets.train, all);
    const validation = subsetOf(data, sets.validation);
    const job = new Training(originalNetwork(SHAPE, SIZES), { train, validation }, all);
    const begun = performance.now();
    for await (const { seconds } of job.epochs())
      assert.ok(seconds > 0 && seconds <= (performance.now() - begun) / 1000, `${seconds}`);
    assert.deepEqual(seen, [0, 1, 2]);
    job.dispose();
  });

  it('Training refuses options out of range and empty sets', () => {
    for (const option of ['epochs', 'batchSize', 'patience', 'learningRate'])
      assert.throws(() => training({ [option]: 0 }), { name: 'RangeError', message: new RegExp(`${option}.*is 0`) });
    for (const option of ['weightDecay', 'labelSmoothing'])
      for (const value of [1, -0.1, Number.NaN])
        assert.throws(() => training({ [option]: value }), {
          name: 'RangeError',
          message: `Cannot train: ${option} must be at least 0 and below 1, current value is ${value}`,
        });
    assert.throws(() => shuffledBatches(data, [], TRAINING_DEFAULTS), {
      name: 'RangeError',
      message: /training set is empty/,
    });
    const train = shuffledBatches(data, sets.train, TRAINING_DEFAULTS);
    assert.throws(() => new Training(originalNetwork(SHAPE, SIZES), { train, validation: subsetOf(data, []) }), {
      name: 'RangeError',
      message: /validation set is empty/,
    });
  });
});
