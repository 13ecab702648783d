import type { Clip } from '../corpora/clip.js';
import { segmentCells } from '../corpora/segment-cells.js';
import { type Split, SUBSETS, type Subset } from '../dataset/splits.js';
import type { Metrics } from '../evaluation/metrics.js';
import { type Predictions, predictionRows, subsetsOf } from '../evaluation/predictions.js';
import type { ClipFeatures } from '../features/clip-features.js';
import type { EpochRecord } from '../training/training.js';
import { DataFrame, type Series } from './danfo.js';
import type { DescribedClip } from './describe.js';

/** A value in a table. */
export type Cell = string | number | boolean;

/** What else is known about clips, in their order. */
export interface ClipFacts {
  /** Adds `durationSeconds` and `sampleRateHz`. */
  readonly recordings?: readonly Pick<ClipFeatures, 'durationSeconds' | 'sampleRateHz'>[];
  /** Adds `set`. */
  readonly split?: Split;
}

/**
 * Rows as a danfo DataFrame; the columns are the first row's.
 *
 * @throws RangeError if there are no rows: danfo makes no table of none
 * @throws TypeError if a row has other columns than the first
 */
export function tableOf(rows: readonly Readonly<Record<string, Cell>>[]): DataFrame {
  if (rows.length === 0) throw new RangeError('Cannot make a DataFrame: there must be at least one row');
  const columns = Object.keys(rows[0]);
  for (const [i, row] of rows.entries())
    if (Object.keys(row).length !== columns.length || columns.some((column) => row[column] === undefined))
      throw new TypeError(
        `Cannot make a DataFrame: every row must have the columns ${columns.join(', ')}, row ${i} has ${Object.keys(row).join(', ')}`,
      );
  return new DataFrame(
    rows.map((row) => columns.map((column) => row[column])),
    { columns },
  );
}

/** Clips, one row each, with the columns of a run's `clips.csv` as far as they are known. */
export function clipsTable(clips: readonly Clip[], { recordings, split }: ClipFacts = {}): DataFrame {
  const sets = split && subsetsOf(split);
  const segmentOf = segmentCells(clips);
  return tableOf(
    clips.map(({ path, segment, corpus, speaker, text, emotion, label, sex = '', intensity = '' }, i) => ({
      path,
      ...segmentOf({ segment }),
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
export function acousticTable(described: readonly DescribedClip[]): DataFrame {
  return tableOf(described.map((row) => ({ ...row })));
}

/** Epochs, one row each, with the columns of a run's `history.csv`. */
export function historyTable(history: readonly EpochRecord[]): DataFrame {
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
 * Which rows have this value, for `query`: danfo's `eq`, whose type leaves out text.
 *
 * @example table.query(equalTo(table.column('emotion'), 'anger'))
 */
export function equalTo(column: Series, value: Cell): Series {
  return (column.eq as (other: Cell) => Series).call(column, value);
}

/**
 * A column's numbers by the values of another one, e.g. durations by emotion, for figures of groups.
 *
 * @throws RangeError if there is no such column
 */
export function valuesBy(table: DataFrame, group: string, column: string): Record<string, number[]> {
  const [names, values] = [group, column].map((name) => {
    if (!table.columns.includes(name))
      throw new RangeError(
        `Cannot group: the table has the columns ${table.columns.join(', ')}, current value is ${name}`,
      );
    return table.column(name).values as (string | number)[];
  });
  const groups = new Map<string, number[]>(names.map((name) => [String(name), []]));
  for (const [i, name] of names.entries()) groups.get(String(name))!.push(Number(values[i]));
  return Object.fromEntries(groups);
}
