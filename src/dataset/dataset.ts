/**
 * From the clips of a corpus and their features to what a network takes: normalised inputs and targets.
 *
 * In: clips and their features. Out: a {@link Dataset}, which writes each clip's input where it is wanted.
 */
import { grouped } from '../common/grouped.js';
import type { Clip } from '../corpora/clip.js';
import type { ClipFeatures } from '../features/clip-features.js';
import { meanOfCopies } from '../features/cut.js';
import {
  bandMeans,
  bandStatistics,
  NO_STATISTICS,
  type Normalisation,
  type Statistics,
} from '../features/normalise.js';
import type { Spectrogram } from '../features/spectrogram.js';
import { classIndex, type Dataset, type Examples, gathered } from './examples.js';
import { INPUTS, type InputName } from './inputs.js';

/** A clip that was left out, and why. */
export interface SkippedClip {
  readonly clip: Clip;
  readonly reason: string;
}

/**
 * The features of a clip, and the SHA-256 of the recording that they were computed of. The matrix may be read from the cache
 * each time that it is asked for.
 */
export interface CollectedFeatures extends ClipFeatures {
  readonly sha256?: string;
}

/** The usable clips of a corpus with their features, in the clips' order. */
export interface Collection {
  readonly clips: readonly Clip[];
  /** Of each clip: its first frames, at most as many as the network takes; statistics are of the whole clip. */
  readonly features: readonly CollectedFeatures[];
  readonly skipped: readonly SkippedClip[];
}

/** Copies of the same clips as one collection: of each clip the mean of its copies, each averaged over time. */
export function averaged(copies: readonly Collection[]): Collection {
  const [first] = copies;
  const features = first.features.map(({ sampleRateHz, durationSeconds, statistics, sha256 }, i) => ({
    ...{ sampleRateHz, durationSeconds, statistics, sha256 },
    get matrix() {
      return meanOfCopies(copies.map((copy) => copy.features[i].matrix));
    },
  }));
  return { ...first, features };
}

/** Frames of 2 s at 22,050 Hz and a hop of 512: what the original's network takes. */
export const INPUT_FRAMES = 87;

/** How features become inputs. */
export interface DatasetOptions {
  readonly normalisation: Normalisation;
  /** What the network takes of a clip; default: `picture`. */
  readonly input?: InputName;
  /** Frames that it takes. */
  readonly frames: number;
  /** The training set, as indices into the clips: the only clips that `train` takes statistics from. */
  readonly train: readonly number[];
  /** Class names in the order of the network's outputs. */
  readonly labels: readonly string[];
}

/** Clips with features, which may be altered before they are normalised and written. */
export interface FeatureDataset extends Dataset {
  /** As `write`, of altered features: never of a clip that is tested with. */
  writeAltered(clip: number, into: readonly Float32Array[], alter: (features: Spectrogram) => Spectrogram): void;
}

/**
 * The features of clips as a network is trained and evaluated with them. Of each clip they are asked for when it is written, and
 * normalised then: nothing is kept here.
 *
 * @returns the dataset, and with `train` the statistics that prediction needs again
 * @throws RangeError if a clip's emotion is not among the labels
 */
export function normalisedDataset(
  { clips, features }: Collection,
  { normalisation, input = 'picture', frames: wanted, train, labels }: DatasetOptions,
): { dataset: FeatureDataset; trainStatistics?: Statistics } {
  const trainStatistics = normalisation === 'train' ? bandStatistics(matricesOf(features, train)) : undefined;
  const none = normalisation === 'none' ? NO_STATISTICS : undefined;
  const bySpeaker = normalisation === 'speaker' ? speakerStatistics(clips, features) : undefined;
  const kind = INPUTS[input];
  const partOf = ({ matrix }: CollectedFeatures) => kind.part(matrix);
  const { bands } = partOf(features[0]);
  const longest = () => features.reduce((most, each) => Math.max(most, partOf(each).frames), 0);
  const frames = kind.frames(longest, wanted);
  const write = (i: number, part: Spectrogram, into: readonly Float32Array[]) => {
    const own = normalisation === 'bands' ? bandMeans(part) : features[i].statistics;
    const used = none ?? trainStatistics ?? bySpeaker?.get(clips[i].speaker) ?? own;
    kind.write(part, used, { frames, into });
  };
  const dataset: FeatureDataset = {
    count: clips.length,
    shapes: kind.shapes({ bands, frames }),
    write: (i, into) => write(i, partOf(features[i]), into),
    writeAltered: (i, into, alter) => write(i, alter(partOf(features[i])), into),
    targets: clips.map(({ emotion }) => classIndex(emotion, labels)),
    labels,
  };
  return { dataset, trainStatistics };
}

/**
 * What a network takes of each clip, as pictures, for figures and tables; all of them in memory.
 *
 * @throws RangeError if it takes no pictures
 */
export function picturesOf(examples: Examples): Spectrogram[] {
  const [[bands, frames = undefined]] = examples.shapes;
  if (frames === undefined)
    throw new RangeError(
      `Cannot show inputs as pictures: their shape must be (bands, frames), current value is (${examples.shapes[0].join(', ')})`,
    );
  return Array.from({ length: examples.count }, (_, i) => ({ values: gathered(examples, [i])[0], bands, frames }));
}

/**
 * What a network takes of clips, as vectors, for figures; all of them in memory.
 *
 * @param indices - the clips; default: all
 * @returns row-major, shape `(clips, size)`
 * @throws RangeError if it takes no vectors
 */
export function vectorsOf(
  examples: Examples,
  indices: readonly number[] = Array.from({ length: examples.count }, (_, i) => i),
): { values: Float32Array; size: number } {
  const [[size, ...more]] = examples.shapes;
  if (more.length > 0)
    throw new RangeError(
      `Cannot show inputs as vectors: their shape must be (size), current value is (${examples.shapes[0].join(', ')})`,
    );
  return { values: gathered(examples, indices)[0], size };
}

/** Class names of clips, in alphabetical order: the order of the network's outputs. */
export function labelsOf(clips: readonly Pick<Clip, 'emotion'>[]): string[] {
  return [...new Set(clips.map((clip) => clip.emotion))].sort();
}

/** Uses no labels: what could be computed for an unknown speaker with some recordings as well. */
function speakerStatistics(clips: readonly Clip[], features: readonly ClipFeatures[]): Map<string, Statistics> {
  const bySpeaker = grouped(clips.keys(), (i) => clips[i].speaker);
  return new Map([...bySpeaker].map(([speaker, theirs]) => [speaker, bandStatistics(matricesOf(features, theirs))]));
}

/** One after the other, so that they need not be in memory together. */
function* matricesOf(features: readonly ClipFeatures[], indices: readonly number[]): Generator<Spectrogram> {
  for (const i of indices) yield features[i].matrix;
}
