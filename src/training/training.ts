import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { InputError } from '../common/errors.js';
import type { Batches, BatchOptions } from '../dataset/batches.js';
import type { Dataset } from '../dataset/examples.js';
import { evaluate } from '../evaluation/metrics.js';
import { predictProbabilities } from '../networks/probabilities.js';
import { assignWeights, readWeights, variablesOf } from '../networks/weights.js';
import type { AdamState } from './adam.js';
import { PlainSteps } from './plain-steps.js';
import { learningRates, type Schedule } from './schedule.js';
import type { StepsFactory, TrainingSteps } from './steps.js';

/** How much a clip counts: as much as every other one, or so much that all classes count alike. */
export const CLASS_WEIGHTS = ['equal', 'balanced'] as const;
export type ClassWeights = (typeof CLASS_WEIGHTS)[number];

/** How long a network is trained, how fast it learns, and from what. */
export interface EpochOptions {
  /** Epochs at most. */
  readonly epochs: number;
  /** Epochs without a lower validation loss after which training stops. */
  readonly patience: number;
  /** Adam's rate, the largest one where it changes. */
  readonly learningRate: number;
  readonly schedule: Schedule;
  /** Share of the rate by which weights shrink at each step (AdamW). */
  readonly weightDecay: number;
  /** Share of the target that is spread over all classes. */
  readonly labelSmoothing: number;
  readonly classWeights: ClassWeights;
}

/** How a network is trained. */
export type TrainingOptions = EpochOptions & Omit<BatchOptions, 'alter'>;

/** The Python original's. */
export const TRAINING_DEFAULTS: TrainingOptions = {
  epochs: 100,
  batchSize: 32,
  patience: 10,
  learningRate: 0.001,
  schedule: 'constant',
  weightDecay: 0,
  labelSmoothing: 0,
  classWeights: 'equal',
  seed: 42,
};

/** One epoch's figures; those of the training set are means over its batches, with dropout, as Keras reports them. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly valLoss: number;
  readonly valAccuracy: number;
  readonly seconds: number;
}

/** All that training needs to go on after an epoch. */
export interface TrainingState {
  readonly history: readonly EpochRecord[];
  /** All that training changes, one after the other: trained weights, then moving averages. */
  readonly weights: Float32Array;
  /** The same after the epoch with the lowest validation loss. */
  readonly bestWeights: Float32Array;
  readonly adam: AdamState;
}

/** How a {@link Training} goes about it. */
export interface TrainingJob extends EpochOptions {
  /** How steps are taken; default: by tfjs's operations. In Node, `trainingSteps` takes the same ones faster. */
  readonly steps: StepsFactory;
}

/** What a network learns from, and what tells how well it does. */
export interface TrainingSets {
  readonly train: Batches;
  readonly validation: Dataset;
}

/**
 * Trains a network: Adam on categorical cross-entropy, with early stopping on the validation loss.
 *
 * @example
 * const train = shuffledBatches(dataset, split.train, TRAINING_DEFAULTS);
 * const validation = subsetOf(dataset, split.validation);
 * const training = new Training(network, { train, validation }, { epochs: 20, steps: trainingSteps });
 * for await (const epoch of training.epochs()) console.log(epoch);
 * training.restoreBest();
 * training.dispose();
 */
export class Training {
  /** What changes in training: trained weights, then moving averages. */
  private readonly variables: readonly tf.Variable[];
  private readonly steps: TrainingSteps;
  private readonly records: EpochRecord[] = [];
  private readonly options: TrainingJob;
  private bestWeights: Float32Array;

  /** @throws RangeError if an option is out of range or the validation set is empty */
  constructor(
    /** Has the latest epoch's weights while training, see {@link restoreBest}. */
    readonly network: LayersModel,
    private readonly sets: TrainingSets,
    options: Partial<TrainingJob> = {},
  ) {
    this.options = { steps: plainSteps, ...TRAINING_DEFAULTS, ...options };
    checkOptions(this.options);
    if (sets.validation.count === 0) throw new RangeError('Cannot train: the validation set is empty');
    const { trainable, moving } = variablesOf(network);
    this.variables = [...trainable, ...moving];
    const { steps, schedule, learningRate, epochs, weightDecay, labelSmoothing, classWeights } = this.options;
    const { sizes: batchSizes, shapes } = sets.train;
    this.steps = steps(network, {
      ...{ batchSizes, shapes, weightDecay },
      rate: learningRates(schedule, learningRate, epochs * sets.train.steps),
      loss: { labelSmoothing, classWeights: classWeights === 'balanced' ? sets.train.balance() : undefined },
    });
    this.bestWeights = readWeights(this.variables);
  }

  /** The epochs so far. */
  get history(): readonly EpochRecord[] {
    return this.records;
  }

  /** The epoch with the lowest validation loss (the first of several), from 1; 0 before the first epoch. */
  get bestEpoch(): number {
    return indexOfBest(this.records.map((record) => -record.valLoss)) + 1;
  }

  /** Whether there is nothing left to do: all epochs done, or no better one for too long. */
  get finished(): boolean {
    const { epochs, patience } = this.options;
    return (
      this.records.length >= epochs || (this.records.length > 0 && this.records.length - this.bestEpoch >= patience)
    );
  }

  /** Trains epoch by epoch until {@link finished}; leaving the loop earlier keeps what was learnt. */
  async *epochs(): AsyncGenerator<EpochRecord> {
    while (!this.finished) {
      const record = await this.epoch();
      this.records.push(record);
      if (this.bestEpoch === record.epoch) this.bestWeights = readWeights(this.variables);
      yield record;
    }
  }

  /** Puts the weights of the best epoch into the network. */
  restoreBest(): void {
    assignWeights(this.variables, this.bestWeights);
  }

  /** All that is needed to go on later, with the same result as without a break. */
  state(): TrainingState {
    return {
      history: [...this.records],
      weights: readWeights(this.variables),
      bestWeights: this.bestWeights,
      adam: this.steps.adam(),
    };
  }

  /** Goes on from a state of the same network, data and options. */
  resume({ history, weights, bestWeights, adam }: TrainingState): void {
    this.records.splice(0, this.records.length, ...history);
    this.bestWeights = bestWeights;
    assignWeights(this.variables, weights);
    this.steps.restore(adam);
  }

  /** Frees the optimiser's tensors; the network stays. */
  dispose(): void {
    this.steps.dispose();
  }

  private async epoch(): Promise<EpochRecord> {
    const begun = performance.now();
    const { train, validation } = this.sets;
    const epoch = this.records.length + 1;
    const totals = { loss: 0, correct: 0 };
    let step = (epoch - 1) * train.steps;
    for (const batch of train.of(epoch)) {
      const { loss, correct } = this.steps.take(batch, step++);
      totals.loss += loss * batch.targets.length;
      totals.correct += correct;
      await othersTurn();
    }
    this.steps.publish();
    const probabilities = predictProbabilities(this.network, validation);
    const measured = evaluate(validation.targets, probabilities, validation.labels);
    if (!Number.isFinite(totals.loss + measured.loss))
      throw new InputError(
        `Training diverged in epoch ${epoch}: the loss is no longer a number; lower the learning rate (${this.options.learningRate})`,
      );
    return {
      epoch,
      loss: totals.loss / train.clips,
      accuracy: totals.correct / train.clips,
      valLoss: measured.loss,
      valAccuracy: measured.accuracy,
      seconds: (performance.now() - begun) / 1000,
    };
  }
}

/** Lets signals, timers and other cells' output through. Browsers have no setImmediate. */
function othersTurn(): Promise<void> {
  return new Promise((go) => (typeof setImmediate === 'function' ? setImmediate(go) : setTimeout(go)));
}

const plainSteps: StepsFactory = (network, options) => new PlainSteps(network, options);

/** The index of the largest value, the first of several; −1 if there is none. */
export function indexOfBest(values: readonly number[]): number {
  let best = -1;
  for (let i = 0; i < values.length; i++) if (best < 0 || values[i] > values[best]) best = i;
  return best;
}

function checkOptions({ epochs, patience, learningRate, weightDecay, labelSmoothing }: EpochOptions): void {
  const positive = (value: number) => Number.isInteger(value) && value > 0;
  const share = (value: number) => value >= 0 && value < 1;
  const rules: [ok: boolean, rule: string, value: number][] = [
    [positive(epochs), 'epochs must be a positive integer', epochs],
    [positive(patience), 'patience must be a positive integer', patience],
    [learningRate > 0 && Number.isFinite(learningRate), 'learningRate must be positive', learningRate],
    [share(weightDecay), 'weightDecay must be at least 0 and below 1', weightDecay],
    [share(labelSmoothing), 'labelSmoothing must be at least 0 and below 1', labelSmoothing],
  ];
  for (const [ok, rule, value] of rules)
    if (!ok) throw new RangeError(`Cannot train: ${rule}, current value is ${value}`);
}
