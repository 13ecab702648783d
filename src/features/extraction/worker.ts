import type { Source } from '../../audio/segment.js';
import { InputError, reasonOf } from '../../common/errors.js';
import { writeFile } from '../../common/files.js';
import { sha256 } from '../../common/sha256.js';
import type { ConditionSettings } from '../../conditions/under-condition.js';
import type { ClipFeatures } from '../clip-features.js';
import type { FeatureSettings } from '../features.js';
import { normalisedInput } from '../normalise.js';
import { npyBytes } from '../npy.js';
import { contentOf, hashReader } from './content.js';
import { createFileExtractor } from './file-extractor.js';

/** Which features, and of what. */
export interface Extracted {
  readonly features: FeatureSettings;
  readonly condition?: ConditionSettings;
  readonly allowTruncated: number;
}

/** What a worker thread is asked for: the features of a few recordings. */
export interface Batch extends Extracted {
  /** Each with its content, and that one's SHA-256, where it is read already. */
  readonly files: readonly Readable[];
}

interface Readable extends Source {
  readonly content?: Uint8Array;
  readonly sha256?: string;
}

/** The features of a recording, with the SHA-256 of its content, unless that is long; or why there are none. */
export type Extraction = (ClipFeatures & { readonly sha256?: string }) | { readonly reason: string };

/** What a worker thread is asked to write: the features of a few recordings, each as a NumPy file. */
export interface WritingBatch extends Extracted {
  readonly files: readonly NpyFile[];
  /** Writes the network's input with so many frames instead, z-scored by the clip. */
  readonly normalisedFrames?: number;
}

/** Where the features of a recording are written. */
export interface NpyFile {
  readonly path: string;
  readonly target: string;
}

/** Whether features are written; else why there are none, or why they cannot be written. */
export type Written = { readonly reason?: string } | { readonly cannotWrite: string };

let extractor: { readonly key: string; readonly extract: ReturnType<typeof createFileExtractor> } | undefined;

function extractorOf({ features, ...options }: Extracted): ReturnType<typeof createFileExtractor> {
  const key = JSON.stringify([features, options]);
  if (extractor?.key !== key) extractor = { key, extract: createFileExtractor(features, options) };
  return extractor.extract;
}

/**
 * A worker thread's task. An unusable recording is an answer, so that one bad clip stops nothing; any other error is a
 * fault of the program or of its options, and ends the extraction.
 */
export async function extractBatch({ files, ...extracted }: Batch): Promise<Extraction[]> {
  const extract = extractorOf(extracted);
  const results: Extraction[] = [];
  for (const file of files) {
    const known = file.sha256 === undefined ? read(file) : file;
    const result = await extract(known.path, known.content, known.segment).catch(reasonOfUnusable);
    results.push('reason' in result ? result : { ...result, sha256: known.sha256 });
  }
  return results;
}

const hashOf = hashReader();

/** A recording with its content, if it is not long, and the SHA-256 of that. */
function read(file: Source): Readable {
  const { path, segment } = file;
  try {
    if (segment) return { ...file, sha256: hashOf(path) };
    const content = contentOf(path);
    return content ? { ...file, content: new Uint8Array(content), sha256: sha256(content) } : file;
  } catch {
    // Decoding will say why it cannot be read.
    return file;
  }
}

/** Another one: what it computes, it writes, so that no more than a word of it goes from thread to thread. */
export async function writeBatch({ files, normalisedFrames, ...extracted }: WritingBatch): Promise<Written[]> {
  const extract = extractorOf(extracted);
  const results: Written[] = [];
  for (const { path, target } of files) {
    const result = await extract(path).catch(reasonOfUnusable);
    results.push('reason' in result ? result : writeNpy(target, result, normalisedFrames));
  }
  return results;
}

function writeNpy(target: string, { matrix, statistics }: ClipFeatures, normalisedFrames?: number): Written {
  const { bands, frames } = matrix;
  const bytes = normalisedFrames
    ? npyBytes(normalisedInput(matrix, statistics, { frames: normalisedFrames }), [bands, normalisedFrames])
    : npyBytes(matrix.values, [bands, frames]);
  try {
    writeFile(target, bytes, { fsync: false });
    return {};
  } catch (error) {
    // Between threads, an error loses its class.
    return { cannotWrite: reasonOf(error) };
  }
}

function reasonOfUnusable(error: unknown): { readonly reason: string } {
  if (!(error instanceof InputError)) throw error;
  return { reason: reasonOf(error) };
}
