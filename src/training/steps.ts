import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Batch, Shape } from '../dataset/examples.js';
import type { AdamState } from './adam.js';

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
  /** Puts what was learnt so far into the network: trained weights and moving averages. */
  publish(): void;
  /** A copy of what Adam remembers. */
  adam(): AdamState;
  /** Goes on from the weights and averages in the network and a state of Adam. */
  restore(adam: AdamState): void;
  /** Frees all but the network. */
  dispose(): void;
}

export interface StepOptions {
  /** Sizes of all batches to come. */
  readonly batchSizes: readonly number[];
  /** Of a clip in each of the network's inputs: a network may leave an axis open. */
  readonly shapes: readonly Shape[];
  readonly learningRate: number;
}

/** Prepares to take steps with a network. */
export type StepsFactory = (network: LayersModel, options: StepOptions) => TrainingSteps;
