/**
 * `npm run results -- --tess FOLDER`: trains the original's network by every protocol, and every network on voices that it
 * has not heard, with three seeds each; writes the tables of results into README.md and docs/results.md. Runs are kept in
 * runs/results; those that are there are not repeated.
 */
import { copyFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { terminalReporter } from '../src/cli/progress.js';
import { InputError } from '../src/common/errors.js';
import { readJson, writeFile } from '../src/common/files.js';
import { mean } from '../src/common/statistics.js';
import type { Metrics } from '../src/evaluation/metrics.js';
import { configFor, RUN_DEFAULTS, type RunConfig } from '../src/run/config.js';
import type { FinishedRun } from '../src/run/finished.js';
import { RUN_FILES } from '../src/run/folder.js';
import { type FoldsResult, holdsFolds, resumeFolds, runFolds } from '../src/run/folds.js';
import { savedRun } from '../src/run/saved.js';
import { STRESS_FILES, type StressResult, stress } from '../src/run/stress.js';
import { LEARNT_CONDITIONS } from './learnt-conditions.js';
import { insertedBetweenMarks } from './marks.js';

const ROOT = join(__dirname, '..');
const RUNS = join('runs', 'results');
const SEEDS = [42, 43, 44];

/** What is trained, and whether the README shows it. */
interface Job {
  readonly name: string;
  readonly corpus: string;
  readonly protocol: string;
  readonly config: Partial<RunConfig>;
}

function jobs(tess: string): Job[] {
  const onTess = (protocol: RunConfig['protocol']): Job => ({
    ...{ name: `tess-${protocol}`, corpus: 'TESS', protocol },
    config: { data: tess, protocol },
  });
  const direction = (trained: string, tested: string): Job => ({
    ...{ name: directionName('original', tested), corpus: 'TESS', protocol: `speaker, ${trained} to ${tested}` },
    config: { data: tess, testSpeakers: [tested] },
  });
  return [
    ...(['original', 'random', 'text'] as const).map(onTess),
    direction('OAF', 'YAF'),
    direction('YAF', 'OAF'),
    { name: 'emodb-random', corpus: 'EMO-DB, 2 s', protocol: 'random', config: { protocol: 'random' } },
    { name: 'emodb-speaker', corpus: 'EMO-DB, 2 s', protocol: 'speaker', config: {} },
  ];
}

/** A network that is tried on unknown voices. */
interface Compared {
  /** In tables, and in the names of folders. */
  readonly name: string;
  readonly network: string;
  /** Whether it was trained before. */
  readonly pretrained: string;
  /** What is to be otherwise than the network is meant. */
  readonly changes?: Partial<RunConfig>;
}

const NETWORKS_COMPARED: readonly Compared[] = [
  { name: 'both', network: 'both', pretrained: 'in part' },
  { name: 'encoder, copies', network: 'encoder', pretrained: 'yes', changes: { speeds: [0.85, 1.18] } },
  { name: 'encoder, conditions', network: 'encoder', pretrained: 'yes', changes: { conditions: LEARNT_CONDITIONS } },
  { name: 'encoder', network: 'encoder', pretrained: 'yes' },
  { name: 'functionals', network: 'functionals', pretrained: 'no' },
  { name: 'compact', network: 'compact', pretrained: 'no' },
  { name: 'original', network: 'original', pretrained: 'no' },
];

/** Mean and range over the seeds, in per cent. */
function over<T>(results: readonly T[], value: (result: T) => number): string {
  const values = results.map((result) => 100 * value(result));
  return `${mean(values).toFixed(1)} (${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)})`;
}

/** The emotion with the lowest mean recall. */
function weakest(runs: readonly FinishedRun[]): string {
  const recall = (label: string) => mean(runs.map(({ metrics }) => metrics.test.perClass[label].recall));
  const label = runs[0].labels.reduce((worst, each) => (recall(each) < recall(worst) ? each : worst));
  return `${label}, ${(100 * recall(label)).toFixed(0)}`;
}

/** A run for each seed, unless it is there. */
async function savedRuns(name: string, config: RunConfig): Promise<FinishedRun[]> {
  const runs: FinishedRun[] = [];
  for (const seed of SEEDS) {
    const directory = join(RUNS, `${name}-${seed}`);
    runs.push(await savedRun({ ...config, seed }, { directory, reporter: terminalReporter }));
  }
  return runs;
}

/** Leaving one speaker out at a time, unless that is there. */
function savedFolds(config: RunConfig, directory: string): Promise<FoldsResult> {
  const options = { directory, reporter: terminalReporter };
  return holdsFolds(directory) ? resumeFolds(directory, options) : runFolds(config, options);
}

/** One row for each network: what it finds of speakers that it has not heard. */
async function unknownVoices(tess: string): Promise<string[][]> {
  const rows: string[][] = [];
  for (const compared of NETWORKS_COMPARED) {
    const { network, changes, pretrained, name } = compared;
    const folds: NonNullable<FoldsResult['pooled']>[] = [];
    for (const seed of SEEDS) {
      const directory = join(RUNS, `emodb-folds-${folderName(name)}-${seed}`);
      const { pooled } = await savedFolds(configFor(network, { ...changes, seed }), directory);
      folds.push(pooled!);
    }
    const worst = (metrics: Metrics) => Math.min(...Object.values(metrics.perClass).map(({ recall }) => recall));
    rows.push([
      name,
      pretrained,
      over(folds, ({ metrics }) => metrics.uar),
      over(folds, ({ metrics }) => worst(metrics)),
      over(folds, ({ calibrationError }) => calibrationError),
      await onTess(compared, tess, 'YAF'),
      await onTess(compared, tess, 'OAF'),
    ]);
  }
  return rows;
}

/** The folder of runs that were tested with one of TESS's two actresses. */
function directionName(name: string, tested: string): string {
  return `tess-${tested}-${folderName(name)}`;
}

function folderName(name: string): string {
  return name.replace(', ', '-');
}

/** What a network finds of one actress after hearing the other. */
async function onTess({ name, network, changes }: Compared, tess: string, tested: string): Promise<string> {
  const config = configFor(network, { ...changes, data: tess, testSpeakers: [tested] });
  const runs = await savedRuns(directionName(name, tested), config);
  return over(runs, ({ metrics }) => metrics.test.uar);
}

/** What recordings are put through, by the name of the condition, and what tables call it. */
const STRESSES = {
  'white-noise-5dB': 'white noise, 5 dB',
  'speech-noise-5dB': 'speech noise, 5 dB',
  telephone: 'telephone',
  'reverb-0.8s': 'room, 0.8 s',
  'clipping-10%': 'clipping, 10 %',
};

/** One row for each network: its UAR on speakers left out, and by how many points it falls under each condition. */
async function underStress(): Promise<string[][]> {
  const rows: string[][] = [];
  for (const { name } of NETWORKS_COMPARED) {
    const folds = join(RUNS, `emodb-folds-${folderName(name)}-${SEEDS[0]}`);
    const results: Pick<StressResult, 'clean' | 'conditions'>[] = [];
    for (const fold of readdirSync(folds).filter((entry) => entry.startsWith('fold-'))) {
      const [directory, out] = [join(folds, fold), join(folds, fold, 'stress')];
      const saved = join(out, STRESS_FILES.results);
      const options = { out, only: Object.keys(STRESSES), reporter: terminalReporter };
      results.push(existsSync(saved) ? (readJson(saved) as StressResult) : await stress(directory, options));
    }
    const points = (value: (result: (typeof results)[number]) => number) => (100 * mean(results.map(value))).toFixed(1);
    const drop = (condition: string) => points(({ conditions }) => conditions[condition].drop);
    rows.push([name, points(({ clean }) => clean.uar), ...Object.keys(STRESSES).map(drop)]);
  }
  return rows;
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[], texts: number): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [head, head.map((_, i) => (i < texts ? '---' : '---:')), ...rows].map(line).join('\n');
}

/** One row for each protocol: what the original's network finds. */
async function byProtocol(tess: string): Promise<string[][]> {
  const rows: string[][] = [];
  for (const { name, corpus, protocol, config } of jobs(tess)) {
    const runs = await savedRuns(name, { ...RUN_DEFAULTS, ...config });
    const test = (figure: 'accuracy' | 'uar' | 'macroF1') => over(runs, (run) => run.metrics.test[figure]);
    rows.push([corpus, protocol, test('accuracy'), test('uar'), test('macroF1'), weakest(runs)]);
  }
  return rows;
}

function insert(file: string, mark: string, table: string, note = ''): void {
  const path = join(ROOT, file);
  const text = `${table}\n\nMade with \`npm run results -- --tess FOLDER\`${note}.`;
  writeFile(path, insertedBetweenMarks(readFileSync(path, 'utf8'), mark, text));
  console.log(table);
}

async function main({ tess, only }: Options): Promise<void> {
  if (only === undefined || only === 'protocols') {
    const head = ['corpus', 'protocol', 'accuracy in %', 'UAR in %', 'macro-F1 in %', 'weakest emotion, recall in %'];
    const rows = await byProtocol(tess);
    const table = (columns: number) =>
      tableOf(
        head.slice(0, columns),
        rows.map((row) => row.slice(0, columns)),
        2,
      );
    insert('README.md', 'results', table(4));
    insert('docs/results.md', 'results', table(6), ', on the native backend');
    const picture = join(RUNS, `emodb-speaker-${SEEDS[0]}`, RUN_FILES.figures, 'confusion-normalised.png');
    copyFileSync(picture, join(ROOT, 'docs/confusion.png'));
  }
  if (only === undefined || only === 'voices') {
    const head = [
      'network',
      'pre-trained',
      'EMO-DB, 2 s',
      'worst emotion',
      'calibration error',
      'TESS: OAF to YAF',
      'YAF to OAF',
    ];
    const table = tableOf(head, await unknownVoices(tess), 2);
    insert('README.md', 'voices', table);
    insert('docs/results.md', 'voices', table, ', on the native backend');
  }
  if (only === undefined || only === 'stress') {
    const table = tableOf(['network', 'as they are', ...Object.values(STRESSES)], await underStress(), 1);
    insert('docs/results.md', 'stress', table, ', on the native backend');
  }
}

const TABLES = ['protocols', 'voices', 'stress'] as const;

interface Options {
  readonly tess: string;
  readonly only?: (typeof TABLES)[number];
}

const options = new Command('results')
  .description('Trains by every protocol with three seeds, and writes the tables of results.')
  .requiredOption('--tess <folder>', 'the Toronto Emotional Speech Set')
  .addOption(new Option('--only <table>', 'one of the tables').choices(TABLES))
  .parse()
  .opts<Options>();

main(options).catch((error) => {
  if (!(error instanceof InputError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
});
