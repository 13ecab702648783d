import { type Command, InvalidArgumentError, Option } from 'commander';
import { CACHE_LIMIT_RULE, cacheLimitOf, FEATURE_CACHE_LIMIT_VARIABLE } from '../common/cache-directory.js';
import { UsageError } from '../common/errors.js';
import type { Shard } from '../common/shard.js';

/** Parses an option's value as an integer from `least`. */
export function integer(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < least)
      throw new InvalidArgumentError(`It must be an integer from ${least}.`);
    return value;
  };
}

/** Parses an option's value as a number above 0. */
export function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

/** Parses an option's value as a number from 0. */
export function notNegative(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && Number.isFinite(value)))
    throw new InvalidArgumentError('It must be a number from 0.');
  return value;
}

/** Parses an option's value as a share, from 0 to 1. */
export function share(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError('It must be a number from 0 to 1.');
  return value;
}

/** Parses an option's value as a share above 0 and below 1. */
export function properShare(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1)) throw new InvalidArgumentError('It must be a number above 0 and below 1.');
  return value;
}

/** Parses an option's value as one of several parts: `3/16` is the third of sixteen. */
export function shard(text: string): Shard {
  const [, part, of] = (text.match(/^(\d+)\/(\d+)$/) ?? []).map(Number);
  if (!(part >= 1 && part <= of))
    throw new InvalidArgumentError('It must be like 3/16: the third of sixteen parts, which are counted from 1.');
  return { part, of };
}

/** Collects the values of an option that may be given several times. */
export function collected(value: string, earlier: string[]): string[] {
  return [...earlier, value];
}

/** Parses an option's value as the bytes that the feature cache may take. */
export function cacheLimit(text: string): number {
  const bytes = cacheLimitOf(text);
  if (bytes === undefined) throw new InvalidArgumentError(`It must be ${CACHE_LIMIT_RULE}.`);
  return bytes;
}

export const cacheLimitOption = () =>
  new Option(
    '--cache-limit <size>',
    `how much the features that are kept between runs may take, e.g. 20GB, or none; what was used least recently goes first (default: $${FEATURE_CACHE_LIMIT_VARIABLE}, else a tenth of the disk)`,
  ).argParser(cacheLimit);

export const backendOption = () =>
  new Option('--backend <name>', 'what computes: native TensorFlow, WebAssembly, or the better one there is')
    .choices(['auto', 'native', 'wasm'])
    .default('auto');

export const workersOption = () =>
  new Option('--workers <n>', 'worker threads for the features (default: one for each core)').argParser(integer(1));

export const allowTruncatedOption = () =>
  new Option('--allow-truncated <share>', 'share of a recording that may be missing, where its file is cut short')
    .argParser(share)
    .default(0);

export const modelOption = () =>
  new Option(
    '--model <folder>',
    "a run's folder, or its model folder (default: the newest run's in runs/, else the one that comes with the project)",
  );

/** Options that say how a job is carried out, not what it computes, and what it puts up with: they go together with --resume. */
const CARRYING_OUT = ['resume', 'workers', 'cacheLimit', 'backend', 'maxSkipped'];

/** What was given for an option on the command line; undefined where it has its default. */
export function given<T>(command: Command, name: string): T | undefined {
  return command.getOptionValueSource(name) === 'cli' ? command.getOptionValue(name) : undefined;
}

/**
 * A job goes on with the options that it was started with.
 *
 * @throws UsageError if others are given beside --resume
 */
export function checkResumption(command: Command): void {
  const given = command.options.filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli');
  const conflicting = given.find((option) => !CARRYING_OUT.includes(option.attributeName()));
  if (conflicting)
    throw new UsageError(
      `${conflicting.long} does not go with --resume: it goes on with the options that it was started with`,
    );
}
