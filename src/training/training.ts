import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { InputError } from '../common/errors.js';
import { deriveSeed, seededRandom, shuffled } from '../common/random.js';
import { type Dataset, rowsOf } from '../dataset/dataset.js';
import { evaluate } from '../evaluation/metrics.js';
import { predictProbabilities } from '../networks/network-use.js';
import { assignWeights, readWeights } from '../networks/weights.js';
import type { AdamState } from './adam.js';
import { type TrainingSteps, trainingSteps } from './choose-steps.js';

/** How a network is trained. */
export interface TrainingOptions {
  /** Epochs at most. */
  readonly epochs: number;
  readonly batchSize: number;
  /** Epochs without a lower validation loss after which training stops. */
  readonly patience: number;
  /** Adam's rate. */
  readonly learningRate: number;
  /** Governs the order of the clips and the dropout. */
  readonly seed: number;
}

/** The Python original's. */
export const TRAINING_DEFAULTS: TrainingOptions = {
  epochs: 100,
  batchSize: 32,
  patience: 10,
  learningRate: 0.001,
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
  /** All weights, one after the other. */
  readonly weights: Float32Array;
  /** The weights after the epoch with the lowest validation loss. */
  readonly bestWeights: Float32Array;
  readonly adam: AdamState;
}

/**
 * Trains a network: Adam on categorical cross-entropy, with early stopping on the validation loss.
 *
 * @example
 * const training = new Training(network, dataset, { train, validation, options: TRAINING_DEFAULTS });
 * for await (const epoch of training.epochs()) console.log(epoch);
 * training.restoreBest();
 * training.dispose();
 */
export class Training {
  private readonly variables: tf.Variable[];
  private readonly steps: TrainingSteps;
  private readonly records: EpochRecord[] = [];
  private readonly validationInputs: Float32Array;
  private bestWeights: Float32Array;

  /**
   * @param sets - clips to train and to validate with, as indices into the dataset
   * @throws RangeError if an option is out of range or a set is empty
   */
  constructor(
    private readonly network: LayersModel,
    private readonly data: Dataset,
    private readonly sets: {
      readonly train: readonly number[];
      readonly validation: readonly number[];
      readonly options: TrainingOptions;
    },
  ) {
    checkOptions(sets.options);
    for (const set of ['train', 'validation'] as const)
      if (sets[set].length === 0) throw new RangeError(`Cannot train: the ${set} set is empty`);
    this.variables = network.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const { batchSize, learningRate } = sets.options;
    const [clips, last] = [sets.train.length, sets.train.length % batchSize];
    const batchSizes = [batchSize, last].filter((size) => size > 0 && size <= clips);
    this.steps = trainingSteps(network, { batchSizes, learningRate });
    this.validationInputs = rowsOf(data, sets.validation);
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
    const { epochs, patience } = this.sets.options;
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
    const { train, validation, options } = this.sets;
    const { targets, labels } = this.data;
    const epoch = this.records.length + 1;
    const order = shuffled(train, seededRandom(deriveSeed(options.seed, `epoch ${epoch}`)));
    const steps = Math.ceil(order.length / options.batchSize);
    const totals = { loss: 0, correct: 0 };
    const size = this.data.bands * this.data.frames;
    const rows = new Float32Array(options.batchSize * size);
    for (let step = 0; step < steps; step++) {
      const batch = order.slice(step * options.batchSize, (step + 1) * options.batchSize);
      const { loss, correct } = this.steps.take(
        {
          inputs: rowsOf(this.data, batch, rows.subarray(0, batch.length * size)),
          targets: Int32Array.from(batch, (i) => targets[i]),
        },
        (epoch - 1) * steps + step,
      );
      totals.loss += loss * batch.length;
      totals.correct += correct;
      // Lets signals, timers and other cells' output through.
      await new Promise(setImmediate);
    }
    this.steps.publish();
    const probabilities = predictProbabilities(this.network, this.validationInputs, this.data);
    const measured = evaluate(
      validation.map((i) => targets[i]),
      probabilities,
      labels,
    );
    if (!Number.isFinite(totals.loss + measured.loss))
      throw new InputError(
        `Training diverged in epoch ${epoch}: the loss is no longer a number; lower the learning rate (${options.learningRate})`,
      );
    return {
      epoch,
      loss: totals.loss / order.length,
      accuracy: totals.correct / order.length,
      valLoss: measured.loss,
      valAccuracy: measured.accuracy,
      seconds: (performance.now() - begun) / 1000,
    };
  }
}

/** The index of the largest value, the first of several; −1 if there is none. */
export function indexOfBest(values: readonly number[]): number {
  let best = -1;
  for (let i = 0; i < values.length; i++) if (best < 0 || values[i] > values[best]) best = i;
  return best;
}

function checkOptions({ epochs, batchSize, patience, learningRate }: TrainingOptions): void {
  const positive = (value: number) => Number.isInteger(value) && value > 0;
  const rules: [ok: boolean, rule: string, value: number][] = [
    [positive(epochs), 'epochs must be a positive integer', epochs],
    [positive(batchSize), 'batchSize must be a positive integer', batchSize],
    [positive(patience), 'patience must be a positive integer', patience],
    [learningRate > 0 && Number.isFinite(learningRate), 'learningRate must be positive', learningRate],
  ];
  for (const [ok, rule, value] of rules)
    if (!ok) throw new RangeError(`Cannot train: ${rule}, current value is ${value}`);
}
