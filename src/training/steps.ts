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
  /** Adam's rate at a step, from 0. */
  readonly rate: (step: number) => number;
  /** Share of the rate by which every weight shrinks at each step (AdamW); default: 0. */
  readonly weightDecay?: number;
  /** What is taken for the loss; default: the cross-entropy as it is. */
  readonly loss?: LossOptions;
}

/** How the cross-entropy is changed. */
export interface LossOptions {
  /** Share of the target that is spread over all classes, so that the network stays unsure of itself; default: 0. */
  readonly labelSmoothing?: number;
  /** How much a clip of each class counts; default: 1. */
  readonly classWeights?: readonly number[];
}

/** Prepares to take steps with a network. */
export type StepsFactory = (network: LayersModel, options: StepOptions) => TrainingSteps;
