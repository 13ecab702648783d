import { NORMALISATIONS } from '../features/normalise.js';
import { type Collection, type DatasetOptions, normalisedDataset, picturesOf } from './dataset.js';
import type { Protocol, Split } from './splits.js';

/** Whose statistics a clip is normalised with; `all clips` is the common mistake, the whole corpus's before the split. */
const WAYS = [...NORMALISATIONS, 'all clips'] as const;

/** What reaches where, if every second clip of the test set is made louder. */
export interface Leak {
  readonly protocol: Protocol;
  readonly normalisation: (typeof WAYS)[number];
  /** Training clips whose inputs change: any is a leak. */
  readonly trainingClips: number;
  /** Clips of the test set that were left as they are, and whose inputs change all the same. */
  readonly otherTestClips: number;
}

/**
 * Finds out what leaks: every second clip of the test set is made 20 dB louder, everything is normalised again in each way,
 * and the clips are counted whose inputs to the network changed although they themselves did not.
 *
 * @returns one row per normalisation, and one for statistics of all clips
 */
export function normalisationLeaks(
  collection: Collection,
  split: Split,
  options: Pick<DatasetOptions, 'frames' | 'labels'>,
): Leak[] {
  const changed = split.test.filter((_, i) => i % 2 === 0);
  return WAYS.map((way) => {
    const mistaken = way === 'all clips';
    const normalisation = mistaken ? 'train' : way;
    const train = mistaken ? collection.clips.map((_, i) => i) : split.train;
    const found = new Set(dependentClips(collection, { ...options, normalisation, train }, { changed }));
    const count = (set: readonly number[]) => set.filter((i) => found.has(i)).length;
    return {
      protocol: split.protocol,
      normalisation: way,
      trainingClips: count(split.train),
      otherTestClips: count(split.test),
    };
  });
}

/**
 * Which clips' inputs to the network depend on certain other clips: the others are made louder, everything is normalised
 * again, and any input that changes depended on them.
 *
 * @param changed - the clips that are made louder, as indices into the collection's
 * @param decibels - by how much; default 20
 * @returns indices of the clips outside of `changed` whose inputs are not the same as before, ascending
 */
export function dependentClips(
  collection: Collection,
  options: DatasetOptions,
  { changed, decibels = 20 }: { readonly changed: readonly number[]; readonly decibels?: number },
): number[] {
  const before = picturesOf(normalisedDataset(collection, options).dataset);
  const after = picturesOf(normalisedDataset(louder(collection, changed, decibels), options).dataset);
  const touched = new Set(changed);
  return before.flatMap(({ values }, i) => (!touched.has(i) && !equal(values, after[i].values) ? [i] : []));
}

function louder(collection: Collection, indices: readonly number[], decibels: number): Collection {
  const chosen = new Set(indices);
  const features = collection.features.map((each, i) => {
    if (!chosen.has(i)) return each;
    const { sampleRateHz, durationSeconds, statistics, matrix } = each;
    const { mean, std } = statistics;
    return {
      ...{ sampleRateHz, durationSeconds },
      matrix: { ...matrix, values: matrix.values.map((value) => value + decibels) },
      statistics: { mean: mean.map((value) => value + decibels), std },
    };
  });
  return { ...collection, features };
}

function equal(a: Float32Array, b: Float32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
