import { sourceName } from '../audio/segment.js';
import { grouped } from '../common/grouped.js';
import { joined } from '../common/joined.js';
import { deriveSeed, seededRandom } from '../common/random.js';
import { mean, standardDeviation } from '../common/statistics.js';
import type { Clip } from '../corpora/clip.js';
import type { Protocol } from '../dataset/splits.js';
import { bootstrapInterval, type Interval } from '../evaluation/bootstrap.js';
import { type ReliabilityBin, reliability } from '../evaluation/calibration.js';
import { argMax, classMetrics, confusionMatrix, meanRecall } from '../evaluation/metrics.js';
import { recallDifferences, signFlipTest } from '../evaluation/paired-test.js';
import { type Assessment, assess, type Predictions } from '../evaluation/predictions.js';
import type { Cost } from '../run/cost.js';
import type { Environment } from '../run/environment.js';

/** What is left of a cell: the answers to the clips that it was tested with, all of them in its test set. */
export interface CellResult {
  readonly task: string;
  readonly configuration: string;
  readonly seed: number;
  readonly network: string;
  readonly normalise: string;
  readonly augment: readonly string[];
  readonly protocol: Protocol;
  readonly directory: string;
  /** Of its first run. */
  readonly environment: Environment;
  /** Undefined where an earlier version carried it out. */
  readonly cost?: Cost;
  readonly predictions: Predictions;
}

type Sex = NonNullable<Clip['sex']>;

/** A part of the clips that are tested: all, those of one sex, or those of one speaker. */
export interface Part {
  readonly by: 'all' | 'sex' | 'speaker';
  /** The sex or the speaker. */
  readonly name: string;
  readonly clips: number;
  readonly speakers: number;
  readonly assessment: Assessment;
}

type Confusion = readonly (readonly number[])[];

/** A figure over the seeds. */
export interface Spread {
  readonly mean: number;
  /** Standard deviation; undefined with a single seed. */
  readonly deviation?: number;
}

/** A configuration on a task, over its seeds. */
export interface Summary {
  readonly configuration: string;
  readonly results: readonly CellResult[];
  readonly uar: Spread;
  /** 95 % bootstrap interval of the UAR over the speakers; undefined with fewer than 3. */
  readonly interval?: Interval;
  readonly macroF1: Spread;
  readonly accuracy: Spread;
  readonly calibrationError: Spread;
  /** The emotion with the lowest recall over all seeds, and what it is most often taken for. */
  readonly worst: { readonly name: string; readonly recall: number; readonly takenFor?: string };
  /** UAR of the clips of each sex, where it is known. */
  readonly bySex: Readonly<Partial<Record<Sex, Spread>>>;
  /** UAR of each speaker's clips. */
  readonly bySpeaker: Readonly<Record<string, Spread>>;
  readonly labels: readonly string[];
  /** Clips of all seeds by `[true class][predicted class]`. */
  readonly confusion: Confusion;
  /** Of all seeds. */
  readonly bins: readonly ReliabilityBin[];
}

/** Two configurations on the same clips. */
export interface Comparison {
  readonly first: string;
  readonly second: string;
  /** By how much the UAR of the first is above that of the second. */
  readonly difference: number;
  /** Two-sided, of {@link signFlipTest} over the speakers. */
  readonly p: number;
}

/** With fewer speakers than this, no difference has a p below 5 %: n of them give at least 2 / 2ⁿ. */
export const LEAST_TESTED_SPEAKERS = 6;

/** An interval over one or two speakers would say nothing. */
const LEAST_INTERVAL_SPEAKERS = 3;

/** The whole of a cell's test, then by sex where it is known, then by speaker. */
export function partsOf({ predictions }: CellResult): Part[] {
  const { clips, split } = predictions;
  const part = (by: Part['by'], name = '', set = split.test): Part => ({
    ...{ by, name, clips: set.length },
    speakers: new Set(set.map((i) => clips[i].speaker)).size,
    assessment: assess(predictions, set),
  });
  const partsBy = (by: 'sex' | 'speaker') => {
    const known = split.test.filter((i) => clips[i][by] !== undefined);
    const having = grouped(known, (i) => clips[i][by]!);
    return [...having.keys()].sort().map((name) => part(by, name, having.get(name)));
  };
  return [part('all'), ...partsBy('sex'), ...partsBy('speaker')];
}

/** Puts the seeds of a configuration together. */
export function summarise(results: readonly CellResult[]): Summary {
  const parts = results.flatMap(partsOf);
  const over = (figure: (assessment: Assessment) => number, of: readonly Part[]) =>
    spread(of.map(({ assessment }) => figure(assessment)));
  const whole = parts.filter(({ by }) => by === 'all');
  const uar = ({ metrics }: Assessment) => metrics.uar;
  const uarBy = (by: Part['by']) =>
    Object.fromEntries(
      [
        ...grouped(
          parts.filter((part) => part.by === by),
          ({ name }) => name,
        ),
      ].map(([name, of]) => [name, over(uar, of)]),
    );
  const [{ configuration, predictions }] = results;
  const speakers = confusionsBySpeaker(results);
  const confusion = total(speakers);
  const random = seededRandom(deriveSeed(0, 'bootstrap'));
  return {
    configuration,
    results,
    uar: over(uar, whole),
    ...(speakers.length >= LEAST_INTERVAL_SPEAKERS && {
      interval: bootstrapInterval(speakers, (drawn) => meanRecall(total(drawn)), { random }),
    }),
    macroF1: over(({ metrics }) => metrics.macroF1, whole),
    accuracy: over(({ metrics }) => metrics.accuracy, whole),
    calibrationError: over(({ calibrationError }) => calibrationError, whole),
    worst: worstOf(confusion, predictions.labels),
    bySex: uarBy('sex'),
    bySpeaker: uarBy('speaker'),
    labels: predictions.labels,
    confusion,
    bins: pooledBins(results),
  };
}

/**
 * Compares every two configurations of a task, over the seeds and clips that both have answers for.
 *
 * @returns none where there are too few speakers
 */
export function compare(summaries: readonly Summary[]): Comparison[] {
  return summaries.flatMap((first, i) =>
    summaries.slice(i + 1).flatMap((second): Comparison[] => {
      const [one, two] = [sharedConfusions(first, second), sharedConfusions(second, first)];
      if (one.length < LEAST_TESTED_SPEAKERS) return [];
      const differences = recallDifferences(one, two);
      return [
        {
          first: first.configuration,
          second: second.configuration,
          difference: differences.reduce((sum, value) => sum + value, 0),
          p: signFlipTest(differences, seededRandom(deriveSeed(0, 'signs'))),
        },
      ];
    }),
  );
}

/** Confusion matrices by speaker, of the answers that another configuration has given as well. */
function sharedConfusions({ results }: Summary, other: Summary): Confusion[] {
  const key = (seed: number, clip: Clip) => `${seed} ${sourceName(clip)}`;
  const answered = new Set(
    other.results.flatMap(({ seed, predictions }) => predictions.clips.map((clip) => key(seed, clip))),
  );
  return confusionsBySpeaker(results, (seed, clip) => answered.has(key(seed, clip)));
}

function spread(values: readonly number[]): Spread {
  return { mean: mean(values), ...(values.length > 1 && { deviation: standardDeviation(values) }) };
}

/** Answers of all results by true and predicted class, of each speaker in alphabetical order. */
function confusionsBySpeaker(
  results: readonly CellResult[],
  wanted: (seed: number, clip: Clip) => boolean = () => true,
): Confusion[] {
  const { labels } = results[0].predictions;
  const answers = results.flatMap(({ seed, predictions: { clips, probabilities } }) => {
    const predicted = argMax(probabilities, labels.length);
    return clips.flatMap((clip, i) => (wanted(seed, clip) ? [{ clip, predicted: predicted[i] }] : []));
  });
  const bySpeaker = grouped(answers, ({ clip }) => clip.speaker);
  return [...bySpeaker.keys()].sort().map((speaker) => {
    const own = bySpeaker.get(speaker)!;
    return confusionMatrix(
      own.map(({ clip }) => labels.indexOf(clip.emotion)),
      own.map(({ predicted }) => predicted),
      labels.length,
    );
  });
}

function total(confusions: readonly Confusion[]): Confusion {
  const sums = confusions[0].map((row) => row.map(() => 0));
  // Thousands of speakers, drawn thousands of times.
  for (const confusion of confusions)
    for (let r = 0; r < sums.length; r++) for (let c = 0; c < sums.length; c++) sums[r][c] += confusion[r][c];
  return sums;
}

function worstOf(confusion: Confusion, labels: readonly string[]): Summary['worst'] {
  const recalls = classMetrics(confusion).map(({ recall, support }) =>
    support > 0 ? recall : Number.POSITIVE_INFINITY,
  );
  const worst = recalls.indexOf(Math.min(...recalls));
  const mistakes = confusion[worst].map((clips, c) => (c === worst ? 0 : clips));
  const most = Math.max(...mistakes);
  return {
    name: labels[worst],
    recall: recalls[worst],
    ...(most > 0 && { takenFor: labels[mistakes.indexOf(most)] }),
  };
}

function pooledBins(results: readonly CellResult[]): ReliabilityBin[] {
  const { labels } = results[0].predictions;
  const targets = results.flatMap(({ predictions: { clips } }) => clips.map(({ emotion }) => labels.indexOf(emotion)));
  const probabilities = results.map(({ predictions }) => predictions.probabilities);
  return reliability(targets, joined(probabilities), labels.length);
}
