import { existsSync } from 'node:fs';
import { basename, join, type ParsedPath, parse, relative } from 'node:path';
import { Command, Option } from 'commander';
import { sourceName } from '../audio/segment.js';
import type { BackendName } from '../backend/info.js';
import { writeCsv } from '../common/csv.js';
import { InputError, UsageError } from '../common/errors.js';
import { type FileProblem, problemLines } from '../common/problems.js';
import { type Shard, shardOf, WHOLE } from '../common/shard.js';
import { count } from '../common/text.js';
import { audioFilesBelow, noRecordingsIn } from '../corpora/recordings.js';
import { INPUT_FRAMES } from '../dataset/dataset.js';
import { writeNpyFiles } from '../features/extraction/npy-files.js';
import { interruptSignal } from './interrupt.js';
import { allowTruncatedOption, backendOption, cacheLimitOption, shard, workersOption } from './options.js';
import { terminalReporter } from './progress.js';

/** `ser features`: mel spectrograms as NumPy files; or all that a run reads, in the cache. */
export function featuresCommand(): Command {
  return new Command('features')
    .summary('write mel spectrograms as .npy files, or fill the cache ahead of a run')
    .description(
      'Writes the mel spectrogram of each recording as a NumPy file: float32 decibels, shape (128, frames).\nWith --for it writes none, but keeps all features and vectors that a run reads where the run looks for them: in the cache.',
    )
    .argument('[path]', 'a recording, or a folder of them')
    .option('--out <folder>', 'where to write; the folders below <path> are kept')
    .option('--normalised', `the network's input instead: z-scored by the clip, shape (128, ${INPUT_FRAMES})`)
    .addOption(allowTruncatedOption())
    .addOption(
      new Option('--for <run>', 'the folder of a run or of folds, or its config.json or folds.json').conflicts([
        'out',
        'normalised',
        'allowTruncated',
      ]),
    )
    .addOption(
      new Option('--shard <i/n>', 'only the i-th of n parts of the recordings, e.g. 3/16')
        .argParser(shard)
        .default(WHOLE, 'all of them'),
    )
    .addOption(workersOption())
    .addOption(backendOption().default(undefined))
    .addOption(cacheLimitOption())
    .addHelpText(
      'after',
      [
        '\nExamples:',
        '  ser features recordings/ --out features/',
        '  ser features recordings/ --out features/ --shard 3/16   the third of sixteen parts',
        '  ser features --for runs/first --shard 3/16              what that run reads of the third part',
      ].join('\n'),
    )
    .action(async (path: string | undefined, options: Options) => {
      if (options.for !== undefined && path === undefined) return fillCache(options.for, options);
      if (options.for !== undefined || path === undefined)
        throw new UsageError('Cannot compute features: give either a path, or a run with --for');
      if (options.out === undefined) throw new UsageError('Cannot write features: --out must name a folder');
      const unfit = options.backend === undefined ? options.cacheLimit && '--cache-limit' : '--backend';
      if (unfit)
        throw new UsageError(`${unfit} goes only with --for: files are written without a backend or the cache`);
      return writeFeatures(path, { ...options, out: options.out });
    });
}

interface Options {
  readonly out?: string;
  readonly normalised?: boolean;
  readonly allowTruncated: number;
  readonly for?: string;
  readonly shard: Shard;
  readonly workers?: number;
  readonly backend?: 'auto' | BackendName;
  readonly cacheLimit?: number;
}

async function writeFeatures(path: string, options: Options & { readonly out: string }): Promise<void> {
  if (!existsSync(path)) throw new InputError(`No such file or folder: ${path}`);
  const all = audioFilesBelow(path);
  if (all.length === 0) throw new InputError(noRecordingsIn(path));
  const targets = targetsOf(all, path).map((target) => join(options.out, target));
  const files = shardOf(
    all.map((file, i) => ({ path: file, target: targets[i] })),
    options.shard,
  );
  const problems: FileProblem[] = [];
  const bar = terminalReporter.progress('features', files.length);
  let next = 0;
  try {
    for await (const reason of writeNpyFiles(files, {
      workers: options.workers,
      allowTruncated: options.allowTruncated,
      normalisedFrames: options.normalised ? INPUT_FRAMES : undefined,
    })) {
      if (reason !== undefined) problems.push({ path: files[next].path, reason });
      bar.update(++next);
    }
  } finally {
    bar.stop();
  }
  console.log(`${count(files.length - problems.length, 'file')} in ${options.out}`);
  if (problems.length === 0) return;
  process.exitCode = 1;
  const list = join(options.out, problemsFile(options.shard));
  writeCsv(
    list,
    problems.map(({ path, reason }) => ({ path, problem: reason })),
  );
  for (const line of problemLines(problems, `all are in ${list}`)) console.error(`ser: ${line}`);
}

async function fillCache(run: string, options: Options): Promise<void> {
  // Loaded here: whoever wants files does not wait for TensorFlow's packages.
  const { cacheFeatures, configAt } = require('../run/cache-features.js') as typeof import('../run/cache-features.js');
  const signal = interruptSignal();
  try {
    const { clips, skipped, cacheDirectory } = await cacheFeatures(configAt(run), {
      ...options,
      cacheLimitBytes: options.cacheLimit,
      reporter: terminalReporter,
      signal,
    });
    console.log(`Features of ${count(clips.length - skipped.length, 'clip')} for ${run} are in ${cacheDirectory}`);
    const unusable = skipped.map(({ clip, reason }) => ({ path: sourceName(clip), reason }));
    for (const line of problemLines(unusable, 'a run lists all in its clips.csv')) console.error(`ser: ${line}`);
  } catch (error) {
    if (!signal.aborted) throw error;
    console.error('Interrupted; the features so far are kept; the same command goes on.');
    process.exitCode = 1;
  }
}

/** Shards write into the same folder, and none over what another has found. */
function problemsFile({ part, of }: Shard): string {
  return of === 1 ? 'problems.csv' : `problems-${part}-of-${of}.csv`;
}

/** Each recording's place below the source as `.npy`, with its own ending kept where `a.wav` stands beside `a.flac`. */
function targetsOf(files: readonly string[], source: string): string[] {
  const places = files.map((file) => parse(source === file ? basename(file) : relative(source, file)));
  const stem = ({ dir, name }: ParsedPath) => join(dir, name);
  const counts = new Map<string, number>();
  for (const place of places) counts.set(stem(place), (counts.get(stem(place)) ?? 0) + 1);
  return places.map((place) => `${counts.get(stem(place)) === 1 ? stem(place) : join(place.dir, place.base)}.npy`);
}
