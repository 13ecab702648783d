import { deriveSeed, type Random, seededRandom, shuffled } from '../common/random.js';
import { type Batch, buffersFor, type Dataset, firstOf, gathered, type Shape } from './examples.js';

/** What a network is trained with: for each epoch its batches. */
export interface Batches {
  /** Clips in an epoch. */
  readonly clips: number;
  /** Batches in an epoch. */
  readonly steps: number;
  /** The numbers of clips that batches have. */
  readonly sizes: readonly number[];
  /** Of a clip in each of the network's inputs. */
  readonly shapes: readonly Shape[];
  /** How much a clip of each class counts so that all classes count alike: scikit-learn's `balanced` class weights. */
  balance(): number[];
  /**
   * The batches of an epoch.
   *
   * @param epoch - from 1
   * @returns each is valid until the next one is taken
   */
  of(epoch: number): Iterable<Batch>;
}

/** Writes what the network takes of a clip, altered; drawn anew for every clip in every epoch. */
export type Alteration = (clip: number, into: readonly Float32Array[], random: Random) => void;

export interface BatchOptions {
  readonly batchSize: number;
  /** Governs the order of the clips and how they are altered. */
  readonly seed: number;
  /** Default: clips are written as the dataset has them. */
  readonly alter?: Alteration;
}

/**
 * Batches of a dataset's clips in another random order in each epoch, the last one smaller where they do not divide evenly.
 *
 * @param clips - the clips to train with, as indices into the dataset
 * @throws RangeError if there are no clips, or `batchSize` is not a positive integer
 */
export function shuffledBatches(
  dataset: Dataset,
  clips: readonly number[],
  { batchSize, seed, alter }: BatchOptions,
): Batches {
  if (clips.length === 0) throw new RangeError('Cannot train: the training set is empty');
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw new RangeError(`Cannot train: batchSize must be a positive integer, current value is ${batchSize}`);
  const largest = Math.min(batchSize, clips.length);
  const rest = clips.length % largest;
  return {
    clips: clips.length,
    steps: Math.ceil(clips.length / largest),
    sizes: rest > 0 ? [largest, rest] : [largest],
    shapes: dataset.shapes,
    balance() {
      const counts = dataset.labels.map((_, c) => clips.filter((i) => dataset.targets[i] === c).length);
      return counts.map((count) => (count > 0 ? clips.length / (counts.length * count) : 0));
    },
    *of(epoch) {
      const order = shuffled(clips, seededRandom(deriveSeed(seed, `epoch ${epoch}`)));
      const buffers = buffersFor(dataset.shapes, largest);
      for (let from = 0; from < order.length; from += largest) {
        const batch = order.slice(from, from + largest);
        const write = alter
          ? (clip: number, into: readonly Float32Array[]) =>
              alter(clip, into, seededRandom(deriveSeed(seed, `alter ${clip} in epoch ${epoch}`)))
          : dataset.write;
        const { shapes } = dataset;
        const inputs = gathered({ shapes, write }, batch, firstOf(buffers, shapes, batch.length));
        yield { inputs, targets: Int32Array.from(batch, (i) => dataset.targets[i]) };
      }
    },
  };
}
