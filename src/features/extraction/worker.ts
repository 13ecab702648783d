import type { Source } from '../../audio/segment.js';
import { InputError, reasonOf } from '../../common/errors.js';
import type { ConditionSettings } from '../../conditions/under-condition.js';
import type { ClipFeatures } from '../clip-features.js';
import type { FeatureSettings } from '../features.js';
import { createFileExtractor } from './file-extractor.js';

/** What a worker thread is asked for: the features of a few recordings. */
export interface Batch {
  /** Each with its content, where that is read already. */
  readonly files: readonly (Source & { readonly content?: Uint8Array })[];
  readonly features: FeatureSettings;
  readonly condition?: ConditionSettings;
  readonly allowTruncated: number;
}

/** The features of a recording, or why there are none. */
export type Extraction = ClipFeatures | { readonly reason: string };

let extractor: { readonly key: string; readonly extract: ReturnType<typeof createFileExtractor> } | undefined;

/**
 * A worker thread's task. An unusable recording is an answer, so that one bad clip stops nothing; any other error is a
 * fault of the program or of its options, and ends the extraction.
 */
export default async function extractBatch({ files, features, ...options }: Batch): Promise<Extraction[]> {
  const key = JSON.stringify([features, options]);
  if (extractor?.key !== key) extractor = { key, extract: createFileExtractor(features, options) };
  const results: Extraction[] = [];
  for (const { path, content, segment } of files)
    results.push(await extractor.extract(path, content, segment).catch(reasonOfUnusable));
  return results;
}

function reasonOfUnusable(error: unknown): Extraction {
  if (!(error instanceof InputError)) throw error;
  return { reason: reasonOf(error) };
}
