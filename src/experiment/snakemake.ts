import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InputError } from '../common/errors.js';
import { SILENT } from '../run/reporter.js';
import {
  type CarryOutOptions,
  CELL_LOG,
  countingRuns,
  exitCodeOf,
  type FailedCell,
  failedCell,
  isDone,
  lastLinesOf,
  layOut,
  OWN_GROUP,
  threadsFor,
} from './carry-out.js';
import type { Cell } from './cells.js';
import { CELLS_RULE, WORKFLOW_FLAGS, type WorkflowOptions, writeWorkflow } from './workflow.js';

/** The version that the workflow is tested with, which scripts/cluster/requirements.txt names as well. */
const TESTED = '9.27.1';

/** A checkout's own, which `npm run snakemake` sets up, and that on the search path. */
const PLACES = [join(__dirname, '../../.cache/snakemake/bin/snakemake'), 'snakemake'];

/** What Snakemake says, in the experiment's folder. */
const LOG = 'snakemake.log';

export interface SnakemakeOptions
  extends CarryOutOptions,
    Pick<WorkflowOptions, 'directory' | 'out' | 'plan' | 'data'> {
  /** More options of Snakemake, such as `--executor`, `slurm`. */
  readonly snakemake?: readonly string[];
}

/**
 * Writes an experiment's workflow, and has Snakemake carry out the cells that are not done, or go on with them. One that fails
 * stops no other.
 *
 * @throws InputError if there is no Snakemake of the major version that the workflow is tested with
 */
export async function carryOutBySnakemake(cells: readonly Cell[], options: SnakemakeOptions): Promise<FailedCell[]> {
  const { directory, out, backend = 'auto', reporter = SILENT, signal } = options;
  const snakefile = writeWorkflow(cells, { ...options, backend, threads: threadsFor(options) });
  const waiting = cells.filter((cell) => !isDone(cell));
  if (waiting.length === 0) return [];
  const command = findSnakemake();
  for (const cell of waiting) layOut(cell);
  const path = join(directory, LOG);
  reporter.say(`The workflow is ${snakefile}; what Snakemake says of it goes to ${path}`);
  const log = openSync(path, 'a');
  const args = [
    '--snakefile',
    snakefile,
    '--directory',
    resolve(out),
    '--nocolor',
    ...WORKFLOW_FLAGS,
    ...limits(options),
  ];
  const child = spawn(command, [CELLS_RULE, ...args], { stdio: ['ignore', log, log], detached: OWN_GROUP });
  closeSync(log);
  const code = await countingRuns(waiting, options, () => exitCodeOf(child, signal));
  if (signal?.aborted || code === 0) return [];
  reporter.say(`Snakemake ended with exit code ${code}; in ${path} it said last:\n${lastLinesOf(path)}`);
  const begun = ({ directory }: Cell) => existsSync(join(directory, CELL_LOG));
  return waiting.filter((cell) => !isDone(cell) && begun(cell)).map(failedCell);
}

/** How much is done at a time, unless a profile or another option says so, and what else Snakemake is told. */
function limits(options: SnakemakeOptions): string[] {
  const { jobs, snakemake = [] } = options;
  if (jobs === undefined && snakemake.length > 0) return [...snakemake];
  const cores = (jobs ?? 1) * threadsFor(options);
  return ['--jobs', String(jobs ?? 1), '--cores', String(cores), ...snakemake];
}

/**
 * The first Snakemake that there is.
 *
 * @param places - paths, or names of commands on the search path
 * @throws InputError if there is none, or the first is of another major version than the workflow is tested with
 */
export function findSnakemake(places: readonly string[] = PLACES): string {
  for (const command of places) {
    const { error, status, stdout, stderr } = spawnSync(command, ['--version'], { encoding: 'utf8' });
    if (error) continue;
    const version = stdout.trim();
    const [major] = TESTED.split('.');
    if (status === 0 && version.split('.')[0] === major) return command;
    const found = status === 0 ? `version ${version}` : `it does not start: ${stderr.trim().split('\n').pop()}`;
    throw new InputError(`Cannot use ${command} (${found}): ${remedy()}`);
  }
  throw new InputError(`Cannot find Snakemake on the search path: ${remedy()}`);
}

function remedy(): string {
  return `the workflow is tested with version ${TESTED}. In a checkout, \`npm run snakemake\` sets it up; elsewhere \`pip install snakemake==${TESTED} snakemake-executor-plugin-slurm==2.8.0\` in an environment of Python 3.11 or later that is on the search path`;
}
