import type { Source } from '../audio/segment.js';
import { joined } from '../common/joined.js';
import type { Clip } from '../corpora/clip.js';
import { segmentCells } from '../corpora/segment-cells.js';
import { classIndex } from '../dataset/examples.js';
import { type Split, SUBSETS, type Subset } from '../dataset/splits.js';
import { calibrationError, type ReliabilityBin, reliability } from './calibration.js';
import { type CoveragePoint, coverageCurve } from './coverage.js';
import { argMax, evaluate, type Metrics } from './metrics.js';

/** What a network says about clips. */
export interface Predictions {
  readonly clips: readonly Clip[];
  readonly split: Split;
  /** Class names in the order of the network's outputs. */
  readonly labels: readonly string[];
  /** Row-major, shape `(clips, labels)`. */
  readonly probabilities: Float32Array;
}

/** One clip's set, its true and its predicted emotion, and, under its name, the probability of every emotion. */
export type PredictionRow = Readonly<Record<string, string | number>> & {
  readonly path: string;
  readonly set: Subset | '';
  readonly true: string;
  readonly predicted: string;
};

/** One wrong prediction. */
export interface Mistake extends Source {
  readonly speaker: string;
  readonly text: string;
  readonly true: string;
  readonly predicted: string;
  /** Of the predicted emotion, 0 to 1. */
  readonly probability: number;
  /** Of the true emotion, 0 to 1. */
  readonly trueProbability: number;
}

/** How good predictions are, and how sure. */
export interface Assessment {
  readonly metrics: Metrics;
  /** See {@link calibrationError}. */
  readonly calibrationError: number;
  readonly bins: readonly ReliabilityBin[];
  readonly coverage: readonly CoveragePoint[];
}

/**
 * Measures the answers to some clips.
 *
 * @param set - indices of the clips
 * @throws RangeError if there are none, or an emotion is none of the labels
 */
export function assess({ clips, labels, probabilities }: Predictions, set: readonly number[]): Assessment {
  const targets = set.map((i) => classIndex(clips[i].emotion, labels));
  const rows = rowsOf(probabilities, set, labels.length);
  const bins = reliability(targets, rows, labels.length);
  return {
    metrics: evaluate(targets, rows, labels),
    calibrationError: calibrationError(bins),
    bins,
    coverage: coverageCurve(targets, rows, labels.length),
  };
}

/**
 * The answers of several networks to the clips that each was tested with, as those of one: folds put together.
 *
 * @param folds - with the same labels; no clip is in two test sets
 */
export function pooledTests(folds: readonly Predictions[]): Predictions {
  const { labels, split } = folds[0];
  const clips = folds.flatMap((fold) => fold.split.test.map((i) => fold.clips[i]));
  const rows = folds.map((fold) => rowsOf(fold.probabilities, fold.split.test, labels.length));
  return {
    clips,
    labels,
    probabilities: joined(rows),
    split: { ...split, train: [], validation: [], test: clips.map((_, i) => i) },
  };
}

/**
 * One row per clip, as in a run's `predictions.csv`.
 *
 * @param written - how a path is written down; default: as it is
 */
export function predictionRows(predictions: Predictions, written?: (path: string) => string): PredictionRow[] {
  return [...eachPredictionRow(predictions, written)];
}

/** The same, row by row: where there are many clips, the rows need not be in memory together. */
export function* eachPredictionRow(
  { clips, split, labels, probabilities }: Predictions,
  written = (path: string) => path,
): Generator<PredictionRow> {
  const predicted = argMax(probabilities, labels.length);
  const sets = subsetsOf(split);
  const segmentOf = segmentCells(clips);
  for (const [i, clip] of clips.entries())
    yield {
      path: written(clip.path),
      ...segmentOf(clip),
      set: sets.get(i) ?? '',
      true: clip.emotion,
      predicted: labels[predicted[i]],
      ...Object.fromEntries(labels.map((label, c) => [label, probabilities[i * labels.length + c]])),
    };
}

/**
 * The wrong predictions of one set, the most confident first: where to look for what the network misunderstands, and for
 * clips that are labelled wrongly.
 *
 * @throws RangeError if a clip's emotion is none of the labels
 */
export function mistakesOf(predictions: Predictions, set: Subset = 'test'): Mistake[] {
  const { clips, split, labels, probabilities } = predictions;
  const predicted = argMax(probabilities, labels.length);
  const probability = (i: number, label: string) => probabilities[i * labels.length + classIndex(label, labels)];
  return split[set]
    .filter((i) => labels[predicted[i]] !== clips[i].emotion)
    .map((i) => ({
      path: clips[i].path,
      ...(clips[i].segment && { segment: clips[i].segment }),
      speaker: clips[i].speaker,
      text: clips[i].text,
      true: clips[i].emotion,
      predicted: labels[predicted[i]],
      probability: probability(i, labels[predicted[i]]),
      trueProbability: probability(i, clips[i].emotion),
    }))
    .sort((a, b) => b.probability - a.probability);
}

/** The first mistake of each kind, e.g. of happiness taken for anger, so that a few of them show different things. */
export function oneOfEachKind(mistakes: readonly Mistake[]): Mistake[] {
  const seen = new Set<string>();
  return mistakes.filter((mistake) => {
    const kind = JSON.stringify([mistake.true, mistake.predicted]);
    const isFirst = !seen.has(kind);
    seen.add(kind);
    return isFirst;
  });
}

/** The true classes of one set's clips, and the network's probabilities for them, as measures take them. */
export function answersTo(
  set: Subset,
  { clips, split, labels, probabilities }: Predictions,
): { readonly targets: number[]; readonly probabilities: Float32Array } {
  return {
    targets: split[set].map((i) => classIndex(clips[i].emotion, labels)),
    probabilities: rowsOf(probabilities, split[set], labels.length),
  };
}

/** Some clips' probabilities out of those of all, in the order of `clips`. */
export function rowsOf(probabilities: Float32Array, clips: readonly number[], classes: number): Float32Array {
  const rows = new Float32Array(clips.length * classes);
  for (const [row, i] of clips.entries())
    rows.set(probabilities.subarray(i * classes, (i + 1) * classes), row * classes);
  return rows;
}

/** The set of each clip; with protocol `original`, whose validation set is its test set, `test`. */
export function subsetsOf(split: Split): Map<number, Subset> {
  const sets = new Map<number, Subset>();
  for (const set of SUBSETS) for (const i of split[set]) sets.set(i, set);
  return sets;
}
