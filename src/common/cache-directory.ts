import { join } from 'node:path';
import envPaths from 'env-paths';

/** Names another folder for {@link featureCacheDirectory}, e.g. one on a larger disk, or one for a single job. */
export const FEATURE_CACHE_VARIABLE = 'SPEECH_EMOTION_FEATURE_CACHE';

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
