/**
 * From recordings on disk to their features, over worker threads and a cache.
 *
 * In: paths and which features are wanted. Out: features in the order of the paths, or why a recording has none.
 */

import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import Piscina from 'piscina';
import { workerFile } from '../../common/worker-file.js';
import type { ClipFeatures } from '../clip-features.js';
import { FEATURE_DEFAULTS, type FeatureSettings } from '../features.js';
import { cacheKey, FeatureCache } from './cache.js';
import type { Batch, Extraction } from './worker.js';

/** How features are extracted from many recordings. */
export interface ExtractionOptions {
  /** Default: {@link FEATURE_DEFAULTS}. */
  readonly features?: FeatureSettings;
  /** Share of a recording that may be missing; default: 0. */
  readonly allowTruncated?: number;
  /** What is made of them; only that is kept in the cache. Default: they stay as they are. */
  readonly derivation?: Derivation;
  /** Worker threads; default: one for each core. */
  readonly workers?: number;
  /** Folder of the cache; without it nothing is kept. */
  readonly cacheDirectory?: string;
  /** Ends the extraction early; what was extracted so far is in the cache. */
  readonly signal?: AbortSignal;
}

/** What becomes of features where more than a worker thread is needed, e.g. the vectors of an encoder. */
export interface Derivation {
  /** Says what is computed, and by what: features derived otherwise are not taken from the cache. */
  readonly name: string;
  /** From features of some recordings to what is kept of each. */
  readonly derive: (features: readonly ClipFeatures[]) => ClipFeatures[];
}

/** Recordings handed to a worker thread at a time. */
const BATCH_SIZE = 16;

/** Batches under way for each worker: one being worked on, one waiting. The memory needed depends on this alone. */
const BATCHES_PER_WORKER = 2;

/**
 * Extracts the features of recordings over worker threads, in the order of the paths.
 *
 * Results are handed over as they come, so that memory does not grow with the number of recordings. A recording that
 * cannot be used yields its reason instead of an error.
 *
 * @throws RangeError if `workers` is not a positive integer; the signal's reason if it is aborted
 */
export async function* extractFeatures(
  paths: readonly string[],
  options: ExtractionOptions = {},
): AsyncGenerator<Extraction> {
  const {
    features = FEATURE_DEFAULTS,
    allowTruncated = 0,
    derivation,
    workers = availableParallelism(),
    cacheDirectory,
    signal,
  } = options;
  if (!Number.isInteger(workers) || workers < 1)
    throw new RangeError(`Cannot extract features: workers must be a positive integer, current value is ${workers}`);
  signal?.throwIfAborted();
  const batches = Math.ceil(paths.length / BATCH_SIZE);
  const threads = Math.min(workers, batches);
  const cache = cacheDirectory === undefined ? undefined : new FeatureCache(cacheDirectory);
  let pool: Piscina | undefined;
  // Made for the first recording that is not in the cache: a second run needs no threads.
  const extracted = (batch: Batch): Promise<Extraction[]> => {
    pool ??= new Piscina({
      ...workerFile(__dirname, 'worker'),
      minThreads: threads,
      maxThreads: threads,
      concurrentTasksPerWorker: BATCHES_PER_WORKER,
    });
    return pool.run(batch, {
      transferList: batch.files.flatMap(({ content }) => (content?.buffer as ArrayBuffer | undefined) ?? []),
    });
  };
  let ended: Promise<void> | undefined;
  const stop = async () => {
    // Nothing waits any more for an answer that was already on its way, which Piscina reports as an error.
    pool?.on('error', () => {});
    // Once: Piscina takes workers that end during a second call for failed ones, and starts others in their place.
    ended ??= pool?.destroy();
    await ended;
  };
  const running: Promise<Extraction[]>[] = [];
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for (let next = 0; next < batches || running.length > 0; ) {
      // Before the next batch: the pool would start a worker for it that nothing ends.
      signal?.throwIfAborted();
      while (next < batches && running.length < threads * BATCHES_PER_WORKER) {
        const some = paths.slice(next * BATCH_SIZE, ++next * BATCH_SIZE);
        const answer = extractOrRead(some, { features, allowTruncated, derivation, cache, extracted });
        // Observed here, so that what fails while an earlier batch is awaited is not reported as unhandled.
        answer.catch(() => {});
        running.push(answer);
      }
      const results = await running.shift()!.catch((error) => {
        // What the workers were doing when they were stopped fails; the reason to give is the signal's.
        signal?.throwIfAborted();
        throw error;
      });
      for (const result of results) {
        signal?.throwIfAborted();
        yield result;
      }
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    await stop();
  }
}

/** Where the results of a batch come from. */
interface Sources {
  readonly features: FeatureSettings;
  readonly allowTruncated: number;
  readonly derivation?: Derivation;
  readonly cache?: FeatureCache;
  readonly extracted: (batch: Batch) => Promise<Extraction[]>;
}

/** Takes what is in the cache from there, has the rest extracted, and keeps it. */
async function extractOrRead(
  paths: readonly string[],
  { features, allowTruncated, derivation, cache, extracted }: Sources,
): Promise<Extraction[]> {
  const keyOf = (content: Uint8Array) => cacheKey(content, features, { allowTruncated, derivation: derivation?.name });
  const looked = paths.map((path) => lookUp(path, keyOf, cache));
  const files = looked.filter((entry): entry is Missing => 'path' in entry);
  // Lets signals and progress through even where there is nothing to wait for.
  const answers =
    files.length > 0
      ? await extracted({ files, features, allowTruncated })
      : await new Promise<[]>((go) => setImmediate(go, []));
  const results = derivation ? derived(answers, derivation) : answers;
  const made = new Map<string, ClipFeatures>();
  for (const [i, { key }] of files.entries()) {
    const result = results[i];
    if (key !== undefined && 'matrix' in result) made.set(key, result);
  }
  try {
    cache?.write(made);
  } catch {
    // The cache saves time, nothing else: a full disk must not cost the features that were just computed.
  }
  let next = 0;
  return looked.map((entry) => ('path' in entry ? results[next++] : entry));
}

/** What is derived from the usable recordings, in their places. */
function derived(answers: readonly Extraction[], { derive }: Derivation): Extraction[] {
  const results = derive(answers.flatMap((answer) => ('matrix' in answer ? [answer] : [])));
  let next = 0;
  return answers.map((answer) => ('matrix' in answer ? results[next++] : answer));
}

/** A recording that is not in the cache; without content and key where it is not to be kept there. */
interface Missing {
  readonly path: string;
  readonly content?: Uint8Array;
  readonly key?: string;
}

function lookUp(
  path: string,
  keyOf: (content: Uint8Array) => string,
  cache: FeatureCache | undefined,
): ClipFeatures | Missing {
  if (!cache) return { path };
  try {
    const content = contentOf(path);
    if (!content) return { path };
    const key = keyOf(content);
    return cache.read(key) ?? { path, content: new Uint8Array(content), key };
  } catch {
    // Decoding will say why it cannot be read.
    return { path };
  }
}

/** An utterance is never this large; such a file is not read whole to look it up in the cache. */
const LARGEST_CACHED_BYTES = 64 * 2 ** 20;

/** Read into again and again: allocating memory for each file takes longer than reading it. */
let scratch = Buffer.alloc(0);

/** A file's content, valid until the next call; undefined if it is not a file, or too large. */
function contentOf(path: string): Uint8Array | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isFile() || found.size > LARGEST_CACHED_BYTES) return undefined;
  if (scratch.length < found.size) scratch = Buffer.alloc(found.size);
  const file = openSync(path, 'r');
  try {
    const read = readSync(file, scratch, 0, found.size, 0);
    return read === found.size ? scratch.subarray(0, read) : undefined;
  } finally {
    closeSync(file);
  }
}
