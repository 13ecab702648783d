/**
 * `npm run bench`: this project beside the same job in Python, in one session, by turns. Prints a table and writes it, with
 * the machine and all versions, as JSON, and a plot of how cost grows. See docs/performance.md.
 */
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { insertedBetweenMarks } from '../scripts/marks.js';
import { pythonWith } from '../scripts/python.js';
import { useBackend } from '../src/backend/backend.js';
import { readJson, writeFile, writeJson } from '../src/common/files.js';
import type { Corpus } from '../src/corpora/clip.js';
import { loadCorpus } from '../src/corpora/corpora.js';
import { ENCODERS } from '../src/encoder/encoder.js';
import { ORIGINAL_SIZES } from '../src/networks/convolution.js';
import { toPng } from '../src/pages/picture.js';
import { describeEnvironment } from '../src/run/environment.js';
import { findChromium } from '../tests/setup/chromium.js';
import { type ByCores, measureByCores } from './cores.js';
import { coresFigure, growthFigure, type Line } from './growth.js';
import { measure, median } from './measure.js';
import { BATCH, type Limit } from './ours/limit.js';
import { measureRows } from './rows.js';
import { measureScale } from './scale.js';

const ROOT = join(__dirname, '..');
const WORK = join(ROOT, '.cache/bench');
const VENV = join(WORK, 'venv');
const PYTHON = join(VENV, 'bin/python');
const CORES = availableParallelism();

/** Recordings whose features are compared, and how far they may be apart. */
const COMPARED = 20;
const MEDIAN_DECIBELS = 0.05;

/** The encoder's weights, of which both sides have the same. */
const WEIGHTS = join(ROOT, 'data/encoder', ENCODERS['whisper-base-3'].file);

/** Spectrograms of 2 s, encoded so many at once; and calls, of which the first few are warming up. */
const ENCODED = { frames: 200, calls: 120 } as const;
const WARM_UP = 60;

/** Windows that are answered on each side of the page's contest, in seconds and calls, the first few of them warming up. */
const WINDOWS = { seconds: 15, calls: 30, warmUp: 5 } as const;

/** How far the states of both sides may be apart. */
const STATES_APART = 1e-4;

/** A task on one side: seconds, milliseconds or megabytes, by its own clock or of the whole process. */
type Side = () => Promise<number>;

/** What is compared. */
interface Contest {
  readonly what: string;
  readonly unit: 's' | 'ms' | 'MB';
  readonly ours: Side;
  readonly theirs: Side;
  /** The ratio aimed at. */
  readonly target?: number;
  /** What the other side is; default: Python. */
  readonly against?: string;
  /** Measured once: memory hardly differs from run to run. */
  readonly once?: boolean;
}

/** A finished contest. */
interface Row {
  readonly what: string;
  readonly unit: string;
  readonly against: string;
  readonly ours: number;
  readonly theirs: number;
  readonly ratio: number;
  readonly smallestRatio: number;
  readonly largestRatio: number;
  readonly target?: number;
  readonly pairs: number;
}

/** What a run of ours has other than usual. */
interface RunChange {
  readonly network?: string;
  readonly inMemoryBytes?: number;
}

interface Options {
  readonly data: string;
  readonly pairs: number;
  readonly epochs: number;
  readonly docs?: boolean;
  /** Measures only what has this in its name, and leaves the other rows as they were. */
  readonly only?: string;
  /** Measures runs with ever more clips instead: multiples of 1,000 clips with commas between, or true. */
  readonly scale?: string | true;
  /** Measures what handles a row for each clip instead: numbers of rows with commas between, or true. */
  readonly rows?: string | true;
  readonly keep?: boolean;
  /** Measures only what depends on the number of cores, and leaves everything else as it was. */
  readonly cores?: boolean;
}

let files = 0;

/** Writes a task's options to a file, as they may be longer than a command line. */
function optionsFile(options: object): string {
  const path = join(WORK, `options-${files++}.json`);
  writeJson(path, options);
  return path;
}

const oursCommand = (task: string, options: object) => [
  ...[process.execPath, '--require', 'tsx/cjs', join(__dirname, 'ours.ts')],
  ...[task, optionsFile(options)],
];
const theirsCommand = (task: string, options: object) => [
  PYTHON,
  join(__dirname, 'theirs.py'),
  task,
  optionsFile(options),
];

/** What a process took as a whole. */
const seconds = async (command: readonly string[]) => (await measure(command)).seconds;
const megabytes = async (command: readonly string[]) => (await measure(command, { memory: true })).peakMegabytes;

/** The median epoch by the process's own clock; the first epoch is warming up. */
async function epochSeconds(command: readonly string[]): Promise<number> {
  const { seconds: epochs } = JSON.parse((await measure(command)).output) as { seconds: number[] };
  return median(epochs.slice(1));
}

/** The median milliseconds of a clip by the process's own clock. */
async function encodingMilliseconds(command: readonly string[]): Promise<number> {
  const { milliseconds } = JSON.parse((await measure(command)).output) as { milliseconds: number[] };
  return median(milliseconds.slice(WARM_UP));
}

/** The median milliseconds of a window by the process's own clock. */
async function windowMilliseconds(command: readonly string[]): Promise<number> {
  const { milliseconds } = JSON.parse((await measure(command)).output) as { milliseconds: number[] };
  return median(milliseconds.slice(WINDOWS.warmUp));
}

function freshFolder(name: string): string {
  const folder = join(WORK, name);
  rmSync(folder, { recursive: true, force: true });
  return folder;
}

function contests(paths: readonly string[], emotions: readonly string[], { data, epochs }: Options): Contest[] {
  const clips = paths.length;
  const tenfold = Array.from({ length: 10 }, () => paths).flat();
  const many = Array.from({ length: 1000 }, (_, i) => paths[i % clips]);
  const cacheDirectory = join(WORK, 'features');
  const ourModel = join(WORK, 'model');
  const theirModel = join(WORK, 'model.keras');
  const cold = () => ({ cacheDirectory: freshFolder('cold') });
  const { filters } = ORIGINAL_SIZES;
  const ourRun = (cache: string, count = epochs, { network = 'original', inMemoryBytes }: RunChange = {}) =>
    oursCommand('run', {
      ...{ data, network, epochs: count, workers: CORES, inMemoryBytes },
      ...{ directory: freshFolder('run'), cacheDirectory: cache },
    });
  const withInMemory = (inMemoryBytes: number) => epochSeconds(ourRun(cacheDirectory, 5, { inMemoryBytes }));
  const theirRun = () => theirsCommand('run', { paths, emotions, epochs, workers: CORES, model: theirModel });
  const ser = [process.execPath, join(ROOT, 'bin/ser.js')];
  const predict = (which: readonly string[]) => [...ser, 'predict', '--json', '--model', ourModel, ...which];
  const epoch = (backend: string, count: number) =>
    oursCommand('epochs', { clips: count, epochs: 3, filters, backend });
  const features = (count: number): Contest => ({
    what: `features of ${clips} clips, ${count === 1 ? 'one worker' : `${count} workers`}, cold cache`,
    unit: 's',
    ours: () => seconds(oursCommand('features', { paths, workers: count, ...cold() })),
    theirs: () => seconds(theirsCommand('features', { paths, workers: count })),
    target: count === 1 ? undefined : 0.33,
  });
  const encoding = (what: string, backend: string, options: { together: number; target?: number }): Contest => ({
    what,
    unit: 'ms',
    against: 'onnxruntime',
    ours: () => encodingMilliseconds(oursCommand('encode', { ...ENCODED, backend })),
    theirs: () =>
      encodingMilliseconds(theirsCommand('encode', { ...ENCODED, weights: WEIGHTS, together: options.together })),
    target: options.target,
  });
  const page = () => oursCommand('web', { paths: paths.slice(0, 8), seconds: WINDOWS.seconds });
  const ready = async (visit: 'first' | 'again') =>
    (JSON.parse((await measure(page())).output) as Record<typeof visit, number>)[visit];
  const web: readonly Contest[] = [
    {
      what: 'web: from sound to answer in Chromium, a window of 2 s',
      unit: 'ms',
      against: 'the answer alone, in Node',
      ours: () => windowMilliseconds(page()),
      theirs: () => windowMilliseconds(oursCommand('window', { backend: 'wasm', calls: WINDOWS.calls })),
    },
    {
      what: 'web: page, model and encoder there again, against the first time',
      unit: 's',
      against: 'the first time',
      ours: () => ready('again'),
      theirs: () => ready('first'),
    },
  ];
  const memory = (which: readonly string[]): Contest => ({
    what: `memory for the features of ${which.length} clips, ${CORES} workers`,
    unit: 'MB',
    ours: () => megabytes(oursCommand('features', { paths: which, workers: CORES, ...cold() })),
    theirs: () => megabytes(theirsCommand('features', { paths: which, workers: CORES })),
    target: 1,
    once: true,
  });
  return [
    {
      what: `whole run, ${epochs} epochs, cold cache, with report`,
      unit: 's',
      ours: async () => {
        const took = await seconds(ourRun(freshFolder('features')));
        cpSync(join(WORK, 'run/model'), ourModel, { recursive: true });
        return took;
      },
      theirs: () => seconds(theirRun()),
      target: 0.8,
    },
    ...(CORES > 1 ? [features(1)] : []),
    features(CORES),
    {
      what: `ser features: ${clips} .npy files, ${CORES} workers`,
      unit: 's',
      ours: () => seconds([...ser, 'features', data, '--out', freshFolder('npy'), '--workers', `${CORES}`]),
      theirs: () => seconds(theirsCommand('npy', { paths, root: data, out: freshFolder('npy'), workers: CORES })),
      target: 0.25,
    },
    {
      what: `features of ${clips} clips from the cache, against the first time`,
      unit: 's',
      against: 'the first time',
      ours: async () =>
        (JSON.parse((await measure(ourRun(cacheDirectory, 1))).output) as { features: number }).features,
      theirs: () => seconds(oursCommand('features', { paths, workers: CORES, ...cold() })),
    },
    {
      what: `an epoch of ${clips} clips (a fifth to validate with)`,
      unit: 's',
      ours: () => epochSeconds(epoch('native', clips)),
      theirs: () => epochSeconds(theirsCommand('epochs', { clips, epochs: 3, filters })),
      target: 1,
    },
    {
      what: `an epoch of ${clips} clips read from the cache, against all in memory`,
      unit: 's',
      against: 'in memory',
      ours: () => withInMemory(0),
      theirs: () => withInMemory(Number.MAX_SAFE_INTEGER),
      target: 1.1,
    },
    {
      what: 'an epoch of 640 clips on WebAssembly, against native',
      unit: 's',
      against: 'native',
      ours: () => epochSeconds(epoch('wasm', 640)),
      theirs: () => epochSeconds(epoch('native', 640)),
      target: 6,
    },
    {
      what: 'ser predict, one file, cold start',
      unit: 's',
      ours: () => seconds(predict(paths.slice(0, 1))),
      theirs: () => seconds(theirsCommand('predict', { paths: paths.slice(0, 1), model: theirModel })),
      target: 0.3,
    },
    {
      what: 'ser predict, 1,000 clips in one process',
      unit: 's',
      ours: () => seconds(predict(many)),
      theirs: () => seconds(theirsCommand('predict', { paths: many, model: theirModel })),
    },
    encoding('encoder: a clip of 2 s', 'native', { together: 1, target: 1.2 }),
    encoding('encoder: a clip of 2 s of many, theirs by eights', 'native', { together: 8 }),
    encoding('encoder: a clip of 2 s on WebAssembly', 'wasm', { together: 1 }),
    {
      what: `encoder: whole run of ${clips} clips, cold cache, with report`,
      unit: 's',
      ours: () => seconds(ourRun(freshFolder('features'), 1, { network: 'encoder' })),
      theirs: () => seconds(theirsCommand('encoder_run', { paths, emotions, weights: WEIGHTS, workers: CORES })),
    },
    ...(findChromium() === undefined ? [] : web),
    memory(paths),
    memory(tenfold),
    {
      what: `memory of the whole run`,
      unit: 'MB',
      ours: () => megabytes(ourRun(freshFolder('features'))),
      theirs: () => megabytes(theirRun()),
      once: true,
    },
    {
      what: 'memory of ser predict, one file',
      unit: 'MB',
      ours: () => megabytes(predict(paths.slice(0, 1))),
      theirs: () => megabytes(theirsCommand('predict', { paths: paths.slice(0, 1), model: theirModel })),
      once: true,
    },
  ];
}

/** Both sides by turns, A B A B …, after one turn that does not count. */
async function carryOut(contest: Contest, pairs: number): Promise<Row> {
  const { what, unit, against = 'Python', target, once } = contest;
  const count = once ? 1 : pairs;
  if (!once) for (const side of [contest.ours, contest.theirs]) await side();
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let pair = 0; pair < count; pair++) {
    ours.push(await contest.ours());
    theirs.push(await contest.theirs());
    console.error(
      `${what}: pair ${pair + 1} of ${count}: ${ours[pair].toFixed(2)} and ${theirs[pair].toFixed(2)} ${unit}`,
    );
  }
  const ratios = ours.map((value, pair) => value / theirs[pair]);
  return {
    ...{ what, unit, against, target, pairs: count },
    ...{ ours: median(ours), theirs: median(theirs), ratio: median(ratios) },
    ...{ smallestRatio: Math.min(...ratios), largestRatio: Math.max(...ratios) },
  };
}

/** How cost grows with clips and the network's size, each point measured once. */
async function growth(paths: readonly string[]): Promise<Record<'clips' | 'filters', Line[]>> {
  const sides = { 'this project': oursCommand, Python: theirsCommand };
  const lines = async (
    values: readonly number[],
    measured: (make: typeof oursCommand, value: number) => Promise<number>,
  ) => {
    const result: Line[] = [];
    for (const [name, make] of Object.entries(sides)) {
      const points: { x: number; y: number }[] = [];
      for (const value of values) points.push({ x: value, y: await measured(make, value) });
      result.push({ name, points });
    }
    return result;
  };
  const native = (make: typeof oursCommand) => (make === oursCommand ? { backend: 'native' } : {});
  const times = (count: number) => Array.from({ length: count }, () => paths).flat();
  const scaled = (factor: number) => ORIGINAL_SIZES.filters.map((filters) => filters * factor);
  return {
    clips: await lines([1, 4, 10], (make, factor) =>
      seconds(make('features', { paths: times(factor), workers: CORES })),
    ),
    filters: await lines([0.25, 0.5, 1, 2], (make, factor) =>
      epochSeconds(make('epochs', { ...native(make), clips: paths.length, epochs: 3, filters: scaled(factor) })),
    ),
  };
}

function byCores(paths: readonly string[]): Promise<ByCores> {
  return measureByCores(paths, ORIGINAL_SIZES.filters, {
    ours: oursCommand,
    theirs: theirsCommand,
    run: (command) => measure(command),
    coldCache: () => freshFolder('cold'),
  });
}

/** Makes sure that both sides do the same: features within 0.05 dB in the median, networks of the same size. */
async function check(paths: readonly string[]): Promise<string> {
  type Check = { decibels: number[][]; parameters: number };
  const some = paths.filter((_, i) => i % Math.ceil(paths.length / COMPARED) === 0);
  const [ours, theirs] = await Promise.all(
    [oursCommand, theirsCommand].map(
      async (make) => JSON.parse((await measure(make('check', { paths: some }))).output) as Check,
    ),
  );
  const apart = ours.decibels.flatMap((values, clip) => values.map((v, i) => Math.abs(v - theirs.decibels[clip][i])));
  const middle = median(apart);
  if (!(middle <= MEDIAN_DECIBELS)) throw new Error(`The features differ by ${middle} dB in the median`);
  if (ours.parameters !== theirs.parameters)
    throw new Error(`The networks differ: ${ours.parameters} and ${theirs.parameters} parameters`);
  const [states, others] = await Promise.all(
    [
      oursCommand('encode', { ...ENCODED, backend: 'native' }),
      theirsCommand('encode', { ...ENCODED, weights: WEIGHTS, together: 1 }),
    ].map(async (command) => (JSON.parse((await measure(command)).output) as { states: number[] }).states),
  );
  const statesApart = states.reduce((most, value, i) => Math.max(most, Math.abs(value - others[i])), 0);
  if (!(statesApart <= STATES_APART)) throw new Error(`The encoder's states differ by ${statesApart}`);
  return `the same network (${ours.parameters} parameters), features ${middle.toFixed(4)} dB apart in the median, and states of the encoder that differ by at most ${statesApart.toExponential(0)}`;
}

function preparePython(): void {
  pythonWith({
    folder: VENV,
    requirements: join(__dirname, 'requirements.txt'),
    needs: 'Python 3.9 to 3.11 on Linux x64',
  });
}

function markdownTable(rows: readonly Row[]): string {
  const number = (value: number) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
  const lines = rows.map(({ what, unit, against, ours, theirs, ratio, smallestRatio, largestRatio, target, pairs }) => [
    what,
    `${number(ours)} ${unit}`,
    `${number(theirs)} ${unit}${against === 'Python' ? '' : ` (${against})`}`,
    `**${ratio.toFixed(2)}**${pairs > 1 ? ` (${smallestRatio.toFixed(2)} to ${largestRatio.toFixed(2)})` : ''}`,
    target === undefined ? '' : `${target}`,
  ]);
  const head = ['what', 'this project', 'Python', 'ratio', 'target'];
  return [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...lines]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
}

/** What the arithmetic allows, in a sentence. */
function limitText(name: string, limit: Limit): string {
  const { gigaflop, convolutionMilliseconds, convolutionGigaflops, peakGigaflops, stepMilliseconds } = limit;
  return `- **${name}**: a step of ${BATCH} clips takes ${stepMilliseconds.toFixed(1)} ms. Its convolutions alone (${gigaflop.toFixed(2)} GFLOP, forward and backward) take ${convolutionMilliseconds.toFixed(1)} ms one by one, ${convolutionGigaflops.toFixed(0)} GFLOP/s, where a large product of matrices reaches ${peakGigaflops.toFixed(0)} GFLOP/s in the same library.`;
}

/** What the README says. */
function ratiosText(rows: readonly Row[]): string {
  const compared = rows.filter((row) => row.against === 'Python');
  const lines = compared.map(
    ({ what, unit, ratio }) => `| ${what} | ${unit === 'MB' ? 'memory' : 'time'} | ${ratio.toFixed(2)} |`,
  );
  return ['| what | of | this project / Python |', '| --- | --- | ---: |', ...lines].join('\n');
}

/** What `performance.json` holds. */
interface Results {
  readonly command: string;
  /** Commands that measured some rows later, in Markdown, and where, if that was another machine. */
  readonly later?: readonly string[];
  readonly same: string;
  readonly corpus: string;
  readonly clips: number;
  readonly rows: readonly Row[];
  readonly growth: Awaited<ReturnType<typeof growth>>;
  /** By the number of cores; absent where that was not measured. */
  readonly cores?: ByCores;
  /** What the arithmetic allows, in a sentence for each backend; absent where it was not measured. */
  readonly limits?: readonly string[];
  readonly environment: ReturnType<typeof describeEnvironment>;
  readonly python: Readonly<Record<string, string>>;
}

async function main(options: Options): Promise<void> {
  const { data, docs, only, scale, rows, keep } = options;
  mkdirSync(WORK, { recursive: true });
  const out = docs ? join(ROOT, 'docs') : join(ROOT, 'runs/bench');
  const page = docs ? join(out, 'scale.md') : undefined;
  if (rows !== undefined)
    return measureRows({ work: join(WORK, 'rows'), out, page, rows: rows === true ? undefined : rows, only });
  preparePython();
  if (scale !== undefined) {
    const factors = scale === true ? undefined : scale;
    return measureScale({ data, work: join(WORK, 'scale'), python: PYTHON, out, page, factors, only, keep });
  }
  const corpus = await loadCorpus(data);
  const some = only !== undefined || options.cores;
  const results = some ? await again(corpus, options, out) : await everything(corpus, options);
  writeJson(join(out, 'performance.json'), results);
  writeFile(join(out, 'performance.png'), await toPng(growthFigure(results.growth)));
  const { cores } = results;
  if (cores) writeFile(join(out, 'performance-cores.png'), await toPng(coresFigure(cores)));
  const text = textOf(results);
  console.log([text, ...(cores?.limits ?? [])].join('\n'));
  if (docs) {
    const page = join(out, 'performance.md');
    writeFile(page, insertedBetweenMarks(readFileSync(page, 'utf8'), 'bench', text));
    if (results.limits)
      writeFile(page, insertedBetweenMarks(readFileSync(page, 'utf8'), 'limit', results.limits.join('\n')));
    if (cores) writeFile(page, insertedBetweenMarks(readFileSync(page, 'utf8'), 'cores', cores.limits.join('\n')));
    const readme = join(ROOT, 'README.md');
    writeFile(readme, insertedBetweenMarks(readFileSync(readme, 'utf8'), 'ratios', ratiosText(results.rows)));
  }
}

async function measured(corpus: Corpus, options: Options): Promise<Row[]> {
  const [paths, emotions] = [corpus.clips.map(({ path }) => path), corpus.clips.map(({ emotion }) => emotion)];
  const { only = '' } = options;
  const rows: Row[] = [];
  for (const contest of contests(paths, emotions, options).filter(({ what }) => what.includes(only))) {
    rows.push(await carryOut(contest, options.pairs));
    // What an interruption leaves.
    writeJson(join(WORK, 'rows.json'), rows);
  }
  return rows;
}

async function everything(corpus: Corpus, options: Options): Promise<Results> {
  const paths = corpus.clips.map((clip) => clip.path);
  const same = await check(paths);
  console.error(`Both sides have ${same}`);
  const grown = await growth(paths);
  const rows = await measured(corpus, options);
  const limits: string[] = [];
  for (const name of ['native', 'wasm'] as const) {
    const { output } = await measure(oursCommand('limit', { backend: name }));
    limits.push(limitText(name, JSON.parse(output) as Limit));
  }
  return {
    command: commandOf(corpus, options),
    ...{ same, corpus: corpus.name, clips: paths.length, rows, growth: grown, limits },
    cores: await byCores(paths),
    environment: describeEnvironment(await useBackend('native')),
    python: await pythonVersions(),
  };
}

/** The results that are there, with some rows measured again, and new ones. */
async function again(corpus: Corpus, options: Options, out: string): Promise<Results> {
  const before = readJson(join(out, 'performance.json')) as Results;
  if (options.cores) return { ...before, cores: await byCores(corpus.clips.map(({ path }) => path)) };
  const same = await check(corpus.clips.map(({ path }) => path));
  const rows = await measured(corpus, options);
  const fresh = new Map(rows.map((row) => [row.what, row]));
  const { cpu } = describeEnvironment(await useBackend('native'));
  const where = cpu === before.environment.cpu ? '' : ` on ${cpu}`;
  const later = [...new Set([...(before.later ?? []), `\`${commandOf(corpus, options)}\`${where}`])];
  const added = rows.filter(({ what }) => !before.rows.some((row) => row.what === what));
  return {
    ...{ ...before, same, later },
    rows: [...before.rows.map((row) => fresh.get(row.what) ?? row), ...added],
    python: await pythonVersions(),
  };
}

async function pythonVersions(): Promise<Results['python']> {
  return JSON.parse((await measure(theirsCommand('versions', {}))).output) as Results['python'];
}

function commandOf(corpus: Corpus, { pairs, epochs, only }: Options): string {
  const some = only === undefined ? '' : ` --only '${only}'`;
  return `npm run bench -- --data ${corpus.name.toUpperCase()} --pairs ${pairs} --epochs ${epochs}${some}`;
}

/** The results as Markdown, with what they were measured with. */
function textOf({ command, later = [], same, clips, rows, environment, python }: Results): string {
  const { cpu, cores, platform, node, backend } = environment;
  return [
    `\`${command}\`, ${clips} clips; ${cpu}, ${cores} cores, ${platform};`,
    `Node ${node}, tfjs ${backend.tfjs} on TensorFlow ${backend.tensorflow};`,
    `${Object.entries(python)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}.`,
    `Both sides have ${same}.`,
    ...later.map((other) => `Measured later, both sides in turn: ${other}.`),
    '',
    markdownTable(rows),
  ].join('\n');
}

const integer = (text: string) => Number.parseInt(text, 10);
const options = new Command('bench')
  .description('Measures this project beside the same job in Python (which it sets up in .cache/bench), by turns.')
  .option('--data <path>', 'folder of the recordings', 'data/emodb')
  .option('--pairs <n>', 'times that each side is measured', integer, 5)
  .option('--epochs <n>', 'epochs of a whole run', integer, 12)
  .option('--docs', 'write to docs/ instead of runs/bench')
  .option('--cores', 'measure only how time falls with cores, and leave the rows as they were')
  .option('--only <text>', 'measure only what has this in its name, and leave the other rows as they were')
  .option(
    '--scale [factors]',
    'measure runs with so many thousand clips, 1,10,100 unless given, with tf.data beside them',
  )
  .option('--rows [numbers]', 'measure what handles a row for each clip, with 1000 to 1000000 of them unless given')
  .option('--keep', 'leave the clips that --scale makes for the next time: 9 GB for 100,000')
  .parse()
  .opts<Options>();

main(options).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
