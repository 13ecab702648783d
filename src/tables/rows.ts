import type { Clip } from '../corpora/clip.js';
import { PARTS, type Part, type Split } from '../dataset/splits.js';
import type { Metrics } from '../evaluation/metrics.js';
import { type Predictions, partsOf, predictionRows } from '../evaluation/predictions.js';
import type { ClipFeatures } from '../features/clip-features.js';
import type { EpochRecord } from '../training/training.js';
import { DataFrame, type Series } from './danfo.js';
import type { DescribedClip } from './describe.js';

/** A value in a table. */
export type Cell = string | number | boolean;

/** What else is known of clips, in their order. */
export interface ClipFacts {
  /** Adds `durationSeconds` and `sampleRateHz`. */
  readonly recordings?: readonly Pick<ClipFeatures, 'durationSeconds' | 'sampleRateHz'>[];
  /** Adds `part`. */
  readonly split?: Split;
}

/**
 * Rows as a danfo DataFrame; the columns are the first row's.
 *
 * @throws RangeError if there are no rows, of which danfo makes no frame
 * @throws TypeError if a row has other columns than the first
 */
export function frameOf(rows: readonly Readonly<Record<string, Cell>>[]): DataFrame {
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
export function clipsFrame(clips: readonly Clip[], { recordings, split }: ClipFacts = {}): DataFrame {
  const parts = split && partsOf(split);
  return frameOf(
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
      ...(parts && { part: parts.get(i) ?? '' }),
    })),
  );
}

/** Meyda's descriptors, one row per clip: `path` and the columns of `AcousticDescriptors`; joins others on `path`. */
export function acousticFrame(described: readonly DescribedClip[]): DataFrame {
  return frameOf(described.map((row) => ({ ...row })));
}

/** Epochs, one row each, with the columns of a run's `history.csv`. */
export function historyFrame(history: readonly EpochRecord[]): DataFrame {
  return frameOf(history.map((row) => ({ ...row })));
}

/** Clips, one row each, with the columns of a run's `predictions.csv`: what is true, what was predicted, how surely. */
export function predictionsFrame(predictions: Predictions): DataFrame {
  return frameOf(predictionRows(predictions));
}

/**
 * What is in the parts of splits, and what these share with the training part, one row per split and part: `protocol`,
 * `part`, `clips`, `speakers`, `texts`, `sharedSpeakers`, `sharedTexts` (NaN for
 * the training part itself).
 */
export function splitsFrame(clips: readonly Clip[], splits: readonly Split[]): DataFrame {
  return frameOf(splits.flatMap((split) => PARTS.map((part) => partRow(clips, split, part))));
}

function partRow(clips: readonly Clip[], split: Split, part: Part): Record<string, Cell> {
  const different = (of: Part, key: 'speaker' | 'text') => new Set(split[of].map((i) => clips[i][key]));
  const shared = (key: 'speaker' | 'text') => {
    const learnt = different('train', key);
    return [...different(part, key)].filter((value) => learnt.has(value)).length;
  };
  const isTrain = part === 'train';
  return {
    protocol: split.protocol,
    part,
    clips: split[part].length,
    speakers: different(part, 'speaker').size,
    texts: different(part, 'text').size,
    // A part shares everything with itself; tables leave NaN empty.
    sharedSpeakers: isTrain ? Number.NaN : shared('speaker'),
    sharedTexts: isTrain ? Number.NaN : shared('text'),
  };
}

/** The figures of several parts, one row each: `part`, `accuracy`, `loss`, `uar`, `macroF1`, named as in `metrics.json`. */
export function metricsFrame(metrics: Readonly<Record<string, Metrics>>): DataFrame {
  return frameOf(
    Object.entries(metrics).map(([part, { accuracy, loss, uar, macroF1 }]) => ({ part, accuracy, loss, uar, macroF1 })),
  );
}

/** The figures of one part by class: `emotion`, `precision`, `recall`, `f1`, `support`. */
export function classesFrame({ perClass }: Metrics): DataFrame {
  return frameOf(
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
 * Which rows have this value, for `query`: danfo's `eq`, whose type knows no texts.
 *
 * @example frame.query(equalTo(frame.column('emotion'), 'anger'))
 */
export function equalTo(column: Series, value: Cell): Series {
  return (column.eq as (other: Cell) => Series).call(column, value);
}

/**
 * A column's numbers by the values of another one, e.g. durations by emotion, for figures of groups.
 *
 * @throws RangeError if there is no such column
 */
export function valuesBy(frame: DataFrame, group: string, column: string): Record<string, number[]> {
  const [names, values] = [group, column].map((name) => {
    if (!frame.columns.includes(name))
      throw new RangeError(
        `Cannot group: the frame has the columns ${frame.columns.join(', ')}, current value is ${name}`,
      );
    return frame.column(name).values as (string | number)[];
  });
  const groups = new Map<string, number[]>(names.map((name) => [String(name), []]));
  for (const [i, name] of names.entries()) groups.get(String(name))!.push(Number(values[i]));
  return Object.fromEntries(groups);
}
