import { Command, Option } from 'commander';
import { featureCacheDirectory, featureCacheLimit } from '../common/cache-directory.js';
import { InputError, UsageError } from '../common/errors.js';
import { problemLines } from '../common/problems.js';
import { count, size } from '../common/text.js';
import { textTable } from '../common/text-table.js';
import {
  type BatchFile,
  batchFiles,
  bytesIn,
  cachedSettings,
  defaultLimit,
  removeEmptySettings,
  removeFiles,
  shrink,
} from '../features/extraction/cache-folder.js';
import { cacheLimit, positive } from './options.js';

const DAY_MILLISECONDS = 24 * 3600_000;

/** `ser cache`: what is kept of features between runs. */
export function cacheCommand(): Command {
  return new Command('cache')
    .summary('show the features that are kept between runs, and remove them')
    .description(
      'Shows the features that are kept between runs: for each setting of them, how many recordings, how much space, and when it was used last. What is removed is computed again when it is needed; but a training under way that reads its clips from there ends, to be gone on with.',
    )
    .argument('[setting]', 'only settings whose name begins so')
    .option('--empty', 'remove them')
    .option('--older-than <days>', 'with --empty: only what was not used for so many days', positive)
    .addOption(
      new Option(
        '--limit <size>',
        'remove what was used least recently, but not within the last hour, until no more than this is left',
      )
        .argParser(cacheLimit)
        .conflicts(['empty', 'olderThan']),
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      [
        '\nExamples:',
        '  ser cache                             what there is',
        '  ser cache --empty --older-than 30     remove what was not used for 30 days',
        '  ser cache --limit 20GB                remove what was used least recently',
      ].join('\n'),
    )
    .action((setting: string | undefined, { empty, olderThan, limit, json }: Options) => {
      const directory = featureCacheDirectory();
      if (olderThan !== undefined && !empty)
        throw new UsageError('--older-than goes only with --empty: it says what is removed');
      if (limit !== undefined && setting !== undefined)
        throw new UsageError('--limit does not go with a setting: all of them together are bounded');
      const files = batchFiles(directory);
      const chosen = files.filter((file) => setting === undefined || file.setting?.startsWith(setting));
      if (setting !== undefined && chosen.length === 0)
        throw new InputError(
          `No setting in ${directory} has a name that begins with ${setting}; \`ser cache\` lists them`,
        );
      if (empty) remove(directory, chosen, olderThan);
      const { bytes } = limit === undefined ? { bytes: 0 } : shrink(directory, limit);
      if (limit !== undefined && bytes > limit)
        console.error(`More is left than was to be: ${size(bytes)} are in use, by jobs of the last hour`);
      const left = new Set(batchFiles(directory).map(({ path }) => path));
      const shown = {
        kept: chosen.filter(({ path }) => left.has(path)),
        ...((empty || limit !== undefined) && { removed: files.filter(({ path }) => !left.has(path)) }),
      };
      if (json) printJson(directory, shown);
      else print(directory, shown);
    });
}

interface Options {
  readonly empty?: boolean;
  readonly olderThan?: number;
  readonly limit?: number;
  readonly json?: boolean;
}

function remove(directory: string, files: readonly BatchFile[], olderThanDays = 0): void {
  const latest = Date.now() - olderThanDays * DAY_MILLISECONDS;
  const problems = removeFiles(files.filter(({ usedAt }) => olderThanDays === 0 || usedAt < latest));
  removeEmptySettings(directory);
  for (const line of problemLines(problems, '`ser cache` shows what is left')) console.error(`ser: ${line}`);
  if (problems.length > 0) process.exitCode = 1;
}

interface Shown {
  readonly kept: readonly BatchFile[];
  /** Where something was to be removed. */
  readonly removed?: readonly BatchFile[];
}

function print(directory: string, { kept, removed }: Shown): void {
  if (removed) console.log(`Removed ${count(removed.length, 'file')}, ${size(bytesIn(removed))}`);
  const rows = cachedSettings(directory, kept).map(({ setting, what, entries, bytes, usedAt }) => [
    setting ?? '–',
    entries ?? '',
    size(bytes),
    dateOf(usedAt),
    what,
  ]);
  if (rows.length > 0) console.log(textTable(['setting', 'clips', 'size', 'last used', 'what'], rows));
  const limit = limitOf(directory);
  const bound = Number.isFinite(limit) ? `of at most ${size(limit)}` : 'of any size';
  console.log(`${size(bytesIn(batchFiles(directory)))} ${bound}, in ${directory}`);
}

function printJson(directory: string, { kept, removed }: Shown): void {
  const value = {
    directory,
    // JSON has no word for infinity: null is no bound.
    limitBytes: limitOf(directory),
    bytes: bytesIn(batchFiles(directory)),
    settings: cachedSettings(directory, kept).map(({ usedAt, ...each }) => ({
      ...each,
      lastUsed: new Date(usedAt).toISOString(),
    })),
    removed: removed && { files: removed.length, bytes: bytesIn(removed) },
  };
  console.log(JSON.stringify(value, null, 2));
}

function limitOf(directory: string): number {
  return featureCacheLimit() ?? defaultLimit(directory);
}

/** The day and time, by the clock of where the user is. */
function dateOf(milliseconds: number): string {
  return new Date(milliseconds).toLocaleString('sv-SE').slice(0, 16);
}
