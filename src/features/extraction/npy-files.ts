import { InputError } from '../../common/errors.js';
import { FEATURE_DEFAULTS } from '../features.js';
import { overThreads, type ThreadOptions } from './threads.js';
import type { NpyFile, WritingBatch, Written } from './worker.js';

/** What is written of recordings. */
export interface NpyOptions extends ThreadOptions, Pick<WritingBatch, 'normalisedFrames'> {
  /** Share of a recording that may be missing; default: 0. */
  readonly allowTruncated?: number;
}

/**
 * Writes the mel spectrograms of recordings as NumPy files, each by the worker thread that has computed it. The cache has no part in it:
 * what would be kept there is in the files.
 *
 * @returns for each recording, in their order, undefined once its file is written, or why it is unusable
 * @throws InputError if a file cannot be written; RangeError if `workers` is not a positive integer; the signal's reason if it is
 *   aborted
 */
export async function* writeNpyFiles(
  files: readonly NpyFile[],
  { allowTruncated = 0, normalisedFrames, ...threads }: NpyOptions = {},
): AsyncGenerator<string | undefined> {
  const extracted = { features: FEATURE_DEFAULTS, allowTruncated, normalisedFrames };
  const written = overThreads<NpyFile, Written, WritingBatch, Written[]>(
    files,
    { ...threads, name: 'writeBatch' },
    (some, run) => run({ files: some, ...extracted }),
  );
  for await (const result of written) {
    if ('cannotWrite' in result) throw new InputError(result.cannotWrite);
    yield result.reason;
  }
}
