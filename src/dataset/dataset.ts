import type { Clip } from '../corpora/clip.js';
import type { ClipFeatures } from '../features/clip-features.js';
import { bandStatistics, type Normalisation, normalisedInput, type Statistics } from '../features/normalise.js';
import type { Spectrogram } from '../features/spectrogram.js';

/** A clip that was left out, and why. */
export interface SkippedClip {
  readonly clip: Clip;
  readonly reason: string;
}

/** The usable clips of a corpus with their features, in the clips' order. */
export interface Collection {
  readonly clips: readonly Clip[];
  readonly features: readonly ClipFeatures[];
  readonly skipped: readonly SkippedClip[];
}

/** Clips as the network takes them, and their classes. */
export interface Dataset {
  /** Normalised windows, row-major, shape `(clips, bands, frames)`. */
  readonly inputs: Float32Array;
  readonly bands: number;
  readonly frames: number;
  /** Class index of each clip. */
  readonly targets: readonly number[];
  /** Class names in the order of the network's outputs. */
  readonly labels: readonly string[];
}

/** Frames of 2 s at 22,050 Hz and a hop of 512: the original's window. */
export const INPUT_FRAMES = 87;

/** What the features are normalised by. */
export interface NormalisationOptions {
  readonly normalisation: Normalisation;
  readonly frames: number;
  /** The training set, as indices into the clips: the only clips that `train` takes statistics from. */
  readonly train: readonly number[];
  /** Class names in the order of the network's outputs. */
  readonly labels: readonly string[];
}

/**
 * Normalises the features of clips: what a network is trained and evaluated with.
 *
 * @returns the dataset, and with `train` the statistics that prediction needs again
 */
export function normalisedDataset(
  { clips, features }: Collection,
  { normalisation, frames, train, labels }: NormalisationOptions,
): { dataset: Dataset; trainStatistics?: Statistics } {
  const trainStatistics =
    normalisation === 'train' ? bandStatistics(train.map((i) => features[i].decibels)) : undefined;
  const bySpeaker = normalisation === 'speaker' ? speakerStatistics(clips, features) : undefined;
  const bands = features[0].decibels.bands;
  const size = bands * frames;
  const inputs = new Float32Array(clips.length * size);
  for (const [i, { decibels, statistics }] of features.entries()) {
    const target = inputs.subarray(i * size, (i + 1) * size);
    const used = trainStatistics ?? bySpeaker?.get(clips[i].speaker) ?? statistics;
    normalisedInput(decibels, used, { frames, target });
  }
  const targets = clips.map((clip) => labels.indexOf(clip.emotion));
  return { dataset: { inputs, bands, frames, targets, labels }, trainStatistics };
}

/** What the network gets of each clip, as pictures: views into the dataset's inputs, not copies. */
export function inputsOf({ inputs, bands, frames }: Pick<Dataset, 'inputs' | 'bands' | 'frames'>): Spectrogram[] {
  const size = bands * frames;
  const count = inputs.length / size;
  return Array.from({ length: count }, (_, i) => ({
    values: inputs.subarray(i * size, (i + 1) * size),
    bands,
    frames,
  }));
}

/**
 * The inputs of some clips, one after the other.
 *
 * @param target - where to put them; a new array unless given
 */
export function rowsOf(
  { inputs, bands, frames }: Pick<Dataset, 'inputs' | 'bands' | 'frames'>,
  indices: readonly number[],
  target = new Float32Array(indices.length * bands * frames),
): Float32Array {
  const size = bands * frames;
  for (const [row, i] of indices.entries()) target.set(inputs.subarray(i * size, (i + 1) * size), row * size);
  return target;
}

/** Some clips of a dataset as one of their own, e.g. the validation set. */
export function subsetOf(dataset: Dataset, indices: readonly number[]): Dataset {
  return { ...dataset, inputs: rowsOf(dataset, indices), targets: indices.map((i) => dataset.targets[i]) };
}

/** Class names of clips, in alphabetical order: the order of the network's outputs. */
export function labelsOf(clips: readonly Clip[]): string[] {
  return [...new Set(clips.map((clip) => clip.emotion))].sort();
}

/** Uses no labels: what could be computed for an unknown speaker with some recordings as well. */
function speakerStatistics(clips: readonly Clip[], features: readonly ClipFeatures[]): Map<string, Statistics> {
  const bySpeaker = new Map<string, Spectrogram[]>();
  for (const [i, { speaker }] of clips.entries())
    bySpeaker.set(speaker, [...(bySpeaker.get(speaker) ?? []), features[i].decibels]);
  return new Map([...bySpeaker].map(([speaker, spectrograms]) => [speaker, bandStatistics(spectrograms)]));
}

/** The first frames of a spectrogram, itself if it has no more. */
export function cropped(spectrogram: Spectrogram, frames: number): Spectrogram {
  const { values, bands, frames: width } = spectrogram;
  if (width <= frames) return spectrogram;
  const kept = new Float32Array(bands * frames);
  for (let band = 0; band < bands; band++)
    kept.set(values.subarray(band * width, band * width + frames), band * frames);
  return { values: kept, bands, frames };
}
