import { join } from 'node:path';
import { readJson } from '../../src/common/files.js';
import { configFor } from '../../src/run/config.js';
import { RUN_FILES } from '../../src/run/folder.js';
import type { Seconds } from '../../src/run/outcome.js';
import { run } from '../../src/run/run.js';
import type { EpochRecord } from '../../src/training/training.js';

interface RunTask {
  readonly data: string;
  readonly network: string;
  readonly epochs: number;
  readonly workers: number;
  readonly directory: string;
  readonly cacheDirectory: string;
  readonly inMemoryBytes?: number;
}

/** Features, training with early stopping and checkpoints, evaluation, figures, report. */
export default async function wholeRun(task: RunTask): Promise<object> {
  const { data, network, epochs, workers, directory, cacheDirectory, inMemoryBytes } = task;
  const seconds: number[] = [];
  const epoch = (record: EpochRecord) => void seconds.push(record.seconds);
  const reporter = { say() {}, progress: () => ({ update() {}, stop() {} }), epoch };
  const config = configFor(network, { data, protocol: 'original', epochs, patience: epochs });
  const { metrics } = await run(config, { directory, workers, cacheDirectory, inMemoryBytes, reporter });
  const { seconds: steps } = readJson(join(directory, RUN_FILES.metrics)) as { seconds: Seconds };
  return { seconds, features: steps.features, accuracy: metrics!.test.accuracy };
}
