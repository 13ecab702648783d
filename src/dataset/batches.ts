import { deriveSeed, type Random, seededRandom, shuffled } from '../common/random.js';
import { type Batch, buffersFor, type Dataset, firstOf, gathered, type Shape, sizeOf } from './examples.js';

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
  /**
   * The batches of an epoch.
   *
   * @param epoch - from 1
   * @returns each is valid until the next one is taken
   */
  of(epoch: number): Iterable<Batch>;
}

/** Changes what the network takes of a clip, in place; drawn anew for every clip in every epoch. */
export type Alteration = (inputs: readonly Float32Array[], random: Random) => void;

export interface BatchOptions {
  readonly batchSize: number;
  /** Governs the order of the clips and how they are altered. */
  readonly seed: number;
  /** Default: clips stay as they are. */
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
  const sizes = dataset.shapes.map(sizeOf);
  return {
    clips: clips.length,
    steps: Math.ceil(clips.length / largest),
    sizes: rest > 0 ? [largest, rest] : [largest],
    shapes: dataset.shapes,
    *of(epoch) {
      const order = shuffled(clips, seededRandom(deriveSeed(seed, `epoch ${epoch}`)));
      const buffers = buffersFor(dataset.shapes, largest);
      for (let from = 0; from < order.length; from += largest) {
        const batch = order.slice(from, from + largest);
        const inputs = gathered(dataset, batch, firstOf(buffers, dataset.shapes, batch.length));
        if (alter)
          for (const [row, clip] of batch.entries())
            alter(
              inputs.map((input, k) => input.subarray(row * sizes[k], (row + 1) * sizes[k])),
              seededRandom(deriveSeed(seed, `alter ${clip} in epoch ${epoch}`)),
            );
        yield { inputs, targets: Int32Array.from(batch, (i) => dataset.targets[i]) };
      }
    },
  };
}
