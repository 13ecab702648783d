import { reasonOf } from '../../common/errors.js';
import type { ClipFeatures } from '../clip-features.js';
import type { MelOptions } from '../mel.js';
import { createFileExtractor } from './file-extractor.js';

/** What a worker thread is asked for: the features of a few recordings. */
export interface Batch {
  /** Each with its content, where that is read already. */
  readonly files: readonly { readonly path: string; readonly content?: Uint8Array }[];
  readonly mel: MelOptions;
}

/** The features of a recording, or why there are none. */
export type Extraction = ClipFeatures | { readonly reason: string };

let extractor: { readonly key: string; readonly extract: ReturnType<typeof createFileExtractor> } | undefined;

/** A worker thread's task; errors of single recordings are answers, so that one bad clip stops nothing. */
export default async function extractBatch({ files, mel }: Batch): Promise<Extraction[]> {
  const key = JSON.stringify(mel);
  if (extractor?.key !== key) extractor = { key, extract: createFileExtractor(mel) };
  const results: Extraction[] = [];
  for (const { path, content } of files)
    results.push(await extractor.extract(path, content).catch((error) => ({ reason: reasonOf(error) })));
  return results;
}
