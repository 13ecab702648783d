import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { readCsv } from '../common/csv.js';
import { InputError } from '../common/errors.js';
import { readJson } from '../common/files.js';
import type { Clip } from '../corpora/clip.js';
import { loadCorpus } from '../corpora/corpora.js';
import type { Subset } from '../dataset/splits.js';
import type { Metrics } from '../evaluation/metrics.js';
import type { Predictions } from '../evaluation/predictions.js';
import type { EpochRecord } from '../training/training.js';
import { readClips } from './clips-file.js';
import { type RunConfig, readConfig } from './config.js';
import { lockFolder, RUN_FILES } from './folder.js';
import { splitFor } from './prepare.js';
import { SILENT } from './reporter.js';
import { type RunOptions, resume, run } from './run.js';

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
 * @throws InputError if it holds no run, or one that is not finished or is damaged
 */
export function readRun(directory: string): FinishedRun {
  const file = (name: keyof typeof RUN_FILES) => join(directory, RUN_FILES[name]);
  if (!existsSync(file('config')))
    throw new InputError(`Cannot read the run in ${directory}: there is no ${RUN_FILES.config} in it`);
  if (!existsSync(file('metrics')))
    throw new InputError(`Cannot read the run in ${directory}: it is not finished; go on with --resume ${directory}`);
  const config = readConfig(file('config'));
  const { labels, epochs, bestEpoch, ...metrics } = checked(metricsSchema, file('metrics'), readJson(file('metrics')));
  const { clips, split, skipped } = readClips(file('clips'), config);
  return {
    directory,
    config,
    clips,
    skipped,
    split,
    labels,
    metrics,
    probabilities: readProbabilities(file('predictions'), clips, labels),
    // What is fitted at once has no epochs, and no file of them.
    history: epochs > 0 ? checked(historySchema, file('history'), readCsv(file('history'))) : [],
    bestEpoch,
    model: file('model'),
  };
}

/**
 * A run, carried out or gone on with unless it is there; undefined where it was interrupted.
 *
 * @throws InputError if there is one with another configuration
 */
export async function finishedRun(
  directory: string,
  config: RunConfig,
  options: RunOptions,
): Promise<FinishedRun | undefined> {
  const path = join(directory, RUN_FILES.config);
  const begun = existsSync(path);
  if (begun && !isDeepStrictEqual(readConfig(path), asRead(config)))
    throw new InputError(
      `Cannot go on with ${directory}: it was begun with another configuration, e.g. because there are other speakers or texts by now; put the recordings back, or start anew`,
    );
  if (!existsSync(join(directory, RUN_FILES.metrics))) {
    const result = begun ? await resume(directory, options) : await run(config, { ...options, directory });
    if (!result.finished) return undefined;
  }
  return readRun(directory);
}

/** Where and how {@link savedRun} carries out a run that is not there yet. */
export interface SavedRunOptions extends Omit<RunOptions, 'signal'> {
  /** The run's folder, e.g. `runs/first`. */
  readonly directory: string;
}

/**
 * The finished run in a folder if it has this configuration and these recordings; else it is carried out there, in place
 * of an unfinished, damaged or different run. So a notebook trains the first time and reads what was trained from then on.
 *
 * Recordings are the same if their paths, labels and speakers are. A change of `src` is not noticed: delete the folder to
 * train again. The reporter's last line is the same in either case.
 *
 * @throws InputError if there is no such corpus, the folder holds something other than a run, or another process is at work
 *   in it
 */
export async function savedRun(config: RunConfig, options: SavedRunOptions): Promise<FinishedRun> {
  const { directory, reporter = SILENT } = options;
  const { clips } = await loadCorpus(config.data, { corpus: config.corpus });
  // A configuration that cannot be run must not cost the run that is there.
  splitFor(clips, config);
  let finished = fitting(directory, config, clips);
  if (!finished) {
    removeRun(directory);
    await run(config, options);
    finished = readRun(directory);
  }
  const { history, bestEpoch } = finished;
  const how =
    history.length > 0
      ? `${history.length} epochs, of which epoch ${bestEpoch} has the lowest validation loss`
      : 'fitted at once, without epochs';
  reporter.say(`${directory}: ${how}`);
  return finished;
}

/** The run in a folder, or undefined if there is none, or not the one that is wanted. */
function fitting(directory: string, config: RunConfig, clips: readonly Clip[]): FinishedRun | undefined {
  try {
    const found = readRun(directory);
    const sorted = [...found.clips, ...found.skipped].sort((a, b) => (a.path < b.path ? -1 : 1));
    const same =
      isDeepStrictEqual(found.config, asRead(config)) &&
      isDeepStrictEqual(sorted, asRead(clips)) &&
      existsSync(join(found.model, 'model.json'));
    return same ? found : undefined;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** Removes a run's folder, unless it holds no run, or a process is at work in it. */
function removeRun(directory: string): void {
  if (!existsSync(join(directory, RUN_FILES.config))) return;
  lockFolder(directory)();
  rmSync(directory, { recursive: true });
}

/** Without what a file does not keep, such as properties that are undefined. */
function asRead<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function readProbabilities(path: string, clips: readonly Clip[], labels: readonly string[]): Float32Array {
  const columns = Object.fromEntries(labels.map((label) => [label, number]));
  const rows = checked(z.array(z.object({ path: z.string() }).catchall(z.unknown())), path, readCsv(path));
  if (rows.length !== clips.length || rows.some((row, i) => row.path !== clips[i].path))
    throw new InputError(`${path} is damaged: its clips are not those of ${RUN_FILES.clips}`);
  const values = checked(z.array(z.object(columns)), path, rows);
  return Float32Array.from(values.flatMap((row) => labels.map((label) => row[label])));
}

function checked<T>(schema: z.ZodType<T>, path: string, value: unknown): T {
  const result = schema.safeParse(value);
  if (!result.success)
    throw new InputError(`${path} is damaged: ${z.prettifyError(result.error).replaceAll('\n', ' ')}`);
  return result.data;
}
