import { join } from 'node:path';
import envPaths from 'env-paths';

/** The user's cache folder for this project: what is in it can be deleted at any time, and is then made again. */
export function cacheDirectory(): string {
  return envPaths('speech-emotion', { suffix: '' }).cache;
}

/** Where features are kept between runs. */
export function featureCacheDirectory(): string {
  return join(cacheDirectory(), 'features');
}
