import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { workerFile } from '../common/worker-file.js';
import { type Batch, type Shape, sizeOf } from '../dataset/examples.js';
import { setDropoutStep } from '../networks/dropout.js';
import { readWeights, variablesOf, weightCount } from '../networks/weights.js';
import type { Gradient } from './gradient.js';
import { PlainSteps } from './plain-steps.js';
import { SharedStep, type SharedStepSizes } from './shared-step.js';
import type { LossOptions, StepOptions, StepResult } from './steps.js';

/** Threads are worth starting for a network with at least this many weights. */
const LEAST_WEIGHTS = 100_000;

/** A thread that takes longer than this, its start included, has died. */
const PATIENCE_MILLISECONDS = 120_000;

/** What a thread is started with. */
export interface GradientTask {
  /** The network without its weights, as tfjs writes it. */
  readonly topology: object;
  /** Of a clip in each of the network's inputs. */
  readonly shapes: readonly Shape[];
  readonly loss?: LossOptions;
  /** Weights of frozen layers, one after the other. */
  readonly frozen: Float32Array;
  readonly sizes: SharedStepSizes;
  readonly buffer: SharedArrayBuffer;
  /** Which share of each batch is its own, from 1: 0 is that of the thread that starts the others. */
  readonly share: number;
}

/** The number of threads that pay off for a network on this machine; 1 where a batch cannot be divided among them. */
export function threadsFor(network: LayersModel, cores = availableParallelism()): number {
  const weights = weightCount(variablesOf(network).trainable);
  return weights >= LEAST_WEIGHTS && canBeDivided(network) ? cores : 1;
}

/** Batch normalisation needs all clips of a batch in one place, and shared memory needs inputs of a fixed length. */
function canBeDivided(network: LayersModel): boolean {
  return (
    variablesOf(network).moving.length === 0 && network.inputs.every(({ shape }) => !shape.slice(1).includes(null))
  );
}

/**
 * Steps over several threads, for WebAssembly, which has one: each computes the gradient of its share of the batch, and their
 * mean is the batch's. The same number of threads gives the same figures, another one differs by rounding.
 */
export class ParallelSteps extends PlainSteps {
  private readonly shared: SharedStep;
  private readonly workers: readonly Worker[];
  /** The batch's gradient. */
  private readonly mean: Float32Array;

  /** @throws RangeError if the network normalises by batch */
  constructor(network: LayersModel, { batchSizes, threads, ...options }: StepOptions & { readonly threads: number }) {
    super(network, options);
    const { shapes, loss } = options;
    const { trainable, frozen } = this.gradient.variables;
    if (!canBeDivided(network))
      throw new RangeError('Cannot train over several threads: the network must not normalise by batch');
    const weights = weightCount(trainable);
    const inputs = shapes.map(sizeOf);
    const sizes = { threads, weights, inputs, clips: Math.max(...batchSizes) };
    this.shared = new SharedStep(sizes);
    this.mean = new Float32Array(weights);
    const topology = network.toJSON(undefined, false) as object;
    const { filename, execArgv } = workerFile(__dirname, 'gradient-worker');
    this.workers = Array.from({ length: threads - 1 }, (_, i) => {
      const workerData: GradientTask = {
        topology,
        shapes,
        loss,
        frozen: readWeights(frozen),
        sizes,
        buffer: this.shared.buffer,
        share: i + 1,
      };
      const worker = new Worker(filename, { execArgv, workerData });
      // A training that is given up must not keep the process alive.
      worker.unref();
      return worker;
    });
  }

  override take(batch: Batch, step: number): StepResult {
    const { shared, workers } = this;
    const clips = batch.targets.length;
    readWeights(this.gradient.variables.trainable, shared.weights);
    for (const [k, input] of batch.inputs.entries()) shared.inputs[k].set(input);
    shared.targets.set(batch.targets);
    shared.numbers.set([step, clips]);
    for (const [i] of workers.entries()) shared.begin(i + 1);
    computeShare(this.network, this.gradient, { shared, share: 0 });
    for (const [i] of workers.entries()) shared.awaitEnd(i + 1, PATIENCE_MILLISECONDS);
    return this.combine(clips, this.rate(step));
  }

  override dispose(): void {
    super.dispose();
    for (const worker of this.workers) void worker.terminate();
  }

  /** Lets Adam follow the mean gradient of all shares, each weighted by its number of clips. */
  private combine(clips: number, rate: number): StepResult {
    const { shared, mean } = this;
    mean.fill(0);
    let [loss, correct] = [0, 0];
    for (let share = 0; share <= this.workers.length; share++) {
      const { from, to } = shared.range(share);
      const weight = (to - from) / clips;
      if (weight === 0) continue;
      const gradient = shared.gradient(share);
      for (let i = 0; i < mean.length; i++) mean[i] += weight * gradient[i];
      loss += weight * shared.results[2 * share];
      correct += shared.results[2 * share + 1];
    }
    tf.tidy(() => this.optimiser.apply(tf.tensor1d(mean), rate));
    return { loss, correct };
  }
}

/** Computes the gradient of a share of the batch, with the weights that are in the network. */
export function computeShare(
  network: LayersModel,
  gradient: Gradient,
  { shared, share }: { shared: SharedStep; share: number },
): void {
  const { from, to } = shared.range(share);
  if (from === to) return;
  const [step] = shared.numbers;
  setDropoutStep(network, step, from);
  tf.tidy(() => {
    // Copies, as tensors do not take shared memory.
    const inputs = shared.inputs.map((input) => {
      const size = input.length / shared.targets.length;
      return input.slice(from * size, to * size);
    });
    const batch = { inputs, targets: shared.targets.slice(from, to) };
    const [loss, correct, ...gradients] = gradient.of(batch);
    let at = 0;
    for (const each of gradients) {
      shared.gradient(share).set(each.dataSync(), at);
      at += each.size;
    }
    shared.results.set([loss.dataSync()[0], correct.dataSync()[0]], 2 * share);
  });
}
