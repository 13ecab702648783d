import { availableParallelism } from 'node:os';
import Piscina from 'piscina';
import { workerFile } from '../worker-file.js';
import { MEL_DEFAULTS, type MelOptions } from './mel.js';
import type { Batch, Extraction } from './worker.js';

/** How features are extracted from many recordings. */
export interface ExtractionOptions {
  /** Default: {@link MEL_DEFAULTS}. */
  readonly mel?: MelOptions;
  /** Worker threads; default: one for each core. */
  readonly workers?: number;
  /** Folder of the cache; without it nothing is kept. */
  readonly cacheDirectory?: string;
  /** Ends the extraction early; what was extracted so far is in the cache. */
  readonly signal?: AbortSignal;
}

/** Recordings handed to a worker thread at a time. */
const BATCH_SIZE = 16;

/** Batches under way for each worker: one in work, one waiting at its door. The memory needed depends on this alone. */
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
  { mel = MEL_DEFAULTS, workers = availableParallelism(), cacheDirectory, signal }: ExtractionOptions = {},
): AsyncGenerator<Extraction> {
  if (!Number.isInteger(workers) || workers < 1)
    throw new RangeError(`Cannot extract features: workers must be a positive integer, current value is ${workers}`);
  signal?.throwIfAborted();
  const batches: Batch[] = [];
  for (let i = 0; i < paths.length; i += BATCH_SIZE)
    batches.push({ paths: paths.slice(i, i + BATCH_SIZE), mel, cacheDirectory });
  const threads = Math.min(workers, batches.length);
  if (threads === 0) return;

  const pool = new Piscina({
    ...workerFile(__dirname, 'worker'),
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: BATCHES_PER_WORKER,
  });
  const running: Promise<Extraction[]>[] = [];
  const stop = () => {
    // An answer that was already on its way has nobody waiting for it any more, which Piscina reports as an error.
    pool.on('error', () => {});
    return pool.destroy();
  };
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for (let next = 0; next < batches.length || running.length > 0; ) {
      while (next < batches.length && running.length < threads * BATCHES_PER_WORKER) {
        const answer: Promise<Extraction[]> = pool.run(batches[next++]);
        // Observed here, so that what fails while an earlier batch is awaited is not reported as unhandled.
        answer.catch(() => {});
        running.push(answer);
      }
      const results = await running.shift()!.catch((error) => {
        // What the workers were at when they were stopped fails; the reason is the signal's.
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
