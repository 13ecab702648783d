/**
 * `npm run interop`: what other software makes of the files that are written here, and what is made here of theirs. Sets up
 * Keras 3 and tf.keras 2.15, each in a Python of its own (once), and prints a row for each file and reader.
 *
 * `--docs` also writes the table into docs/use-elsewhere.md, and `--golden` tests/golden/keras: files that Keras has saved and their answers, and its answers to files from here.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { decodeFile } from '../src/audio/decode-file.js';
import { wavFile } from '../src/audio/wav-file.js';
import { useBackend } from '../src/backend/backend.js';
import { writeFile, writeJson } from '../src/common/files.js';
import { withCommas } from '../src/common/text.js';
import { textTable } from '../src/common/text-table.js';
import { kerasFile } from '../src/exchange/keras.js';
import { type ImportSettings, importedModel } from '../src/exchange/keras-import.js';
import { readKeras } from '../src/exchange/keras-reading.js';
import { FEATURE_DEFAULTS } from '../src/features/features.js';
import { MEL_DEFAULTS } from '../src/features/mel.js';
import { bundleOf } from '../src/model/bundle.js';
import { loadModel } from '../src/model/load.js';
import type { GivenSettings } from '../src/model/settings.js';
import { compact } from '../src/networks/compact.js';
import { originalNetwork } from '../src/networks/original.js';
import { timeNetwork } from '../src/networks/time.js';
import { RUN_DEFAULTS } from '../src/run/config.js';
import { run as train } from '../src/run/run.js';
import {
  answersOf,
  largestDifference,
  questionsFor,
  type Small,
  smallNetworks,
  weighted,
} from '../tests/exchange/networks.js';
import { onnxTable } from './interop/onnx.js';
import { insertedBetweenMarks } from './marks.js';
import { pythonWith } from './python.js';

const ROOT = join(__dirname, '..');
const WORK = join(ROOT, '.cache/interop');
const GOLDEN = join(ROOT, 'tests/golden/keras');
const DOCUMENT = join(ROOT, 'docs/use-elsewhere.md');
const EMODB = join(ROOT, 'data/emodb');

/** How far probabilities may be apart. */
const TOLERANCE = 1e-5;
/** The same where librosa computes the features, and another library resamples. */
const RECORDING_TOLERANCE = 1e-3;

/** What is known of the networks that Keras makes. */
const MADE_SETTINGS: ImportSettings = {
  labels: ['anger', 'fear', 'neutral'],
  features: { name: 'mel', options: { ...MEL_DEFAULTS, bands: 16 } },
};

/** A Keras in a Python of its own. */
interface Side {
  readonly name: string;
  readonly python: string;
}

function sides(): Side[] {
  const needs = 'Python 3.11 on Linux x64';
  return [
    {
      name: 'keras3',
      python: pythonWith({
        ...{ folder: join(WORK, 'keras3'), needs },
        requirements: join(__dirname, 'interop/requirements.txt'),
      }),
    },
    {
      name: 'tf215',
      // What `npm run bench` is compared with has it.
      python: pythonWith({
        ...{ folder: join(ROOT, '.cache/bench/venv'), needs },
        requirements: join(ROOT, 'bench/requirements.txt'),
      }),
    },
  ];
}

/** What a side makes of a file from here. */
interface Checked {
  readonly error?: string;
  readonly kind: string;
  readonly parameters: number;
  readonly probabilities: number[][];
  readonly losses: [first: number, last: number];
  readonly afterwards: number[][];
}

/** What a side has made and saved itself. */
interface Made {
  readonly files: readonly string[];
  /** Of two clips, shape `(2, bands, frames)`. */
  readonly input: readonly number[][][];
  readonly parameters: number;
  readonly probabilities: number[][];
}

/** A network that is exported here, and what it answers. */
interface Ours {
  readonly name: string;
  readonly file: string;
  readonly settings: GivenSettings;
  readonly inputs: readonly unknown[];
  readonly parameters: number;
  readonly probabilities: number[][];
}

function asked<T>({ python }: Side, task: 'make' | 'check', argument: string): { version: string; result: T } {
  const { status, stdout, stderr } = spawnSync(python, [join(__dirname, 'interop/keras_side.py'), task, argument], {
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  if (status !== 0) throw new Error(`${python} ${task} failed: ${stderr.slice(-2000)}`);
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

/** Every network of the project: small ones, which are golden files, and in full size with weights of no meaning. */
function ours(): Ours[] {
  const small = smallNetworks();
  const full = { bands: 128, frames: 87, classes: 7, seed: 1 };
  if (compact.fitting.by !== 'gradient' || !compact.features) throw new Error('compact is another network by now');
  const labels = ['anger', 'boredom', 'disgust', 'fear', 'happiness', 'neutral', 'sadness'];
  const picture: GivenSettings = { ...small.original.settings, labels, frames: 87, features: FEATURE_DEFAULTS };
  const all: Record<string, Small> = {
    ...Object.fromEntries(Object.entries(small).map(([name, each]) => [`small ${name}`, each])),
    original: { network: originalNetwork(full), settings: picture },
    time: { network: timeNetwork(full), settings: picture },
    compact: {
      network: weighted(compact.fitting.build({ ...full, bands: 80 }), 0.1),
      settings: { ...small.masked.settings, labels, features: compact.features },
    },
  };
  return Object.entries(all).map(([name, { network, settings }]) => {
    const inputs = questionsFor(network);
    const file = join(WORK, 'ours', fileNamed(name));
    writeFile(file, kerasFile({ network, settings }));
    const probabilities = answersOf(network, inputs);
    return { name, settings, file, inputs, parameters: network.countParams(), probabilities };
  });
}

function fileNamed(name: string): string {
  return `${name.replace(' ', '-')}.keras`;
}

/** A row of the table, and whether all is as it should be. */
interface Row {
  readonly cells: readonly string[];
  readonly ok: boolean;
}

/** By name, what each network that is exported here is answered. */
type Answers = Readonly<Record<string, number[][]>>;

/** What a file that Keras has written answers here. */
async function imported(
  file: string,
  { settings, inputs }: { settings: ImportSettings; inputs: readonly unknown[] },
): Promise<{ answers: number[][]; parameters: number }> {
  const { network } = await bundleOf(await importedModel(readKeras(readFileSync(file), file), settings, file), file);
  const answered = { answers: answersOf(network, inputs), parameters: network.countParams() };
  network.dispose();
  return answered;
}

/** Files from here, opened there; and what becomes of them there, back here. */
async function checked(
  side: Side,
  files: readonly Ours[],
): Promise<{ rows: Row[]; version: string; answers: Answers }> {
  const folder = join(WORK, side.name, 'trained');
  mkdirSync(folder, { recursive: true });
  const jobs = files.map(({ name, file, inputs }) => ({
    ...{ file, inputs, targets: [0, 1, 2, 0] },
    trained: join(folder, fileNamed(name)),
  }));
  const list = join(WORK, side.name, 'jobs.json');
  writeJson(list, jobs);
  const { version, result } = asked<Checked[]>(side, 'check', list);
  const rows: Row[] = [];
  for (const [i, { name, settings, inputs, parameters, probabilities }] of files.entries()) {
    const { error, ...found } = result[i];
    if (error) {
      rows.push({ cells: [name, 'here', version, `does not open: ${error}`, '', ''], ok: false });
      continue;
    }
    const apart = largestDifference(found.probabilities, probabilities);
    const [first, last] = found.losses;
    rows.push({
      cells: [
        ...[name, 'here', version, `${found.kind}, ${withCommas(found.parameters)}`],
        ...[apart.toExponential(1), `loss ${first.toFixed(2)} to ${last.toFixed(2)}`],
      ],
      ok: found.parameters === parameters && apart < TOLERANCE && last < first,
    });
    // Keras keeps nothing of what it does not know.
    const back = await imported(jobs[i].trained, { settings: { like: settings }, inputs });
    const backApart = largestDifference(back.answers, found.afterwards);
    rows.push({
      cells: [`${name}, trained on`, version, 'here', withCommas(back.parameters), backApart.toExponential(1), ''],
      ok: back.parameters === parameters && backApart < TOLERANCE,
    });
  }
  return { rows, version, answers: Object.fromEntries(files.map(({ name }, i) => [name, result[i].probabilities])) };
}

/** Files that Keras has made from nothing, opened here. */
async function made(side: Side): Promise<{ rows: Row[]; made: Record<string, Made>; folder: string }> {
  const folder = join(WORK, side.name, 'made');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { version, result } = asked<Record<string, Made>>(side, 'make', folder);
  const rows: Row[] = [];
  for (const [name, { files, input, parameters, probabilities }] of Object.entries(result))
    for (const file of files) {
      const back = await imported(join(folder, file), { settings: MADE_SETTINGS, inputs: [input] });
      const apart = largestDifference(back.answers, probabilities);
      rows.push({
        cells: [`${file} (${name})`, version, 'here', withCommas(back.parameters), apart.toExponential(1), ''],
        ok: back.parameters === parameters && apart < TOLERANCE,
      });
    }
  return { rows, made: result, folder };
}

/** The lines of Python in a document, which must give what this project gives for a recording. */
async function documented(side: Side): Promise<Row> {
  const [recording] = readdirSync(EMODB)
    .filter((name) => name.endsWith('.flac'))
    .sort();
  const run = join(WORK, 'run');
  rmSync(run, { recursive: true, force: true });
  await train({ ...RUN_DEFAULTS, data: EMODB, epochs: 1 }, { directory: run, report: false });
  const code = readFileSync(DOCUMENT, 'utf8').match(/```python\n(.*?)```/s)![1];
  const { samples, sampleRateHz } = await decodeFile(join(EMODB, recording));
  writeFile(join(run, 'hello.wav'), wavFile(samples, sampleRateHz));
  const { status, stdout, stderr } = spawnSync(side.python, ['-c', code], {
    ...{ cwd: run, encoding: 'utf8' },
    env: { ...process.env, KERAS_BACKEND: 'jax' },
  });
  if (status !== 0)
    return {
      cells: ['docs/use-elsewhere.md', 'here', side.name, `fails: ${stderr.trim().split('\n').at(-1)}`, '', ''],
      ok: false,
    };
  const model = await loadModel(run);
  const { probabilities } = await model.predict(join(run, 'hello.wav'));
  model.dispose();
  const printed = JSON.parse(stdout.trim().split('\n').at(-1)!.replaceAll("'", '"')) as Record<string, number>;
  const labels = Object.keys(probabilities);
  const apart = largestDifference(
    [labels.map((label) => printed[label])],
    [labels.map((label) => probabilities[label])],
  );
  return {
    cells: ['docs/use-elsewhere.md, a recording', 'here', side.name, '', apart.toExponential(1), ''],
    ok: apart < RECORDING_TOLERANCE,
  };
}

async function main({ golden, docs }: { golden?: boolean; docs?: boolean }): Promise<void> {
  await useBackend('auto');
  const files = ours();
  const rows: Row[] = [];
  const all = sides();
  for (const side of all) {
    const theirs = await made(side);
    const ofOurs = await checked(side, files);
    rows.push(...ofOurs.rows, ...theirs.rows, await documented(side));
    if (golden) writeGolden(side, { ...theirs, version: ofOurs.version, answers: ofOurs.answers });
  }
  const head = ['network', 'written by', 'read by', 'parameters', 'largest difference', 'training on there'];
  if (docs)
    writeDocs('interop', {
      ...{ head, texts: 3 },
      rows: rows.map(({ cells }) => cells).filter(([network]) => !network.startsWith('small')),
    });
  console.log(
    textTable(
      head,
      rows.map(({ cells }) => cells),
    ),
  );
  const [onnxHead, ...onnxRows] = await onnxTable({ python: all[0].python, folder: join(WORK, 'onnx'), golden });
  console.log(textTable(onnxHead, onnxRows));
  if (docs) writeDocs('interop-onnx', { head: onnxHead, texts: 1, rows: onnxRows });
  if (golden)
    for (const { name, file } of files) if (name.startsWith('small')) copyFileSync(file, join(GOLDEN, fileNamed(name)));
  const bad = rows.filter(({ ok }) => !ok);
  console.log(`${rows.length - bad.length} of ${rows.length} are as they should be: probabilities within ${TOLERANCE}`);
  for (const { cells } of bad) console.error(`not as it should be: ${cells.join(', ')}`);
  if (bad.length > 0) process.exitCode = 1;
}

/** A table in the document, of which the first columns are texts and the others figures. */
function writeDocs(
  mark: string,
  { head, rows, texts }: { head: readonly string[]; rows: readonly (readonly string[])[]; texts: number },
): void {
  const lines = [head, head.map((_, i) => (i < texts ? '---' : '---:')), ...rows];
  const table = lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  writeFile(DOCUMENT, insertedBetweenMarks(readFileSync(DOCUMENT, 'utf8'), mark, table));
}

/** Keras's files, what they answer, and what it answers to the small networks from here. */
function writeGolden(
  { name }: Side,
  { folder, made, version, answers }: { folder: string; made: Record<string, Made>; version: string; answers: Answers },
): void {
  for (const file of Object.values(made).flatMap(({ files }) => files))
    writeFile(join(GOLDEN, name, file), readFileSync(join(folder, file)));
  const small = Object.fromEntries(Object.entries(answers).filter(([each]) => each.startsWith('small')));
  writeFile(join(GOLDEN, name, 'answers.json'), `${JSON.stringify({ version, made, ours: small })}\n`);
}

main(
  new Command('npm run interop')
    .description('Compares with Keras 3 and tf.keras 2.15, each in a Python of its own, and with ONNX Runtime.')
    .option('--docs', 'write the tables into docs/use-elsewhere.md')
    .option('--golden', 'write tests/golden/keras and tests/golden/onnx.json anew')
    .parse()
    .opts(),
);
