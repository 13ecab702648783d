import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { csvRows, readCsv } from '../common/csv.js';
import { InputError } from '../common/errors.js';
import { readJson } from '../common/files.js';
import type { Clip } from '../corpora/clip.js';
import type { Subset } from '../dataset/splits.js';
import type { Metrics } from '../evaluation/metrics.js';
import type { Predictions } from '../evaluation/predictions.js';
import type { EpochRecord } from '../training/training.js';
import { requireUnchanged } from './checksums.js';
import { readClips } from './clips-file.js';
import { type RunConfig, readConfig } from './config.js';
import { RUN_FILES, resuming } from './folder.js';
import { pathsOf, type RunPaths } from './paths.js';

/** What a finished run has left, as the functions for tables and figures take it. */
export interface FinishedRun extends Predictions {
  readonly directory: string;
  readonly config: RunConfig;
  readonly metrics: Readonly<Record<Subset, Metrics>>;
  readonly history: readonly EpochRecord[];
  /** The epoch whose weights were kept, from 1. */
  readonly bestEpoch: number;
  /** Folder of the trained model, for `loadModel`. */
  readonly model: string;
  /** The clips that were left out as unusable; `clips` holds the others. */
  readonly skipped: readonly Clip[];
  /** SHA-256 of each clip's recording; undefined in runs of earlier versions. */
  readonly sha256: readonly (string | undefined)[];
}

/** A number as it stands in a CSV file. */
const number = z.string().min(1).transform(Number).pipe(z.number());

const classSchema = z.object({ precision: z.number(), recall: z.number(), f1: z.number(), support: z.number() });
const subsetSchema = z.object({
  accuracy: z.number(),
  loss: z.number(),
  uar: z.number(),
  macroF1: z.number(),
  perClass: z.record(z.string(), classSchema),
  confusion: z.array(z.array(z.number())),
});
const metricsSchema = z.object({
  labels: z.array(z.string()),
  train: subsetSchema,
  validation: subsetSchema,
  test: subsetSchema,
  epochs: z.number(),
  bestEpoch: z.number(),
});
const historySchema = z.array(
  z.object({
    epoch: number,
    loss: number,
    accuracy: number,
    valLoss: number,
    valAccuracy: number,
    seconds: number,
  }),
);

/**
 * Reads what a finished run has left in its folder.
 *
 * @throws InputError if it holds no run, or one that is not finished, is damaged or was changed since
 */
export function readRun(directory: string): FinishedRun {
  const file = (name: keyof typeof RUN_FILES) => join(directory, RUN_FILES[name]);
  if (!existsSync(file('config')))
    throw new InputError(`Cannot read the run in ${directory}: there is no ${RUN_FILES.config} in it`);
  if (!existsSync(file('metrics')))
    throw new InputError(`Cannot read the run in ${directory}: it is not finished; go on with ${resuming(directory)}`);
  requireUnchanged(directory);
  const config = readConfig(file('config'));
  const { labels, epochs, bestEpoch, ...metrics } = checked(metricsSchema, file('metrics'), readJson(file('metrics')));
  const { clips, split, skipped, sha256 } = readClips(file('clips'), config);
  return {
    directory,
    config,
    clips,
    skipped,
    sha256,
    split,
    labels,
    metrics,
    probabilities: readProbabilities(file('predictions'), {
      clips,
      labels,
      fromFile: pathsOf(file('config')).fromFile,
    }),
    // What is fitted at once has no epochs, and no file of them.
    history: epochs > 0 ? checked(historySchema, file('history'), readCsv(file('history'))) : [],
    bestEpoch,
    model: file('model'),
  };
}

/**
 * Makes sure that runs which are put together heard the same recordings.
 *
 * @throws InputError naming one that was changed between two of them
 */
export function requireSameRecordings(runs: readonly FinishedRun[]): void {
  const first = new Map<string, string>();
  for (const { directory, clips, sha256 } of runs)
    for (const [i, { path }] of clips.entries()) {
      const hash = sha256[i];
      if (hash === undefined) continue;
      if ((first.get(path) ?? hash) !== hash)
        throw new InputError(
          `Cannot put the runs together: ${path} was changed before ${directory} was trained; put the recording back, and delete the runs that were trained with another`,
        );
      first.set(path, hash);
    }
}

/** Without what a file does not keep, such as properties that are undefined. */
export function asRead<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function readProbabilities(
  path: string,
  { clips, labels, fromFile }: Pick<Predictions, 'clips' | 'labels'> & Pick<RunPaths, 'fromFile'>,
): Float32Array {
  const pathSchema = z.object({ path: z.string() });
  const valuesSchema = z.object(Object.fromEntries(labels.map((label) => [label, number])));
  const others = () => new InputError(`${path} is damaged: its clips are not those of ${RUN_FILES.clips}`);
  const probabilities = new Float32Array(clips.length * labels.length);
  let clip = 0;
  for (const row of csvRows(path)) {
    if (fromFile(checked(pathSchema, path, row).path) !== clips[clip]?.path) throw others();
    const values = checked(valuesSchema, path, row);
    for (const [c, label] of labels.entries()) probabilities[clip * labels.length + c] = values[label];
    clip++;
  }
  if (clip !== clips.length) throw others();
  return probabilities;
}

function checked<T>(schema: z.ZodType<T>, path: string, value: unknown): T {
  const result = schema.safeParse(value);
  if (!result.success)
    throw new InputError(`${path} is damaged: ${z.prettifyError(result.error).replaceAll('\n', ' ')}`);
  return result.data;
}
