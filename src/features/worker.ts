import { reasonOf } from '../errors.js';
import { FeatureCache } from './cache.js';
import { type ClipFeatures, createFileExtractor } from './clip-features.js';
import type { MelOptions } from './mel.js';

/** What a worker thread is asked for: the features of a few recordings. */
export interface Batch {
  readonly paths: readonly string[];
  readonly mel: MelOptions;
  readonly cacheDirectory?: string;
}

/** The features of a recording, or why there are none. */
export type Extraction = ClipFeatures | { readonly reason: string };

interface Tools {
  readonly key: string;
  readonly cache?: FeatureCache;
  readonly extract: (path: string) => Promise<ClipFeatures>;
}

let tools: Tools | undefined;

/** A worker thread's task; errors of single recordings are answers, so that one bad clip stops nothing. */
export default async function extractBatch({ paths, mel, cacheDirectory }: Batch): Promise<Extraction[]> {
  const key = JSON.stringify([mel, cacheDirectory]);
  if (tools?.key !== key) {
    const cache = cacheDirectory === undefined ? undefined : new FeatureCache(cacheDirectory);
    tools = { key, cache, extract: createFileExtractor(mel, cache) };
  }
  const { extract, cache } = tools;
  const results: Extraction[] = [];
  for (const path of paths) results.push(await extract(path).catch((error) => ({ reason: reasonOf(error) })));
  try {
    cache?.flush();
  } catch {
    // A full disk must not cost the features that were just computed.
  }
  return results;
}
