import { existsSync } from 'node:fs';
import { basename, join, type ParsedPath, parse, relative } from 'node:path';
import { Command } from 'commander';
import { featureCacheDirectory } from '../common/cache-directory.js';
import { writeCsv } from '../common/csv.js';
import { InputError } from '../common/errors.js';
import { writeFile } from '../common/files.js';
import { type FileProblem, problemLines } from '../common/problems.js';
import { audioFilesBelow, noRecordingsIn } from '../corpora/recordings.js';
import { INPUT_FRAMES } from '../dataset/dataset.js';
import { extractFeatures } from '../features/extraction/extract.js';
import { normalisedInput } from '../features/normalise.js';
import { npyBytes } from '../features/npy.js';
import { allowTruncatedOption, cacheLimitOption, workersOption } from './options.js';
import { terminalReporter } from './progress.js';

/** `ser features`: mel spectrograms as NumPy files. */
export function featuresCommand(): Command {
  return new Command('features')
    .summary('write mel spectrograms as .npy files')
    .description(`Writes the mel spectrogram of each recording as a NumPy file: float32 decibels, shape (128, frames).`)
    .argument('<path>', 'a recording, or a folder of them')
    .requiredOption('--out <folder>', 'where to write; the folders below <path> are kept')
    .option('--normalised', `the network's input instead: z-scored by the clip, shape (128, ${INPUT_FRAMES})`)
    .addOption(allowTruncatedOption())
    .addOption(workersOption())
    .addOption(cacheLimitOption())
    .addHelpText('after', '\nExample:\n  ser features recordings/ --out features/')
    .action(async (path: string, options) => {
      if (!existsSync(path)) throw new InputError(`No such file or folder: ${path}`);
      const files = audioFilesBelow(path);
      if (files.length === 0) throw new InputError(noRecordingsIn(path));
      const problems: FileProblem[] = [];
      const targets = targetsOf(files, path);
      const bar = terminalReporter.progress('features', files.length);
      let next = 0;
      try {
        for await (const result of extractFeatures(files, {
          workers: options.workers,
          allowTruncated: options.allowTruncated,
          cacheDirectory: featureCacheDirectory(),
          cacheLimitBytes: options.cacheLimit,
          say: terminalReporter.say,
        })) {
          if ('reason' in result) problems.push({ path: files[next], reason: result.reason });
          else {
            const { matrix, statistics } = result;
            const frames = options.normalised ? INPUT_FRAMES : matrix.frames;
            const values = options.normalised ? normalisedInput(matrix, statistics, { frames }) : matrix.values;
            writeFile(join(options.out, targets[next]), npyBytes(values, [matrix.bands, frames]), { fsync: false });
          }
          bar.update(++next);
        }
      } finally {
        bar.stop();
      }
      const written = files.length - problems.length;
      console.log(`${written} ${written === 1 ? 'file' : 'files'} in ${options.out}`);
      if (problems.length === 0) return;
      process.exitCode = 1;
      const list = join(options.out, 'problems.csv');
      writeCsv(
        list,
        problems.map(({ path, reason }) => ({ path, problem: reason })),
      );
      for (const line of problemLines(problems, `all are in ${list}`)) console.error(`ser: ${line}`);
    });
}

/** Each recording's place below the source as `.npy`, with its own ending kept where `a.wav` stands beside `a.flac`. */
function targetsOf(files: readonly string[], source: string): string[] {
  const places = files.map((file) => parse(source === file ? basename(file) : relative(source, file)));
  const stem = ({ dir, name }: ParsedPath) => join(dir, name);
  const counts = new Map<string, number>();
  for (const place of places) counts.set(stem(place), (counts.get(stem(place)) ?? 0) + 1);
  return places.map((place) => `${counts.get(stem(place)) === 1 ? stem(place) : join(place.dir, place.base)}.npy`);
}
