/**
 * `npm run bench -- --scale`: what a run takes with 1,000, 10,000 and 100,000 clips, beside Python with TFRecord files and
 * `tf.data`. Makes the corpus, measures whole processes, one after the other, and writes a table and `scale.json`.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { insertedBetweenMarks } from '../scripts/marks.js';
import { decodeFile } from '../src/audio/decode-file.js';
import { wavFile } from '../src/audio/wav-file.js';
import { useBackend } from '../src/backend/backend.js';
import { FEATURE_CACHE_VARIABLE } from '../src/common/cache-directory.js';
import { csvText, readCsv } from '../src/common/csv.js';
import { UsageError } from '../src/common/errors.js';
import { readJson, writeFile, writeJson } from '../src/common/files.js';
import { deriveSeed, type Random, seededRandom } from '../src/common/random.js';
import { withCommas } from '../src/common/text.js';
import { gaussian } from '../src/conditions/noise.js';
import type { Clip } from '../src/corpora/clip.js';
import { loadCorpus } from '../src/corpora/corpora.js';
import type { Metrics } from '../src/evaluation/metrics.js';
import { describeEnvironment, type Environment } from '../src/run/environment.js';
import type { Seconds } from '../src/run/outcome.js';
import { measure } from './measure.js';

/** Clips at ×1. */
const UNIT = 1000;
const FACTORS = [1, 10, 100];

/** Of the run with a cold cache, and of the one after it. */
const EPOCHS = { cold: 2, again: 1 } as const;

/** By how much copies differ from their recording, at most. */
const SPEED = 0.1;
const GAIN_DECIBELS = 6;
const NOISE_DECIBELS = { least: 15, most: 35 } as const;

/** Samples of noise, of which each copy has a stretch. */
const NOISE_SAMPLES = 2 ** 21;

/** Copies in one folder. */
const IN_FOLDER = 1000;

/** What one side took. */
interface Side {
  /** Cold: features, training, evaluation, and here a report. */
  readonly seconds: number;
  readonly megabytes: number;
  readonly featuresSeconds: number;
  /** Of the last epoch, validation included, for each clip. */
  readonly epochMilliseconds: number;
  /** The same again with one epoch, features at hand. */
  readonly againSeconds: number;
  readonly againMegabytes: number;
  /** Undefined where they are streamed, and no step of their own. */
  readonly againFeaturesSeconds?: number;
  /** Of the test set, after the cold run: both sides are to learn alike. */
  readonly accuracy: number;
}

type SideName = 'ours' | 'theirs';

/** What is measured at a size, and by which commands and versions. */
type Row = { readonly clips: number; readonly measuredBy: readonly string[] } & Readonly<
  Partial<Record<SideName, Side>>
>;

/** What `scale.json` holds. */
interface Results {
  readonly rows: readonly Row[];
  readonly environment: Environment;
  readonly python: Readonly<Record<string, string>>;
}

/** How it is measured. */
export interface ScaleOptions {
  /** The folder of the recordings that are copied. */
  readonly data: string;
  /** Where the corpus and what is made of it go: 20 GB at ×100, removed in the end. */
  readonly work: string;
  /** The interpreter of the other side. */
  readonly python: string;
  /** Where the results go. */
  readonly out: string;
  /** The document whose table is refreshed. */
  readonly page?: string;
  /** Multiples of 1,000 clips, with commas between; default: 1,10,100. */
  readonly factors?: string;
  /** Measures only one side, `ours` or `theirs`, and leaves the other as it was. */
  readonly only?: string;
  /** Leaves the corpus for the next time. */
  readonly keep?: boolean;
}

/** Measures, and writes `scale.json` and the table; after each size, so that an interruption leaves what is done. */
export async function measureScale(options: ScaleOptions): Promise<void> {
  const { work, out, page, keep, only } = options;
  const factors = options.factors?.split(',').map(Number) ?? FACTORS;
  if (!factors.every((factor) => Number.isInteger(factor) && factor > 0))
    throw new UsageError(`Cannot measure: --scale takes whole numbers, current value is ${options.factors}`);
  if (only !== undefined && only !== 'ours' && only !== 'theirs')
    throw new UsageError(`Cannot measure: --only must be ours or theirs with --scale, current value is ${only}`);
  const path = join(out, 'scale.json');
  const before = existsSync(path) ? (readJson(path) as Results).rows : [];
  const rows = new Map(before.map((row) => [row.clips, row]));
  process.env[FEATURE_CACHE_VARIABLE] = join(work, 'cache');
  mkdirSync(work, { recursive: true });
  const environment = describeEnvironment(await useBackend('native'));
  const { project, commit } = environment;
  const measuredBy = `\`${commandOf(options)}\` with version ${project}${commit ? ` (${commit})` : ''}`;
  try {
    await makeCorpus(options.data, work, UNIT * Math.max(...factors));
    for (const factor of factors) {
      const clips = UNIT * factor;
      const manifest = manifestOf(work, clips);
      const earlier = rows.get(clips);
      const row = {
        ...earlier,
        clips,
        measuredBy: [...new Set([...(only === undefined ? [] : (earlier?.measuredBy ?? [])), measuredBy])],
        ...(only !== 'theirs' && { ours: await ours(work, manifest) }),
        ...(only !== 'ours' && { theirs: await theirs(options, manifest) }),
      };
      rows.set(clips, row);
      const results: Results = {
        rows: [...rows.values()].sort((a, b) => a.clips - b.clips),
        environment,
        python: JSON.parse((await measure(pythonCommand(options, 'versions', {}))).output),
      };
      writeJson(path, results);
      console.log(textOf(results));
      if (page !== undefined)
        writeFile(page, insertedBetweenMarks(readFileSync(page, 'utf8'), 'scale', textOf(results)));
    }
  } finally {
    const made = keep ? ['cache', 'run', 'records'].map((name) => join(work, name)) : [work];
    for (const path of made) rmSync(path, { recursive: true, force: true });
  }
}

function commandOf({ factors, only }: ScaleOptions): string {
  return ['npm run bench -- --scale', factors ?? [], only === undefined ? [] : `--only ${only}`].flat().join(' ');
}

/**
 * Makes copies of the recordings, by turns, as WAV files: each at another speed and level, with noise, all drawn from its
 * number. Those that are there from an earlier time stay.
 */
async function makeCorpus(data: string, work: string, count: number): Promise<void> {
  const list = join(work, 'clips.csv');
  const there = existsSync(list) ? readCsv(list).length : 0;
  if (there >= count) return;
  const { clips } = await loadCorpus(data);
  const originals = await Promise.all(clips.map(originalOf));
  const random = seededRandom(1);
  const noise = Float32Array.from({ length: NOISE_SAMPLES }, () => gaussian(random));
  const rows: object[] = [];
  for (let i = 0; i < count; i++) {
    const original = originals[i % originals.length];
    const folder = join(work, 'clips', String(Math.floor(i / IN_FOLDER)).padStart(4, '0'));
    if (i % IN_FOLDER === 0) {
      mkdirSync(folder, { recursive: true });
      if (i % (10 * IN_FOLDER) === 0) console.error(`corpus: ${withCommas(i)} of ${withCommas(count)} clips`);
    }
    const path = join(folder, `${String(i).padStart(6, '0')}.wav`);
    rows.push(rowOf(original.clip, path));
    // They can be made again, and need not be on the disk at once.
    if (i < there) continue;
    const copy = copyOf(original, noise, seededRandom(deriveSeed(1, `copy ${i}`)));
    writeFileSync(path, wavFile(copy, original.sampleRateHz));
  }
  writeFile(list, csvText(rows));
}

function rowOf({ emotion, speaker, text }: Clip, path: string): object {
  return { path, emotion, speaker, text };
}

/** A recording that is copied. */
interface Original {
  readonly clip: Clip;
  readonly samples: Float32Array;
  readonly sampleRateHz: number;
  /** The mean square of the samples. */
  readonly power: number;
}

async function originalOf(clip: Clip): Promise<Original> {
  const { samples, sampleRateHz } = await decodeFile(clip.path);
  return { clip, samples, sampleRateHz, power: samples.reduce((sum, x) => sum + x * x, 0) / samples.length };
}

/** Samples at another speed (linearly interpolated: nobody listens) and level, with noise. */
function copyOf({ samples, power }: Original, noise: Float32Array, random: Random): Float32Array {
  const between = (low: number, high: number) => low + (high - low) * random();
  const speed = between(1 - SPEED, 1 + SPEED);
  const gain = 10 ** (between(-GAIN_DECIBELS, 0) / 20);
  const level = Math.sqrt(power / 10 ** (between(NOISE_DECIBELS.least, NOISE_DECIBELS.most) / 10));
  const length = Math.floor((samples.length - 1) / speed);
  const first = Math.floor(random() * (noise.length - length));
  const copy = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    const at = i * speed;
    const k = Math.floor(at);
    const sample = samples[k] + (at - k) * (samples[k + 1] - samples[k]);
    copy[i] = gain * (sample + level * noise[first + i]);
  }
  return copy;
}

/** The first clips of the corpus as a manifest. */
function manifestOf(work: string, clips: number): string {
  const path = join(work, `clips-${clips}.csv`);
  writeFile(path, csvText(readCsv(join(work, 'clips.csv')).slice(0, clips)));
  return path;
}

/** This project's side: the command as users have it. */
async function ours(work: string, manifest: string): Promise<Side> {
  const directory = join(work, 'run');
  const run = async (epochs: number) => {
    rmSync(directory, { recursive: true, force: true });
    const { seconds, peakMegabytes } = await measure(
      [
        ...[process.execPath, join(__dirname, '../bin/ser.js'), 'run', '--data', manifest, '--out', directory],
        ...['--network', 'original', '--protocol', 'original', '--backend', 'native'],
        ...['--epochs', String(epochs), '--patience', String(epochs)],
      ],
      { memory: true },
    );
    const { seconds: steps, test } = readJson(join(directory, 'metrics.json')) as {
      seconds: Seconds;
      test: Pick<Metrics, 'accuracy'>;
    };
    const history = readCsv(join(directory, 'history.csv')).map((row) => Number(row.seconds));
    return { seconds, megabytes: peakMegabytes, features: steps.features, epochs: history, accuracy: test.accuracy };
  };
  rmSync(join(work, 'cache'), { recursive: true, force: true });
  const side = sideOf(readCsv(manifest).length, await run(EPOCHS.cold), await run(EPOCHS.again));
  rmSync(join(work, 'cache'), { recursive: true, force: true });
  return told('ours', side);
}

/** What a run takes, and the length of its epochs. */
interface Taken {
  readonly seconds: number;
  readonly megabytes: number;
  readonly features?: number;
  readonly epochs: readonly number[];
  readonly accuracy: number;
}

function sideOf(clips: number, cold: Taken, again: Taken): Side {
  return {
    seconds: cold.seconds,
    megabytes: cold.megabytes,
    featuresSeconds: cold.features!,
    epochMilliseconds: (1000 * cold.epochs[cold.epochs.length - 1]) / clips,
    againSeconds: again.seconds,
    againMegabytes: again.megabytes,
    againFeaturesSeconds: again.features,
    accuracy: cold.accuracy,
  };
}

function told(name: SideName, side: Side): Side {
  console.error(`${name}: ${JSON.stringify(side)}`);
  return side;
}

/** Features by librosa in as many processes as there are cores, TFRecord files, `tf.data`, Keras. */
async function theirs(options: ScaleOptions, manifest: string): Promise<Side> {
  const records = join(options.work, 'records');
  const clips = readCsv(manifest);
  const run = async (epochs: number, taskOptions: object): Promise<Taken> => {
    const command = pythonCommand(options, 'run', { ...taskOptions, records, epochs });
    const { seconds, peakMegabytes, output } = await measure(command, { memory: true });
    return { seconds, megabytes: peakMegabytes, ...JSON.parse(output) };
  };
  rmSync(records, { recursive: true, force: true });
  const cold = await run(EPOCHS.cold, { manifest, workers: availableParallelism() });
  const again = await run(EPOCHS.again, {});
  rmSync(records, { recursive: true, force: true });
  return told('theirs', sideOf(clips.length, cold, again));
}

function pythonCommand({ python, work }: ScaleOptions, task: string, options: object): string[] {
  const path = join(work, `${task}.json`);
  writeJson(path, options);
  return [python, join(__dirname, 'scale.py'), task, path];
}

/** The results as Markdown, with what they were measured with. */
function textOf({ rows, environment, python }: Results): string {
  const { cpu, cores, memoryGiB, platform, node, backend } = environment;
  const number = (value: number) => (value >= 100 ? withCommas(Math.round(value)) : value.toPrecision(3));
  const line = (what: string, unit: string, figure: (side: Side) => number | undefined) => [
    what,
    ...rows.flatMap((row) => {
      const [one, other] = [row.ours, row.theirs].map((side) => side && figure(side));
      const cell = (value: number | undefined) => (value === undefined ? '–' : `${number(value)} ${unit}`);
      return [cell(one), cell(other)];
    }),
  ];
  const table = [
    ['', ...rows.flatMap(({ clips }) => [`${withCommas(clips)} clips`, 'Python'])],
    ['---', ...rows.flatMap(() => ['---:', '---:'])],
    line('features, nothing at hand', 's', (side) => side.featuresSeconds),
    line('an epoch, for each clip', 'ms', (side) => side.epochMilliseconds),
    line(`whole run, ${EPOCHS.cold} epochs`, 's', (side) => side.seconds),
    line('its peak memory', 'MB', (side) => side.megabytes),
    line('features, at hand', 's', (side) => side.againFeaturesSeconds),
    line(`whole run again, ${EPOCHS.again} epoch`, 's', (side) => side.againSeconds),
    line('its peak memory', 'MB', (side) => side.againMegabytes),
  ];
  return [
    `${[...new Set(rows.flatMap(({ measuredBy }) => measuredBy))].join(', ')}; ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${platform};`,
    `Node ${node}, tfjs ${backend.tfjs} on TensorFlow ${backend.tensorflow};`,
    `${Object.entries(python)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}.`,
    '',
    ...table.map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n');
}
