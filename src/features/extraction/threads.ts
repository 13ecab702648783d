import { availableParallelism } from 'node:os';
import Piscina from 'piscina';
import { workerFile } from '../../common/worker-file.js';

/** How work is spread over worker threads. */
export interface ThreadOptions {
  /** Worker threads; default: one for each core. */
  readonly workers?: number;
  /** Ends the work early. */
  readonly signal?: AbortSignal;
}

/**
 * Has a task carried out by a thread.
 *
 * @param transferred - memory that the task holds, and that this thread gives away
 */
export type Run<Task, Answer> = (task: Task, transferred?: readonly ArrayBuffer[]) => Promise<Answer>;

/** What threads do. */
export interface ThreadTask extends ThreadOptions {
  /** The name of a function of `worker.ts`. */
  readonly name: 'extractBatch' | 'writeBatch';
}

/** Recordings handed to a worker thread at a time. */
const BATCH_SIZE = 16;

/** Batches under way for each worker: one being worked on, one waiting. The memory needed depends on this alone. */
const BATCHES_PER_WORKER = 2;

/**
 * Makes something of each of many items in batches, several of which are under way at a time, and hands the results over in the
 * items' order as they come, so that memory does not grow with their number.
 *
 * @param answer - gives the results of a batch; what it runs on a thread, it does not wait for alone. Threads are started for the
 *   first that it runs
 * @throws RangeError if the number of workers is not a positive integer; the signal's reason if it is aborted
 */
export async function* overThreads<Item, Result, Task, Answer>(
  items: readonly Item[],
  { name, workers = availableParallelism(), signal }: ThreadTask,
  answer: (batch: readonly Item[], run: Run<Task, Answer>) => Promise<readonly Result[]>,
): AsyncGenerator<Result> {
  if (!Number.isInteger(workers) || workers < 1)
    throw new RangeError(`Cannot extract features: workers must be a positive integer, current value is ${workers}`);
  signal?.throwIfAborted();
  const batches = Math.ceil(items.length / BATCH_SIZE);
  const threads = Math.min(workers, batches);
  let pool: Piscina | undefined;
  const run: Run<Task, Answer> = (task, transferred = []) => {
    pool ??= new Piscina({
      ...workerFile(__dirname, 'worker'),
      name,
      minThreads: threads,
      maxThreads: threads,
      concurrentTasksPerWorker: BATCHES_PER_WORKER,
    });
    return pool.run(task, { transferList: [...transferred] });
  };
  let ended: Promise<void> | undefined;
  const stop = async () => {
    // Nothing waits any more for an answer that was already on its way, which Piscina reports as an error.
    pool?.on('error', () => {});
    // Once: Piscina takes workers that end during a second call for failed ones, and starts others in their place.
    ended ??= pool?.destroy();
    await ended;
  };
  const running: Promise<readonly Result[]>[] = [];
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for (let next = 0; next < batches || running.length > 0; ) {
      // Before the next batch: the pool would start a worker for it that nothing ends.
      signal?.throwIfAborted();
      while (next < batches && running.length < threads * BATCHES_PER_WORKER) {
        const results = answer(items.slice(next * BATCH_SIZE, ++next * BATCH_SIZE), run);
        // Observed here, so that what fails while an earlier batch is awaited is not reported as unhandled.
        results.catch(() => {});
        running.push(results);
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
