/**
 * `npm run bench -- --rows`: what each step that handles a row for each clip takes with 1,000 to 1,000,000 of them. Makes manifests
 * and folders, measures each step in a process of its own, and writes a table and `rows.json`.
 */
import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { insertedBetweenMarks } from '../scripts/marks.js';
import { UsageError } from '../src/common/errors.js';
import { readJson, writeFile, writeJson } from '../src/common/files.js';
import { withCommas } from '../src/common/text.js';
import { describeMachine } from '../src/run/environment.js';
import { measure } from './measure.js';

const ROWS = [1000, 10_000, 100_000, 1_000_000];

/** Steps in the order in which they are measured, as some read what others have written, and what they are in the table. */
const STAGES: Readonly<Record<string, string>> = {
  segments: 'a manifest of segments, read',
  files: 'a manifest of files, read',
  folder: 'a folder of files, looked through',
  words: 'what is said of a corpus',
  'split speaker': 'a split by speaker',
  'split text': 'a split by text',
  'split random': 'a split at random',
  folds: 'folds by speaker',
  assess: 'answers, assessed',
  'clips.csv written': '`clips.csv`, written',
  'clips.csv read': '`clips.csv`, read',
  'predictions, report': '`predictions.csv`, figures and report, written',
  'run read': 'a run, read',
  'inspect segments': '`ser inspect` of segments',
};

/** What a step took, see `ours/rows.ts`. */
interface Taken {
  /** Of processor time. */
  readonly seconds: number;
  /** Of the whole process at its largest, with the modules of all steps. */
  readonly megabytes: number;
}

/** How it is measured. */
export interface RowsOptions {
  /** Where manifests, folders and runs go; removed in the end. */
  readonly work: string;
  /** Where the results go. */
  readonly out: string;
  /** The document whose table is refreshed. */
  readonly page?: string;
  /** Numbers of rows, with commas between; default: 1000 to 1000000. */
  readonly rows?: string;
  /** Measures only what has this in its name in {@link STAGES}, and leaves the others as they were. */
  readonly only?: string;
}

/** What `rows.json` holds. */
interface Results {
  readonly counts: readonly number[];
  /** For each step, and each of the numbers of rows. */
  readonly taken: Readonly<Record<string, readonly Taken[]>>;
  /** Megabytes of the report. */
  readonly reports: readonly number[];
}

/** Measures, and writes `rows.json` and the table. */
export async function measureRows({ work, out, page, rows, only }: RowsOptions): Promise<void> {
  const path = join(out, 'rows.json');
  const before = only === undefined ? undefined : (readJson(path) as Results);
  const counts = before?.counts ?? rows?.split(',').map(Number) ?? ROWS;
  if (!counts.every((count) => Number.isInteger(count) && count >= ROWS[0]))
    throw new UsageError(`Cannot measure: --rows takes whole numbers from ${ROWS[0]}, current value is ${rows}`);
  const taken: Record<string, Taken[]> = {};
  const reports: number[] = [...(before?.reports ?? [])];
  const stages = Object.keys(STAGES).filter((stage) => only === undefined || stage.includes(only));
  mkdirSync(work, { recursive: true });
  try {
    for (const count of counts) {
      const directory = join(work, String(count));
      for (const stage of ['make', ...stages]) {
        const options = join(work, 'options.json');
        writeJson(options, { stage, rows: count, directory });
        const { output } = await measure([
          // As the command has it.
          ...[process.execPath, '--heap-growing-percent=60', '--require', 'tsx/cjs'],
          ...[join(__dirname, 'ours.ts'), 'rows', options],
        ]);
        const result = JSON.parse(output) as Taken;
        console.error(`${withCommas(count)} rows, ${stage}: ${result.seconds.toFixed(2)} s, ${result.megabytes} MB`);
        if (stage in STAGES) taken[stage] = [...(taken[stage] ?? []), result];
      }
      if (!before) reports.push(statSync(join(directory, 'report.html')).size / 1e6);
      rmSync(directory, { recursive: true });
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  const results: Results = { counts, taken: { ...before?.taken, ...taken }, reports };
  writeJson(path, results);
  const text = textOf(results);
  console.log(text);
  if (page !== undefined) writeFile(page, insertedBetweenMarks(readFileSync(page, 'utf8'), 'rows', text));
}

/** The results as Markdown. */
function textOf({ counts, taken, reports }: Results): string {
  const { cpu, platform, node } = describeMachine();
  const number = (value: number) => (value >= 100 ? withCommas(Math.round(value)) : value.toPrecision(2));
  const table = [
    ['', ...counts.map((count) => `${withCommas(count)} rows`)],
    ['---', ...counts.map(() => '---:')],
    ...Object.entries(STAGES).map(([stage, what]) => [
      what,
      ...taken[stage].map(({ seconds, megabytes }) => `${number(seconds)} s, ${number(megabytes)} MB`),
    ]),
    ['size of `report.html`', ...reports.map((size) => `${size.toFixed(1)} MB`)],
  ];
  return [
    `\`npm run bench -- --rows\`; ${cpu}, ${platform}, Node ${node}.`,
    '',
    ...table.map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n');
}
