import { join } from 'node:path';
import envPaths from 'env-paths';
import { UsageError } from './errors.js';
import { bytesOfSize } from './text.js';

/** Names another folder for {@link featureCacheDirectory}, e.g. one on a larger disk, or one for a single job. */
export const FEATURE_CACHE_VARIABLE = 'SPEECH_EMOTION_FEATURE_CACHE';

/** Names another bound for the features that are kept between runs, see {@link featureCacheLimit}. */
export const FEATURE_CACHE_LIMIT_VARIABLE = 'SPEECH_EMOTION_FEATURE_CACHE_LIMIT';

/** The user's cache folder for this project: what is in it can be deleted at any time, and is then made again. */
export function cacheDirectory(): string {
  return envPaths('speech-emotion', { suffix: '' }).cache;
}

/**
 * Where features are kept between runs: the folder that the environment variable `SPEECH_EMOTION_FEATURE_CACHE` names,
 * or else one in the user's cache folder.
 */
export function featureCacheDirectory(): string {
  return process.env[FEATURE_CACHE_VARIABLE] || join(cacheDirectory(), 'features');
}

/**
 * Bytes that the features that are kept between runs may take, as the environment variable
 * `SPEECH_EMOTION_FEATURE_CACHE_LIMIT` says, e.g. `20GB`; undefined where it does not.
 *
 * @throws UsageError if it is no size
 */
export function featureCacheLimit(): number | undefined {
  const text = process.env[FEATURE_CACHE_LIMIT_VARIABLE];
  if (!text) return undefined;
  const bytes = cacheLimitOf(text);
  if (bytes === undefined)
    throw new UsageError(`${FEATURE_CACHE_LIMIT_VARIABLE} must be ${CACHE_LIMIT_RULE}, current value is ${text}`);
  return bytes;
}

/** What a bound may be, for messages. */
export const CACHE_LIMIT_RULE = 'a size such as 20GB, or none';

/** The bytes of a bound, infinite for `none`; undefined if the text is no bound. */
export function cacheLimitOf(text: string): number | undefined {
  return text.trim() === 'none' ? Number.POSITIVE_INFINITY : bytesOfSize(text);
}

/** A bound as {@link cacheLimitOf} reads it. */
export function cacheLimitText(bytes: number): string {
  return Number.isFinite(bytes) ? `${bytes} B` : 'none';
}
