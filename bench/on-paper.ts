/**
 * `npm run on-paper`: what ten million clips on 200 machines like the one of `npm run bench` would take, reckoned from what it measured
 * (docs/performance.json). `--docs` writes the table into docs/scale.md.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { insertedBetweenMarks } from '../scripts/marks.js';
import { readJson, writeFile } from '../src/common/files.js';
import { count, withCommas } from '../src/common/text.js';
import { STATE_SIZE } from '../src/encoder/whisper.js';
import { MEL_DEFAULTS } from '../src/features/mel.js';

const DOCS = join(__dirname, '../docs');
const DOCUMENT = join(DOCS, 'scale.md');
const FLOAT_BYTES = 4;

/** TESS, which was measured: the means of its 2,798 recordings. */
const RECORDING_BYTES = 100_476;
const CLIP_SECONDS = 2.06;

/** Training of the Python original ends about so late. */
const EPOCHS = 50;

/** How many there are in a second. */
const UNITS: Readonly<Record<string, number>> = { s: 1, ms: 1000 };

/** The figures of `npm run bench` that are needed. */
interface Performance {
  readonly rows: readonly { readonly what: string; readonly unit: string; readonly ours: number }[];
  readonly environment: { readonly cpu: string; readonly cores: number };
}

/** A step, for one clip on one machine. */
interface Step {
  readonly name: string;
  /** Of processing. */
  readonly seconds: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Machines that share the work. */
  readonly machines: number;
  readonly times: number;
}

interface Options {
  readonly clips: number;
  readonly machines: number;
  readonly docs?: boolean;
}

/** Seconds for a clip, by the row of a name, which has the number of clips in it where it is of more than one. */
function secondsPerClip({ rows }: Performance, what: RegExp): number {
  const row = rows.find((each) => what.test(each.what));
  if (!row) throw new Error(`docs/performance.json has no row ${what}`);
  const [, clips = 1] = row.what.match(what)!;
  return row.ours / Number(clips) / UNITS[row.unit];
}

function steps(performance: Performance, machines: number): Step[] {
  const { sampleRateHz, hopLength, bands } = MEL_DEFAULTS;
  const frames = 1 + Math.floor((CLIP_SECONDS * sampleRateHz) / hopLength);
  const featureBytes = bands * frames * FLOAT_BYTES;
  const shared = { machines, times: 1 };
  return [
    {
      ...{
        name: 'features, in shards',
        seconds: secondsPerClip(performance, /^features of (\d+) clips, 2 workers, cold cache$/),
        ...shared,
      },
      ...{ bytesRead: RECORDING_BYTES, bytesWritten: featureBytes },
    },
    {
      ...{
        name: "the encoder's vectors, in shards",
        seconds: secondsPerClip(performance, /^encoder: a clip of 2 s of many/),
        ...shared,
      },
      ...{ bytesRead: RECORDING_BYTES, bytesWritten: STATE_SIZE * FLOAT_BYTES },
    },
    {
      ...{
        name: `${EPOCHS} epochs of one cell`,
        seconds: secondsPerClip(performance, /^an epoch of (\d+) clips \(/),
        machines: 1,
        times: EPOCHS,
      },
      ...{ bytesRead: featureBytes, bytesWritten: 0 },
    },
  ];
}

function rowOf({ name, seconds, bytesRead, bytesWritten, machines, times }: Step, options: Options): string[] {
  const all = options.clips * times;
  const busy = (all * seconds) / machines;
  const perSecond = (all * (bytesRead + bytesWritten)) / busy;
  return [
    name,
    `${(seconds * 1000).toFixed(2)} ms`,
    String(machines),
    hours(busy),
    bytes(all * bytesRead),
    bytes(all * bytesWritten),
    `${bytes(perSecond / machines)}/s`,
    `${bytes((perSecond / machines) * options.machines)}/s`,
  ];
}

function hours(seconds: number): string {
  return `${(seconds / 3600).toPrecision(2)} h`;
}

function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  return `${Number((value / 1000 ** power).toPrecision(3))} ${units[power]}`;
}

function main(options: Options): void {
  const performance = readJson(join(DOCS, 'performance.json')) as Performance;
  const head = [
    ...['step', 'a clip on a machine', 'machines', 'time', 'read', 'written', 'each machine moves'],
    `${options.machines} machines move`,
  ];
  const rows = steps(performance, options.machines).map((step) => rowOf(step, options));
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const { cpu, cores } = performance.environment;
  const text = [
    `${withCommas(options.clips)} clips of ${CLIP_SECONDS} s, ${count(options.machines, 'machine')} of ${cores} cores (${cpu}), reckoned from docs/performance.json:`,
    '',
    ...[head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...rows].map(line),
  ].join('\n');
  console.log(text);
  if (options.docs) writeFile(DOCUMENT, insertedBetweenMarks(readFileSync(DOCUMENT, 'utf8'), 'on-paper', text));
}

main(
  new Command('npm run on-paper')
    .option('--clips <n>', 'clips', Number, 1e7)
    .option('--machines <n>', 'machines', Number, 200)
    .option('--docs', 'write the table into docs/scale.md')
    .parse()
    .opts(),
);
