import type { Clip } from '../corpora/clip.js';
import { type Split, SUBSETS, type Subset } from '../dataset/splits.js';
import type { Metrics } from '../evaluation/metrics.js';
import { type Predictions, predictionRows, subsetsOf } from '../evaluation/predictions.js';
import type { ClipFeatures } from '../features/clip-features.js';
import type { EpochRecord } from '../training/training.js';
import type { Cell } from './cells.js';
import type { DescribedClip } from './describe.js';
import { type DataFrame, type TypedFrame, tableOf } from './frame.js';
import type { Series, Widened } from './series.js';

/** What else is known about clips, in their order. */
export interface ClipFacts {
  /** Adds `durationSeconds` and `sampleRateHz`. */
  readonly recordings?: readonly Pick<ClipFeatures, 'durationSeconds' | 'sampleRateHz'>[];
  /** Adds `set`. */
  readonly split?: Split;
}

/** What {@link clipsTable} always knows of a clip. */
export interface ClipRow {
  readonly path: string;
  readonly corpus: string;
  readonly speaker: string;
  readonly text: string;
  readonly emotion: string;
  readonly label: string;
  readonly sex: string;
  readonly intensity: string;
}

/** Clips, one row each, with the columns of a run's `clips.csv` as far as they are known. */
export function clipsTable(clips: readonly Clip[], { recordings, split }: ClipFacts = {}): TypedFrame<ClipRow> {
  const sets = split && subsetsOf(split);
  return tableOf(
    clips.map(({ path, corpus, speaker, text, emotion, label, sex = '', intensity = '' }, i) => ({
      path,
      corpus,
      speaker,
      text,
      emotion,
      label,
      sex,
      intensity,
      ...(recordings && {
        durationSeconds: recordings[i].durationSeconds,
        sampleRateHz: recordings[i].sampleRateHz,
      }),
      ...(sets && { set: sets.get(i) ?? '' }),
    })),
  );
}

/** Meyda's descriptors, one row per clip: `path` and the columns of `AcousticDescriptors`; joins others on `path`. */
export function acousticTable(described: readonly DescribedClip[]): TypedFrame<DescribedClip> {
  return tableOf(described.map((row) => ({ ...row })));
}

/** Epochs, one row each, with the columns of a run's `history.csv`. */
export function historyTable(history: readonly EpochRecord[]): TypedFrame<EpochRecord> {
  return tableOf(history.map((row) => ({ ...row })));
}

/** Clips, one row each, with the columns of a run's `predictions.csv`: the true emotion, the predicted one, and how sure the network is. */
export function predictionsTable(predictions: Predictions): DataFrame {
  return tableOf(predictionRows(predictions));
}

/**
 * What is in the sets of splits, and what they share with the training set, one row per split and set: `protocol`, `set`,
 * `clips`, `speakers`, `texts`, `sharedSpeakers`, `sharedTexts` (NaN for the training set itself).
 */
export function splitsTable(clips: readonly Clip[], splits: readonly Split[]): DataFrame {
  return tableOf(splits.flatMap((split) => SUBSETS.map((set) => subsetRow(clips, split, set))));
}

function subsetRow(clips: readonly Clip[], split: Split, set: Subset): Record<string, Cell> {
  const different = (of: Subset, key: 'speaker' | 'text') => new Set(split[of].map((i) => clips[i][key]));
  const shared = (key: 'speaker' | 'text') => {
    const learnt = different('train', key);
    return [...different(set, key)].filter((value) => learnt.has(value)).length;
  };
  const isTrain = set === 'train';
  return {
    protocol: split.protocol,
    set,
    clips: split[set].length,
    speakers: different(set, 'speaker').size,
    texts: different(set, 'text').size,
    // A set shares everything with itself; tables leave NaN empty.
    sharedSpeakers: isTrain ? Number.NaN : shared('speaker'),
    sharedTexts: isTrain ? Number.NaN : shared('text'),
  };
}

/** The figures of several sets, one row each: `set`, `accuracy`, `loss`, `uar`, `macroF1`, named as in `metrics.json`. */
export function metricsTable(metrics: Readonly<Record<string, Metrics>>): DataFrame {
  return tableOf(
    Object.entries(metrics).map(([set, { accuracy, loss, uar, macroF1 }]) => ({ set, accuracy, loss, uar, macroF1 })),
  );
}

/** The figures of one set by class: `emotion`, `precision`, `recall`, `f1`, `support`. */
export function classesTable({ perClass }: Metrics): DataFrame {
  return tableOf(
    Object.entries(perClass).map(([emotion, { precision, recall, f1, support }]) => ({
      emotion,
      precision,
      recall,
      f1,
      support,
    })),
  );
}

/**
 * Which rows have this value, for `query`: `column.eq(value)`.
 *
 * @example table.query(equalTo(table.column('emotion'), 'anger'))
 */
export function equalTo<Value extends Cell>(column: Series<Value>, value: Widened<Value>): Series<boolean> {
  return column.eq(value);
}

/**
 * A column's numbers by the values of another one, e.g. durations by emotion, for figures of groups.
 *
 * @throws RangeError if there is no such column
 */
export function valuesBy<R extends object>(
  table: DataFrame<R>,
  group: string,
  column: string,
): Record<string, number[]> {
  table.requireColumns('group', [group, column]);
  const values = table.column(column).values;
  const names = table.column(group).values;
  const groups = new Map<string, number[]>(names.map((name) => [String(name), []]));
  for (const [i, name] of names.entries()) groups.get(String(name))!.push(Number(values[i]));
  return Object.fromEntries(groups);
}
