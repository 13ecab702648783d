import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError } from '../common/errors.js';
import { cannotWrite, isTemporary, makeFolder } from '../common/files.js';
import { takeLock } from '../common/lock.js';
import { KERAS_FILE } from '../exchange/keras.js';
import { MODEL_FOLDER } from '../model/bundle-files.js';
import { CARD_FILE } from '../model/model-files.js';
import { CHECKSUMS_FILE } from './checksums.js';

/** Where runs go unless another folder is named. */
export const RUNS_DIRECTORY = 'runs';

/** The files of a run's folder. */
export const RUN_FILES = {
  config: 'config.json',
  /** In place of a run's configuration, what folds share, and networks that are compared. */
  folds: 'folds.json',
  comparison: 'comparison.json',
  environment: 'environment.json',
  cost: 'cost.json',
  clips: 'clips.csv',
  history: 'history.csv',
  metrics: 'metrics.json',
  predictions: 'predictions.csv',
  figures: 'figures',
  model: MODEL_FOLDER,
  /** The same network for other software, as the Python original leaves it. */
  keras: KERAS_FILE,
  modelCard: `${MODEL_FOLDER}/${CARD_FILE}`,
  checkpoint: 'checkpoint',
  report: 'report.html',
  state: 'training-state.bin',
  lock: 'lock',
} as const;

/**
 * A new run's folder.
 *
 * @param directory - default: a folder in `runs/` named after the time
 * @throws InputError if it is not empty, apart from what a run that never began has left, or cannot be written
 */
export function createRunFolder(directory = join(RUNS_DIRECTORY, timestamp(new Date()))): string {
  makeFolder(dirname(directory));
  try {
    mkdirSync(directory);
  } catch (error) {
    if (!existsSync(directory)) throw cannotWrite(directory, error);
    if (!statSync(directory).isDirectory())
      throw new InputError(`Cannot write a run to ${directory}: it is a file, not a folder`);
    if (readdirSync(directory).some((name) => !isLeftOver(name)))
      throw new InputError(`Cannot write a run to ${directory}: it is not empty; ${remedyFor(directory)}`);
  }
  return directory;
}

/** What is there of a run that ended before its configuration was written, e.g. on a full disk: nothing is lost with it. */
function isLeftOver(name: string): boolean {
  return name === CHECKSUMS_FILE || name === RUN_FILES.lock || isTemporary(name);
}

/**
 * Does a job in a new folder, with other processes kept out of it. Where it fails before there is anything to go on from, the
 * folder is left as it was, so that the next job can have it.
 *
 * @param wanted - see {@link createRunFolder}
 */
export async function inNewFolder<T>(wanted: string | undefined, job: (directory: string) => Promise<T>): Promise<T> {
  const isNew = wanted === undefined || !existsSync(wanted);
  const directory = createRunFolder(wanted);
  try {
    return await inFolder(directory, async () => {
      try {
        return await job(directory);
      } catch (error) {
        removeUnlessBegun(directory);
        throw error;
      }
    });
  } catch (error) {
    if (isNew && readdirSync(directory).length === 0) rmdirSync(directory);
    throw error;
  }
}

/** Does a job in a folder that is there, with other processes kept out of it. */
export async function inFolder<T>(directory: string, job: () => Promise<T>): Promise<T> {
  const unlock = lockFolder(directory);
  try {
    return await job();
  } finally {
    unlock();
  }
}

/** What training leaves first. */
const FIRST_RESULTS: readonly string[] = [RUN_FILES.history, RUN_FILES.state, RUN_FILES.checkpoint, RUN_FILES.model];

/** Removes what is in a folder, but for its lock, unless training has begun in it or in one below. */
function removeUnlessBegun(directory: string): void {
  const all = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  if (all.some((name) => FIRST_RESULTS.includes(basename(name)))) return;
  for (const name of readdirSync(directory))
    if (name !== RUN_FILES.lock) rmSync(join(directory, name), { recursive: true });
}

/** What to do about a folder in which there is something already. */
function remedyFor(directory: string): string {
  const goingOn = goingOnWith(directory);
  return `choose another \`directory\`${goingOn === undefined ? '' : `, or ${goingOn}`}`;
}

/**
 * Makes sure that a folder holds the kind of job that is to be gone on with.
 *
 * @param file - that of {@link RUN_FILES} by which such a folder is known
 * @param what - whose folder it is to be, for the message
 * @throws InputError naming what goes on with the job that is there
 */
export function requireJob(directory: string, file: 'config' | 'comparison', what: 'run' | 'comparison'): void {
  const name = RUN_FILES[file];
  if (existsSync(join(directory, name))) return;
  const goingOn = goingOnWith(directory);
  throw new InputError(
    `Cannot resume ${directory}: there is no ${name}, so it is not a ${what}'s folder${goingOn === undefined ? '' : `; ${goingOn}`}`,
  );
}

/** What goes on with the job in a folder, for messages; undefined where there is none, or it is finished. */
function goingOnWith(directory: string): string | undefined {
  const holds = (name: keyof typeof RUN_FILES) => existsSync(join(directory, RUN_FILES[name]));
  if (holds('metrics')) return undefined;
  if (holds('folds')) return `go on with its folds: ${resuming(directory, 'resumeFolds')}`;
  if (holds('comparison')) return `go on with its comparison: ${resuming(directory, 'resumeComparison')}`;
  return holds('config') ? `go on with the run in it: ${resuming(directory)}` : undefined;
}

/** How messages name what goes on with a job; the command line puts its own command in place. */
export function resuming(directory: string, by: 'resume' | 'resumeFolds' | 'resumeComparison' = 'resume'): string {
  return `\`${by}(${JSON.stringify(directory)})\``;
}

/** The newest run in `runs/` that has a model, or undefined. */
export function newestModel(runs = RUNS_DIRECTORY): string | undefined {
  if (!existsSync(runs)) return undefined;
  const models = readdirSync(runs)
    .map((name) => join(runs, name, RUN_FILES.model))
    .filter((model) => existsSync(join(model, 'model.json')))
    .map((model) => ({ model, written: statSync(join(model, 'model.json')).mtimeMs }));
  return models.sort((a, b) => b.written - a.written)[0]?.model;
}

/**
 * Keeps a second process out of a run's folder.
 *
 * @returns a function that lets others in again
 * @throws InputError if another process that is still alive is at work there
 */
export function lockFolder(directory: string): () => void {
  const path = resolve(directory, RUN_FILES.lock);
  const lock = takeLock(path);
  if (typeof lock === 'function') return lock;
  const who = lock.pid === undefined ? 'Another run' : `Another run (process ${lock.pid})`;
  throw new InputError(
    `${who} is at work in ${directory}; wait for it, or choose another \`directory\`. If no run is at work there, delete ${path}`,
  );
}

/** Local time as `2026-01-31_14-05-09`. */
function timestamp(time: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  return `${day}_${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join('-')}`;
}
