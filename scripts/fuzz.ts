/**
 * `npm run fuzz`: reads many thousands of damaged and altered files with every reader, and prints a row for each: inputs, how
 * many were accepted and refused, by which class of error, the slowest one, and how much memory was left behind. Ends with 1,
 * and keeps the input, where one is not answered by a result or a known error, in bounded time and memory.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { writeFile } from '../src/common/files.js';
import { count, withCommas } from '../src/common/text.js';
import { textTable } from '../src/common/text-table.js';
import { type FuzzResult, fuzz, inputOf } from '../tests/fuzz/fuzz.js';
import { READERS } from '../tests/fuzz/readers.js';

const ROOT = join(__dirname, '..');
const KEPT = join(ROOT, '.cache/fuzz');

/** A process that is at one input for so long hangs. */
const HANGING_MILLISECONDS = 30_000;

/** Faults of a reader that are told of, and whose inputs are kept. */
const LISTED = 5;

interface Options {
  readonly inputs: number;
  readonly seed: number;
  /** Only readers with this in their name. */
  readonly only?: string;
  /** Set in the process that reads: the reader's name. */
  readonly reader?: string;
  readonly folder?: string;
}

/** Each reader has a process of its own, which may hang or die. */
async function main(options: Options): Promise<void> {
  const names = Object.keys(READERS).filter((name) => name.includes(options.only ?? ''));
  const rows: string[][] = [];
  let total = 0;
  for (const name of names) {
    const folder = mkdtempSync(join(tmpdir(), 'ser-'));
    try {
      const result = await inProcess(name, { ...options, folder });
      total += result.inputs;
      console.error(`${name}: ${count(result.inputs, 'input')}, ${count(result.faults.length, 'fault')}`);
      rows.push(rowOf(name, result));
      if (result.faults.length > 0) process.exitCode = 1;
      for (const { input, reason } of result.faults.slice(0, LISTED)) {
        const kept = join(KEPT, `${name} ${options.seed} ${input}`);
        writeFile(kept, inputOf(await READERS[name](mkdtempSync(join(folder, 'again-'))), input, options.seed));
        console.error(`${name}: input ${input}, kept in ${kept}: ${reason}`);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  console.log(textTable(['reader', 'inputs', 'accepted', 'refused', 'faults', 'slowest', 'memory left'], rows));
  console.log(`${count(total, 'input')} with seed ${options.seed}`);
}

function rowOf(name: string, result: FuzzResult): string[] {
  const refused = Object.entries(result.refused).map(([error, times]) => `${withCommas(times)} ${error}`);
  return [
    ...[name, withCommas(result.inputs), withCommas(result.accepted), refused.join(', ') || '0'],
    ...[String(result.faults.length), `${result.slowestMilliseconds.toFixed(0)} ms`],
    `${Math.max(0, result.grownMegabytes).toFixed(0)} MB`,
  ];
}

/** Runs a reader's inputs in another process; one that hangs or dies has a fault at the input that it was at. */
function inProcess(name: string, { inputs, seed, folder }: Options): Promise<FuzzResult> {
  const own = ['--expose-gc', '--require', 'tsx/cjs', __filename];
  const child = spawn(
    process.execPath,
    [...own, '--reader', name, '--inputs', `${inputs}`, '--seed', `${seed}`, '--folder', `${folder}`],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let [output, errors, at, since, hangs] = ['', '', '', performance.now(), false];
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const timer = setInterval(() => {
    const now = placeIn(folder!);
    if (now !== at) [at, since] = [now, performance.now()];
    else if (now !== '' && performance.now() - since > HANGING_MILLISECONDS) {
      hangs = true;
      child.kill('SIGKILL');
    }
  }, 1000);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearInterval(timer);
      if (code === 0) return resolve(JSON.parse(output.slice(output.lastIndexOf('\n', output.length - 2) + 1)));
      const input = Number(placeIn(folder!));
      const reason = hangs ? 'it hangs' : `the process ended with ${code ?? signal}:\n${errors}`;
      const none = { accepted: 0, refused: {}, slowestMilliseconds: Number.NaN, grownMegabytes: Number.NaN };
      resolve({ ...none, inputs: input + 1, faults: [{ input, reason }] });
    });
  });
}

/** The input that a process is at, '' before the first. */
function placeIn(folder: string): string {
  try {
    return readFileSync(join(folder, 'input'), 'utf8').trim();
  } catch {
    return '';
  }
}

/** In the process that reads. */
async function readAll({ reader: name, folder, inputs, seed }: Options): Promise<void> {
  const place = join(folder!, 'input');
  const reader = await READERS[name!](mkdtempSync(join(folder!, 'reader-')));
  writeFileSync(place, '');
  const file = openSync(place, 'r+');
  const onInput = (input: number) => writeSync(file, String(input).padEnd(12), 0);
  const result = await fuzz(reader, { seed, inputs, onInput });
  closeSync(file);
  console.log(JSON.stringify(result));
}

const command = new Command('fuzz')
  .option('--inputs <n>', 'inputs for each reader', Number, 10_000)
  .option('--seed <n>', 'another seed makes other inputs', Number, 1)
  .option('--only <text>', 'only readers with this in their name')
  .option('--reader <name>')
  .option('--folder <path>')
  .action((options: Options) => (options.reader === undefined ? main(options) : readAll(options)));
command.parseAsync().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
