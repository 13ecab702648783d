import { extractFeatures } from '../../src/features/extraction/extract.js';
import { normalisedInput } from '../../src/features/normalise.js';
import { processorClock } from '../processor.js';

interface FeaturesTask {
  readonly paths: readonly string[];
  readonly workers: number;
  readonly cacheDirectory?: string;
}

/** Features as the network takes them. */
export default async function features({ paths, workers, cacheDirectory }: FeaturesTask): Promise<object> {
  const clock = processorClock();
  const target = new Float32Array(128 * 87);
  let clips = 0;
  for await (const result of extractFeatures(paths, { workers, cacheDirectory })) {
    if (!('matrix' in result)) throw new Error(result.reason);
    normalisedInput(result.matrix, result.statistics, { frames: 87, target });
    clips++;
  }
  return { clips, ...clock() };
}
