import { reasonOf } from '../errors.js';
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

let extractor: { readonly key: string; readonly extract: (path: string) => Promise<ClipFeatures> } | undefined;

/** A worker thread's task; errors of single recordings are answers, so that one bad clip stops nothing. */
export default async function extractBatch({ paths, mel, cacheDirectory }: Batch): Promise<Extraction[]> {
  const key = JSON.stringify([mel, cacheDirectory]);
  if (extractor?.key !== key) extractor = { key, extract: createFileExtractor(mel, cacheDirectory) };
  const results: Extraction[] = [];
  for (const path of paths) results.push(await extractor.extract(path).catch((error) => ({ reason: reasonOf(error) })));
  return results;
}
