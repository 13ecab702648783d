/**
 * From a network's definition and a dataset to a network that has learnt.
 *
 * In: what to learn from. Out: the fitted network, and how it came about.
 */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type Alteration, shuffledBatches } from '../dataset/batches.js';
import { type Dataset, subsetOf } from '../dataset/examples.js';
import type { ClosedFormFitting, GradientFitting, NetworkDefinition, NetworkShape } from '../networks/network.js';
import { type EpochRecord, Training, type TrainingJob, type TrainingOptions, type TrainingState } from './training.js';

/** What is learnt from. */
export interface FitData {
  readonly dataset: Dataset;
  /** What is learnt from in place of the dataset's clips: all of them in one form, then in the next one, and so on. */
  readonly copies?: Dataset;
  /** Indices into the dataset. */
  readonly train: readonly number[];
  readonly validation: readonly number[];
  /** Whether what is fitted at once may, in the end, learn from the validation set, too: not where the test set validates. */
  readonly refit?: boolean;
}

/** What accompanies a fit that takes long. */
export interface FitOptions {
  /** Where to go on from; default: the start. */
  readonly state?: TrainingState;
  /** Called after each epoch. */
  readonly onEpoch?: (record: EpochRecord, training: Training) => Promise<void>;
  /** Ends the fit after the epoch at hand. */
  readonly signal?: AbortSignal;
}

/** What came of a fit. */
export interface Fitted {
  /** With the weights of the best epoch. */
  readonly network: LayersModel;
  /** Empty where there are no epochs. */
  readonly history: readonly EpochRecord[];
  /** From 1; 0 where there are no epochs. */
  readonly bestEpoch: number;
  /** Whether it ran to its end. */
  readonly finished: boolean;
  /**
   * Probabilities of the validation set, row-major, shape `(clips, classes)`, by a network that has not learnt from it; only
   * where {@link network} has.
   */
  readonly heldOut?: Float32Array;
}

/** Learns to tell classes apart; as in scikit-learn, whatever is behind it has a `fit`. */
export interface Estimator {
  fit(data: FitData, options?: FitOptions): Promise<Fitted>;
}

/** All that determines what an estimator learns, beside the data. */
export interface EstimatorOptions extends TrainingOptions, Partial<Pick<TrainingJob, 'steps'>> {
  readonly shape: NetworkShape;
  /** What differs from the network's usual sizes. */
  readonly sizes?: object;
  readonly alter?: Alteration;
}

/** The estimator that fits a network as its definition says; throws RangeError of an ensemble. */
export function estimatorFor({ fitting }: NetworkDefinition, options: EstimatorOptions): Estimator {
  if (fitting.by === 'members')
    throw new RangeError('Cannot fit an ensemble at once: its members are fitted one by one');
  return fitting.by === 'gradient' ? byGradient(fitting, options) : inClosedForm(fitting, options);
}

function byGradient({ build }: GradientFitting, { shape, sizes, ...options }: EstimatorOptions): Estimator {
  return {
    async fit({ dataset, train, validation }, { state, onEpoch, signal } = {}) {
      const network = build(shape, sizes);
      const sets = { train: shuffledBatches(dataset, train, options), validation: subsetOf(dataset, validation) };
      const training = new Training(network, sets, options);
      try {
        if (state) training.resume(state);
        if (!signal?.aborted)
          for await (const record of training.epochs()) {
            await onEpoch?.(record, training);
            if (signal?.aborted) break;
          }
        training.restoreBest();
        const { history, bestEpoch, finished } = training;
        return { network, history, bestEpoch, finished };
      } catch (error) {
        network.dispose();
        throw error;
      } finally {
        training.dispose();
      }
    },
  };
}

function inClosedForm({ solve }: ClosedFormFitting, { shape }: EstimatorOptions): Estimator {
  return {
    async fit({ train, validation, refit = false, ...data }) {
      const trial = { train: learntFrom(data, train), validation: subsetOf(data.dataset, validation) };
      const final = refit
        ? learntFrom(
            data,
            [...train, ...validation].sort((a, b) => a - b),
          )
        : trial.train;
      const { network, heldOut } = solve({ trials: [trial], final }, shape);
      return { network, history: [], bestEpoch: 0, finished: true, ...(refit && { heldOut }) };
    },
  };
}

/**
 * Fits to all clips what is fitted by a formula. How sure of itself it is to be, folds tell: each is answered by a fit to all
 * the others.
 *
 * @param folds - indices into the dataset; no clip is in two of them
 */
export function fitToAll(
  { solve }: ClosedFormFitting,
  { folds, ...data }: Pick<FitData, 'dataset' | 'copies'> & { readonly folds: readonly (readonly number[])[] },
  shape: NetworkShape,
): LayersModel {
  const all = Array.from({ length: data.dataset.count }, (_, i) => i);
  const trials = folds.map((fold) => {
    const others = new Set(all);
    for (const clip of fold) others.delete(clip);
    return { train: learntFrom(data, [...others]), validation: subsetOf(data.dataset, fold) };
  });
  return solve({ trials, final: learntFrom(data, all) }, shape).network;
}

/** Clips as they are learnt from: in every form, if there are several. */
function learntFrom(
  { dataset, copies = dataset }: Pick<FitData, 'dataset' | 'copies'>,
  clips: readonly number[],
): Dataset {
  const rows: number[] = [];
  for (let first = 0; first < copies.count; first += dataset.count) for (const i of clips) rows.push(first + i);
  return subsetOf(copies, rows);
}
