/**
 * `npm run cluster-test`: a small experiment on a real Slurm of three nodes, which is started on this machine for it: once as it should be,
 * and once with each fault that clusters have. Prints a row for each trial, and ends with 1 where the tables are not, byte for
 * byte, those of the local engine, or a cell was begun more often than the fault asks for. `--docs` writes the table into
 * docs/scale.md.
 *
 * Needs Linux, root, and Debian's slurmctld, slurmd, slurm-client and munge. Takes about ten minutes on two cores.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Command, Option } from 'commander';
import { InputError } from '../src/common/errors.js';
import { makeFolder, writeFile, writeJson } from '../src/common/files.js';
import { textTable } from '../src/common/text-table.js';
import { Slurm, type SlurmJob, until } from './cluster/slurm.js';
import { prepareSnakemake } from './cluster/snakemake.js';
import { insertedBetweenMarks } from './marks.js';

const ROOT = join(__dirname, '..');
const DOCUMENT = join(ROOT, 'docs/scale.md');
const NODES = 3;
const NODE_MEGABYTES = 4000;
const EPOCHS = 4;
const NAME = 'small';
const PLAN = {
  title: 'A small experiment',
  corpora: { emodb: join(ROOT, 'data/emodb') },
  tasks: [{ corpus: 'emodb' }],
  networks: ['functionals', { network: 'original', epochs: EPOCHS }],
  seeds: [1, 2],
};
const CELLS = 4;

/** So that a test takes minutes: how Snakemake uses Slurm is not changed by it. */
const SLURM_OPTIONS = [
  ...['--executor', 'slurm', '--slurm-no-account', '--slurm-status-command', 'squeue'],
  ...['--slurm-init-seconds-before-status-checks', '5', '--latency-wait', '30'],
];

/** An experiment's folder after its end. */
interface Outcome {
  readonly code: number | null;
  /** What it wrote: tables, and answers of all cells, by name. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** How often each cell's process was started, by the cell's name. */
  readonly starts: ReadonlyMap<string, number>;
  /** Epochs that were computed although they had been computed before. */
  readonly repeated: number;
  readonly seconds: number;
}

/** An experiment under way. */
interface Started {
  readonly folder: string;
  readonly child: ChildProcess;
}

interface Trial {
  readonly name: string;
  /** How often cells may be started in all. */
  readonly mostStarts: number;
  readonly options?: readonly string[];
  /** What befalls the experiment; says what was done. */
  readonly fault?: (started: Started, slurm: Slurm) => Promise<string>;
  /** Whether it is started a second time after its end. */
  readonly again?: boolean;
}

const TRIALS: readonly Trial[] = [
  { name: 'nothing', mostStarts: CELLS },
  {
    name: 'a node killed in the middle of a training',
    mostStarts: CELLS + 1,
    fault: async (started, slurm) => {
      const job = await trainingJob(started, slurm);
      slurm.killNode(job);
      return `${job.node} and job ${job.id} killed`;
    },
  },
  {
    name: 'jobs killed for memory, declared too small',
    mostStarts: 3 * CELLS,
    options: ['--config', 'cell_mb=350'],
    fault: async () => '350 MB declared, then 700 and 1050',
  },
  {
    name: 'the controller killed, and started after 15 s',
    mostStarts: CELLS + NODES,
    fault: async (started, slurm) => {
      const { id } = await trainingJob(started, slurm);
      slurm.killController();
      await setTimeout(15_000);
      slurm.startController();
      await setTimeout(30_000);
      // Had Snakemake asked for jobs in between, its plugin would turn to accounting for good, and wait for ever where there is none.
      const lost = workflowLogIn(started.folder).includes("Falling back to 'sacct'");
      if (lost) started.child.kill('SIGINT');
      return `while job ${id} ran${lost ? '; Snakemake asked meanwhile, had to be ended with Ctrl-C and started again' : ''}`;
    },
    again: true,
  },
  {
    name: 'Ctrl-C, and the command given again',
    mostStarts: CELLS + NODES,
    fault: async (started, slurm) => {
      const { id } = await trainingJob(started, slurm);
      started.child.kill('SIGINT');
      return `while job ${id} ran`;
    },
    again: true,
  },
];

/** Starts the experiment in a folder of its own, so that all of them write the same relative paths. */
function startIn(folder: string, options: readonly string[]): Started {
  makeFolder(folder);
  const plan = join(folder, '..', `${NAME}.json`);
  const args = ['experiment', plan, '--out', 'experiments', '--threads', '1', ...options];
  const child = spawn(process.execPath, [join(ROOT, 'bin/ser.js'), ...args], { cwd: folder, stdio: 'ignore' });
  return { folder, child };
}

function ended({ child }: Started): Promise<number | null> {
  return new Promise((resolve) => child.on('close', resolve));
}

/** Waits until a cell is being trained, and has finished an epoch. */
async function trainingJob({ folder }: Started, slurm: Slurm): Promise<SlurmJob> {
  const found = () =>
    slurm
      .runningJobs()
      .find(({ comment }) =>
        cellsIn(folder).some(
          (cell) =>
            comment.includes(basename(cell)) &&
            existsSync(join(cell, 'history.csv')) &&
            !existsSync(join(cell, 'metrics.json')),
        ),
      );
  let job: SlurmJob | undefined;
  await until(
    () => {
      job = found();
      return job !== undefined;
    },
    'a cell is being trained',
    300_000,
  );
  return job!;
}

function cellsIn(folder: string): string[] {
  const cells = join(folder, 'experiments/cells');
  return existsSync(cells) ? readdirSync(cells).map((name) => join(cells, name)) : [];
}

function outcomeIn(folder: string, code: number | null, begun: number): Outcome {
  const report = join(folder, 'experiments', NAME);
  // The page also says what cells cost.
  const tables = ['results.csv', 'results.md'].filter((name) => existsSync(join(report, name)));
  const cells = cellsIn(folder);
  const answers = cells.map((cell) => join(cell, 'predictions.csv')).filter((path) => existsSync(path));
  const files = [...tables.map((name) => join(report, name)), ...answers];
  const logs = new Map(cells.map((cell) => [basename(cell), logOf(cell)]));
  const repeated = [...logs.values()].map((log) => {
    const epochs = log.match(/^epoch \d+\//gm) ?? [];
    return epochs.length - new Set(epochs).size;
  });
  return {
    code,
    files: new Map(files.map((path) => [path.slice(folder.length + 1), readFileSync(path)])),
    starts: new Map([...logs].map(([name, log]) => [name, log.match(/the run's folder is/g)?.length ?? 0])),
    repeated: sum(repeated),
    seconds: (performance.now() - begun) / 1000,
  };
}

function logOf(cell: string): string {
  const path = join(cell, 'log.txt');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function workflowLogIn(folder: string): string {
  return readFileSync(join(folder, 'experiments', NAME, 'snakemake.log'), 'utf8');
}

/** What is wrong with an experiment's end, compared with the local engine's; nothing where all is well. */
function wrongWith({ mostStarts }: Trial, outcome: Outcome, reference: Outcome): string[] {
  const total = sum(outcome.starts.values());
  const different = [...reference.files].filter(([name, bytes]) => !outcome.files.get(name)?.equals(bytes));
  return [
    outcome.code !== 0 && `exit code ${outcome.code}`,
    ...different.map(([name]) => `${name} ${outcome.files.has(name) ? 'differs' : 'is missing'}`),
    outcome.files.size !== reference.files.size && `${outcome.files.size} files instead of ${reference.files.size}`,
    total > mostStarts && `cells were started ${total} times, and ${mostStarts} would have been enough`,
    outcome.repeated > 0 && `${outcome.repeated} epochs were computed again`,
  ].filter((line) => typeof line === 'string');
}

function sum(values: Iterable<number>): number {
  return [...values].reduce((total, value) => total + value, 0);
}

async function carriedOut(trial: Trial, folder: string, slurm: Slurm): Promise<{ outcome: Outcome; done: string }> {
  const options = ['--engine', 'snakemake', '--jobs', String(NODES), '--', ...SLURM_OPTIONS, ...(trial.options ?? [])];
  const begun = performance.now();
  const started = startIn(folder, options);
  const end = ended(started);
  const done = trial.fault ? await trial.fault(started, slurm) : '';
  let code = await end;
  if (trial.again) code = await ended(startIn(folder, options));
  return { outcome: outcomeIn(folder, code, begun), done };
}

/** All trials, in a namespace of their own. */
async function trials(folder: string, docs: boolean): Promise<void> {
  process.env.SPEECH_EMOTION_FEATURE_CACHE = join(folder, 'features');
  writeJson(join(folder, `${NAME}.json`), PLAN);
  const slurm = await Slurm.start(join(folder, 'slurm'), { nodes: NODES, memoryMegabytes: NODE_MEGABYTES });
  console.error(`Slurm has ${NODES} nodes; the local engine comes first, then ${TRIALS.length} trials …`);
  const begun = performance.now();
  const local = startIn(join(folder, 'local'), ['--jobs', '2']);
  const reference = outcomeIn(local.folder, await ended(local), begun);
  if (reference.code !== 0) throw new Error('The local engine has failed');
  const rows = [rowOf('(the local engine)', { outcome: reference, done: '', wrong: [] })];
  for (const [i, trial] of TRIALS.entries()) {
    const place = join(folder, `trial-${i + 1}`);
    const { outcome, done } = await carriedOut(trial, place, slurm);
    const wrong = wrongWith(trial, outcome, reference);
    rows.push(rowOf(trial.name, { outcome, done, wrong }));
    console.error(`${trial.name}: ${wrong.join('; ') || 'as it should be'}`);
    if (wrong.length > 0) {
      process.exitCode = 1;
      console.error(workflowLogIn(place));
    }
    await slurm.reviveAll();
  }
  const head = ['what befell', 'how', 'tables', 'starts of 4 cells', 'epochs repeated', 's'];
  console.log(textTable(head, rows));
  if (!docs) return;
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  writeFile(DOCUMENT, insertedBetweenMarks(readFileSync(DOCUMENT, 'utf8'), 'cluster-test', lines.join('\n')));
}

function rowOf(
  name: string,
  { outcome, done, wrong }: { outcome: Outcome; done: string; wrong: readonly string[] },
): string[] {
  const { starts, repeated, seconds } = outcome;
  const tables = wrong.length > 0 ? wrong.join('; ') : 'the same';
  return [name, done, tables, [...starts.values()].join(' + '), String(repeated), seconds.toFixed(0)];
}

/** Goes into namespaces of mounts and processes: all that is started there ends with the first process of it. */
function main(docs: readonly string[]): void {
  Slurm.requireInstalled();
  prepareSnakemake();
  const folder = mkdtempSync(join(tmpdir(), 'ser-cluster-'));
  // Munge is another user.
  chmodSync(folder, 0o755);
  try {
    // A shell is the first process of the namespace: it clears away those that have lost their parents, as an init does.
    const shell = ['bash', '-c', '"$@"; exit $?', 'bash'];
    const trials = [process.execPath, '--require', 'tsx/cjs', __filename, '--inside', folder, ...docs];
    const namespace = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
    const { status } = spawnSync('unshare', [...namespace, ...shell, ...trials], { stdio: 'inherit', cwd: ROOT });
    process.exitCode = status ?? 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const { inside, docs } = new Command('npm run cluster-test')
  .option('--docs', 'write the table into docs/scale.md')
  .addOption(new Option('--inside <folder>', 'used by the command itself').hideHelp())
  .parse()
  .opts<{ inside?: string; docs?: boolean }>();
if (inside !== undefined) trials(inside, docs === true);
else
  try {
    main(docs ? ['--docs'] : []);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
