/**
 * `npm run results -- --tess FOLDER`: trains the original's network by every protocol with three seeds, and writes the tables of
 * results into README.md and docs/evaluation.md. Runs are kept in runs/results; those that are there are not repeated.
 */
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { terminalReporter } from '../src/cli/progress.js';
import { InputError } from '../src/common/errors.js';
import { writeFile } from '../src/common/files.js';
import { RUN_DEFAULTS, type RunConfig } from '../src/run/config.js';
import { RUN_FILES } from '../src/run/folder.js';
import { type FinishedRun, savedRun } from '../src/run/saved.js';
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
  const onTess = (protocol: string, config: Partial<RunConfig>, what = protocol): Job => ({
    name: `tess-${what.replace(/\W+/g, '-')}`,
    corpus: 'TESS',
    protocol: what,
    config: { data: tess, ...config },
  });
  return [
    onTess('original', { protocol: 'original' }),
    onTess('random', { protocol: 'random' }),
    onTess('text', { protocol: 'text' }),
    onTess('speaker', { protocol: 'speaker', testSpeakers: ['YAF'] }, 'speaker, OAF to YAF'),
    onTess('speaker', { protocol: 'speaker', testSpeakers: ['OAF'] }, 'speaker, YAF to OAF'),
    { name: 'emodb-random', corpus: 'EMO-DB, 2 s', protocol: 'random', config: { protocol: 'random' } },
    { name: 'emodb-speaker', corpus: 'EMO-DB, 2 s', protocol: 'speaker', config: {} },
  ];
}

/** Mean and range over the seeds, in per cent. */
function over(runs: readonly FinishedRun[], value: (run: FinishedRun) => number): string {
  const values = runs.map((run) => 100 * value(run));
  const mean = values.reduce((a, b) => a + b) / values.length;
  return `${mean.toFixed(1)} (${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)})`;
}

/** The emotion with the lowest mean recall. */
function weakest(runs: readonly FinishedRun[]): string {
  const mean = (label: string) =>
    runs.reduce((sum, { metrics }) => sum + metrics.test.perClass[label].recall, 0) / runs.length;
  const label = runs[0].labels.reduce((worst, each) => (mean(each) < mean(worst) ? each : worst));
  return `${label}, ${(100 * mean(label)).toFixed(0)}`;
}

async function main({ tess }: { tess: string }): Promise<void> {
  const rows: string[][] = [];
  for (const { name, corpus, protocol, config } of jobs(tess)) {
    const runs: FinishedRun[] = [];
    for (const seed of SEEDS) {
      const directory = join(RUNS, `${name}-${seed}`);
      runs.push(await savedRun({ ...RUN_DEFAULTS, ...config, seed }, { directory, reporter: terminalReporter }));
    }
    const test = (figure: 'accuracy' | 'uar' | 'macroF1') => over(runs, (run) => run.metrics.test[figure]);
    rows.push([corpus, protocol, test('accuracy'), test('uar'), test('macroF1'), weakest(runs)]);
  }
  const head = ['corpus', 'protocol', 'accuracy in %', 'UAR in %', 'macro-F1 in %', 'weakest emotion, recall in %'];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const table = (columns: readonly number[]) =>
    [head, head.map((_, i) => (i < 2 ? '---' : '---:')), ...rows]
      .map((row) => line(columns.map((c) => row[c])))
      .join('\n');
  const made = 'Made with `npm run results -- --tess FOLDER`';
  for (const [file, text] of [
    ['README.md', `${table([0, 1, 2, 3])}\n\n${made}.`],
    ['docs/evaluation.md', `${table([0, 1, 2, 3, 4, 5])}\n\n${made}, on the native backend.`],
  ]) {
    const path = join(ROOT, file);
    writeFile(path, insertedBetweenMarks(readFileSync(path, 'utf8'), 'results', text));
  }
  const picture = join(RUNS, `emodb-speaker-${SEEDS[0]}`, RUN_FILES.figures, 'confusion-normalised.png');
  copyFileSync(picture, join(ROOT, 'docs/confusion.png'));
  console.log(table([0, 1, 2, 3, 4, 5]));
}

const options = new Command('results')
  .description('Trains by every protocol with three seeds, and writes the tables of results.')
  .requiredOption('--tess <folder>', 'the Toronto Emotional Speech Set')
  .parse()
  .opts<{ tess: string }>();

main(options).catch((error) => {
  if (!(error instanceof InputError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
});
