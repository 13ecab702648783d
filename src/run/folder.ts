import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { InputError } from '../common/errors.js';
import { cannotWrite, isTemporary } from '../common/files.js';
import { takeLock } from '../common/lock.js';
import { CHECKSUMS_FILE } from './checksums.js';

/** Where runs go unless another folder is named. */
export const RUNS_DIRECTORY = 'runs';

/** The files of a run's folder. */
export const RUN_FILES = {
  config: 'config.json',
  environment: 'environment.json',
  clips: 'clips.csv',
  history: 'history.csv',
  metrics: 'metrics.json',
  predictions: 'predictions.csv',
  figures: 'figures',
  model: 'model',
  modelCard: 'model/MODEL_CARD.md',
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
  try {
    mkdirSync(dirname(directory), { recursive: true });
    mkdirSync(directory);
  } catch (error) {
    if (!existsSync(directory)) throw cannotWrite(directory, error);
    if (!statSync(directory).isDirectory())
      throw new InputError(`Cannot write a run to ${directory}: it is a file, not a folder`);
    if (readdirSync(directory).some((name) => !isLeftOver(name)))
      throw new InputError(
        `Cannot write a run to ${directory}: it is not empty; choose another folder with --out, or continue the run in it with --resume ${directory}`,
      );
  }
  return directory;
}

/** What is there of a run that ended before its configuration was written, e.g. on a full disk: nothing is lost with it. */
function isLeftOver(name: string): boolean {
  return name === CHECKSUMS_FILE || name === RUN_FILES.lock || isTemporary(name);
}

/** A model's folder. It may be given as the run's, which is what a run prints and --resume takes. */
export function modelIn(directory: string): string {
  const model = join(directory, RUN_FILES.model);
  return existsSync(join(model, 'model.json')) ? model : directory;
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
    `${who} is at work in ${directory}; wait for it, or choose another folder with --out. If no run is at work there, delete ${path}`,
  );
}

/** Local time as `2026-01-31_14-05-09`. */
function timestamp(time: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  return `${day}_${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join('-')}`;
}
