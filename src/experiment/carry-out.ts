import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { BackendName } from '../backend/info.js';
import { makeFolder, writeFile } from '../common/files.js';
import { writeConfig } from '../run/config.js';
import { RUN_FILES } from '../run/folder.js';
import { type Reporter, SILENT } from '../run/reporter.js';
import type { Cell } from './cells.js';

/** How cells are carried out; none of it changes their results, beyond rounding. */
export interface CarryOutOptions {
  /** Cells at a time, each in a process of its own; default 1. */
  readonly jobs?: number;
  /** Threads of each cell; default: its share of the cores. Other threads round differently. */
  readonly threads?: number;
  readonly backend?: 'auto' | BackendName;
  readonly reporter?: Reporter;
  /** Ends the cells under way as Ctrl-C ends a run: after the epoch, to be gone on with. */
  readonly signal?: AbortSignal;
}

/** A cell that ended with an error, and what it said last. */
export interface FailedCell {
  readonly cell: Cell;
  readonly lastLines: string;
}

/** What a cell's process prints, in its folder. */
export const CELL_LOG = 'log.txt';
const LAST_LINES = 5;

/** How often finished runs are counted. */
const COUNT_MILLISECONDS = 500;

/** The `ser` command, as it was started here. */
export const SER_COMMAND: readonly string[] = [process.execPath, join(__dirname, '../../bin/ser.js')];

/** Ctrl-C in a terminal reaches all processes of a group: in one of their own, a child and its children hear it once, from here. */
export const OWN_GROUP = process.platform !== 'win32';

/** Whether a cell needs nothing more. */
export function isDone({ directory }: Pick<Cell, 'directory'>): boolean {
  return existsSync(join(directory, RUN_FILES.metrics));
}

/** The threads of each cell. */
export function threadsFor({ jobs = 1, threads }: CarryOutOptions): number {
  return threads ?? Math.max(1, Math.floor(availableParallelism() / jobs));
}

/**
 * Carries out the cells that are not done, or goes on with them: each by `ser run --resume` in a process of its own. One that
 * fails stops no other.
 */
export async function carryOut(cells: readonly Cell[], options: CarryOutOptions = {}): Promise<FailedCell[]> {
  const { jobs = 1, signal } = options;
  const waiting = cells.filter((cell) => !isDone(cell));
  const failed: FailedCell[] = [];
  const left = [...waiting];
  const work = async () => {
    while (!signal?.aborted) {
      const cell = left.shift();
      if (!cell) return;
      const code = await carriedOut(cell, options);
      if (code !== 0 && !signal?.aborted) failed.push(failedCell(cell));
    }
  };
  await countingRuns(waiting, options, () => Promise.all(Array.from({ length: jobs }, work)));
  return failed;
}

/** Shows how many networks of some cells are finished, as long as a job takes. */
export async function countingRuns<T>(
  cells: readonly Cell[],
  { reporter = SILENT }: CarryOutOptions,
  job: () => Promise<T>,
): Promise<T | undefined> {
  if (cells.length === 0) return undefined;
  const already = finishedRuns(cells);
  const bar = reporter.progress('runs', cells.reduce((sum, { runs }) => sum + runs, 0) - already);
  const counting = setInterval(() => bar.update(finishedRuns(cells) - already), COUNT_MILLISECONDS);
  try {
    const result = await job();
    bar.update(finishedRuns(cells) - already);
    return result;
  } finally {
    clearInterval(counting);
    bar.stop();
  }
}

/** Writes what a cell is to be into its folder, from which it is begun, or gone on with. */
export function layOut({ directory, config, folds, manifest }: Cell): void {
  makeFolder(directory);
  if (manifest !== undefined && !existsSync(config.data)) writeFile(config.data, manifest);
  writeConfig(join(directory, folds ? RUN_FILES.folds : RUN_FILES.config), config);
}

/**
 * Environment variables by which glibc gives back what is no longer used; elsewhere they do nothing. Many cells at a time need
 * the memory, and the figures are the same.
 */
export const LESS_MEMORY = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: String(2 ** 20),
  MALLOC_TRIM_THRESHOLD_: String(2 ** 20),
} as const;

/** Starts a cell's process, and waits for its exit code. */
async function carriedOut(cell: Cell, options: CarryOutOptions): Promise<number | null> {
  const { backend = 'auto', signal } = options;
  layOut(cell);
  const threads = String(threadsFor(options));
  const [node, command] = SER_COMMAND;
  const log = openSync(join(cell.directory, CELL_LOG), 'a');
  const child = spawn(node, [command, 'run', '--resume', cell.directory, '--backend', backend, '--workers', threads], {
    stdio: ['ignore', log, log],
    env: { ...process.env, ...LESS_MEMORY, TF_NUM_INTRAOP_THREADS: threads, TF_NUM_INTEROP_THREADS: threads },
    // Ctrl-C in a terminal reaches all processes of a group: in one of its own, the child hears it once, from here.
    detached: process.platform !== 'win32',
  });
  closeSync(log);
  return exitCodeOf(child, signal);
}

/** Waits for a process, begun with {@link OWN_GROUP}, which is told of an interruption, and so are those that it has begun. */
export function exitCodeOf(child: ChildProcess, signal: AbortSignal | undefined): Promise<number | null> {
  const stop = () => (OWN_GROUP ? process.kill(-child.pid!, 'SIGINT') : child.kill('SIGINT'));
  signal?.addEventListener('abort', stop, { once: true });
  return new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  }).finally(() => signal?.removeEventListener('abort', stop));
}

/** Finished networks of cells: a cell's own, or those of its folds. */
function finishedRuns(cells: readonly Cell[]): number {
  const done = (folder: string) => Number(existsSync(join(folder, RUN_FILES.metrics)));
  return cells.reduce((sum, { directory, folds }) => {
    if (!folds) return sum + done(directory);
    const inner = existsSync(directory) ? readdirSync(directory) : [];
    return sum + inner.reduce((runs, name) => runs + done(join(directory, name)), 0);
  }, 0);
}

/** A cell that is not done, and what it said last. */
export function failedCell(cell: Cell): FailedCell {
  return { cell, lastLines: lastLinesOf(join(cell.directory, CELL_LOG)) };
}

/** The end of a log; nothing if there is none. */
export function lastLinesOf(path: string): string {
  const lines = existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
  return lines.slice(-LAST_LINES).join('\n');
}
