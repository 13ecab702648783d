import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { AdamState } from './adam.js';
import type { Batch } from './gradient.js';
import { ParallelSteps, threadsFor } from './parallel-steps.js';
import { PlainSteps } from './plain-steps.js';
import { RecordedSteps } from './recorded-steps.js';

/** What a step found before it changed the weights. */
export interface StepResult {
  /** Mean cross-entropy in nats. */
  readonly loss: number;
  /** Clips whose class was found. */
  readonly correct: number;
}

/** Takes steps of Adam against the gradient of the categorical cross-entropy. */
export interface TrainingSteps {
  /**
   * Takes a step.
   *
   * @param step - its number from 0, which the dropout depends on
   */
  take(batch: Batch, step: number): StepResult;
  /** Puts the weights learnt so far into the network. */
  publish(): void;
  /** A copy of what Adam remembers. */
  adam(): AdamState;
  /** Goes on from the weights in the network and a state of Adam. */
  restore(adam: AdamState): void;
  /** Frees all but the network. */
  dispose(): void;
}

export interface StepOptions {
  /** Sizes of all batches to come. */
  readonly batchSizes: readonly number[];
  readonly learningRate: number;
}

/**
 * The fastest way to take steps on the backend in use: on the native one a recorded graph; on WebAssembly tfjs's operations
 * one by one, a large network over several threads. All compute the same, up to rounding.
 *
 * @param network - ends with a softmax; nothing but seeded dropout may differ from step to step in it
 */
export function trainingSteps(network: LayersModel, options: StepOptions): TrainingSteps {
  if (tf.getBackend() === 'tensorflow') return new RecordedSteps(network, options);
  const threads = threadsFor(network);
  return threads > 1 ? new ParallelSteps(network, { ...options, threads }) : new PlainSteps(network, options);
}
