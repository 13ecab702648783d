/**
 * Experiments: configurations compared on corpora, over seeds.
 *
 * In: a plan. Out: a run's folder for each cell of it, shared by all plans, and from these folders alone tables and figures.
 */
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { InputError } from '../common/errors.js';
import { readJson, writeJson } from '../common/files.js';
import { count } from '../common/text.js';
import { pooledTests } from '../evaluation/predictions.js';
import { readCost } from '../run/cost.js';
import type { Environment } from '../run/environment.js';
import { readRun } from '../run/finished.js';
import { RUN_FILES, RUNS_DIRECTORY } from '../run/folder.js';
import { readFolds } from '../run/folds.js';
import { SILENT } from '../run/reporter.js';
import { carryOut, type FailedCell, isDone } from './carry-out.js';
import { type Cell, expand } from './cells.js';
import { costOf, type ExperimentCost } from './cost.js';
import { type Plan, planName, readPlan } from './plan.js';
import { carryOutBySnakemake, type SnakemakeOptions } from './snakemake.js';
import type { CellResult, Summary } from './summary.js';
import { REPORT_FILES, writeReport } from './write.js';

/** Where experiments go unless another folder is named. */
export const EXPERIMENTS_DIRECTORY = join(RUNS_DIRECTORY, 'experiments');

/** What carries cells out: this process, on this machine, or Snakemake, on as many as there are. */
export const ENGINES = ['local', 'snakemake'] as const;

export interface ExperimentOptions extends Omit<SnakemakeOptions, 'out' | 'directory' | 'plan'> {
  /** Default: `local`. */
  readonly engine?: (typeof ENGINES)[number];
  /** The folder of all experiments; default: `runs/experiments`. */
  readonly out?: string;
}

/** What an experiment came to so far. */
export interface ExperimentResult {
  /** Of the tables and figures. */
  readonly directory: string;
  readonly report: string;
  readonly cells: number;
  /** The cells that are done. */
  readonly done: number;
  readonly failed: readonly FailedCell[];
  /** The configurations, task by task; none where no cell is done. */
  readonly summaries: Readonly<Record<string, readonly Summary[]>>;
  /** Of the cells that are done; undefined where none is. */
  readonly cost?: ExperimentCost;
}

/** What is written down about an experiment, so that its tables need nothing but the folders. */
interface Index {
  readonly plan: Plan;
  /** Folders are relative to that of all experiments. */
  readonly cells: readonly (Omit<CellResult, 'predictions' | 'environment' | 'cost'> & Pick<Cell, 'folds'>)[];
}

const INDEX = 'experiment.json';

/**
 * Carries out a plan: what is there already, of this plan or of another one, is not computed again. Then makes the tables.
 *
 * @throws InputError, UsageError with a message for the user
 */
export async function runExperiment(planPath: string, options: ExperimentOptions = {}): Promise<ExperimentResult> {
  const { out = EXPERIMENTS_DIRECTORY, data, engine = 'local', reporter = SILENT } = options;
  const plan = readPlan(planPath, data);
  const { cells, notes } = await expand(plan, out);
  for (const note of notes) reporter.say(note);
  const index: Index = { plan, cells: cells.map((cell) => entryOf(cell, out)) };
  const directory = join(out, planName(planPath));
  writeJson(join(directory, INDEX), index);
  const missing = cells.filter((cell) => !isDone(cell)).length;
  const runs = cells.reduce((sum, cell) => sum + cell.runs, 0);
  reporter.say(
    `${count(cells.length, 'cell')} (${count(runs, 'run')}), ${missing} still to do; their folders are in ${out}`,
  );
  const failed =
    engine === 'local'
      ? await carryOut(cells, options)
      : await carryOutBySnakemake(cells, { ...options, plan: planPath, out, directory });
  return { ...(await makeTables(planPath, options)), failed };
}

/**
 * Makes the tables and figures of an experiment again, from the folders of its runs alone.
 *
 * @throws InputError if it was not started yet, or its plan has changed since
 */
export async function makeTables(planPath: string, options: ExperimentOptions = {}): Promise<ExperimentResult> {
  const { out = EXPERIMENTS_DIRECTORY, data } = options;
  const directory = join(out, planName(planPath));
  const path = join(directory, INDEX);
  if (!existsSync(path)) throw new InputError(`Cannot make tables: ${planPath} was not started yet with ${out}`);
  const { plan, cells } = readJson(path) as Index;
  if (!isDeepStrictEqual(plan, JSON.parse(JSON.stringify(readPlan(planPath, data)))))
    throw new InputError(
      `Cannot make tables: ${planPath} has changed since it was started; carry it out before tables are made of it`,
    );
  const results = cells.flatMap((entry) => {
    const folder = join(out, entry.directory);
    return isDone({ directory: folder }) ? [resultOf({ ...entry, directory: folder })] : [];
  });
  const report = join(directory, REPORT_FILES.html);
  const state = { directory, report, cells: cells.length, done: results.length, failed: [] };
  if (results.length === 0) return { ...state, summaries: {} };
  const summaries = await writeReport(directory, { plan, results, cells: cells.length });
  return { ...state, summaries, cost: costOf(results) };
}

/**
 * The cells of an experiment that are finished, by its folder.
 *
 * @returns their folders, and how many are missing; undefined where the folder is no experiment's
 */
export function finishedCells(directory: string): { finished: readonly string[]; missing: number } | undefined {
  const path = join(directory, INDEX);
  if (!existsSync(path)) return undefined;
  const { cells } = readJson(path) as Index;
  const folders = cells.map((cell) => join(directory, '..', cell.directory));
  const finished = folders.filter((folder) => isDone({ directory: folder }));
  return { finished, missing: folders.length - finished.length };
}

function entryOf({ task, configuration, config, folds, directory }: Cell, out: string): Index['cells'][number] {
  const { seed, network, normalise, augment, protocol } = config;
  return {
    task,
    configuration,
    seed,
    network,
    normalise,
    augment,
    protocol,
    folds,
    directory: relative(out, directory),
  };
}

function resultOf({ folds, ...entry }: Index['cells'][number]): CellResult {
  const runs = folds ? readFolds(entry.directory) : [readRun(entry.directory)];
  const environment = readJson(join(runs[0].directory, RUN_FILES.environment)) as Environment;
  return { ...entry, environment, cost: readCost(entry.directory), predictions: pooledTests(runs) };
}
