/** This project's side of `npm run bench`: one task a process, the result as JSON. Usage: ours.ts TASK OPTIONS.json */
import { join } from 'node:path';
import { extractFeatures } from '../src/features/extract.js';
import { normalisedWindow } from '../src/features/normalise.js';
import { readJson } from '../src/files.js';
import { type BackendName, useBackend } from '../src/model/backend.js';
import { NETWORKS } from '../src/model/networks.js';
import { type EpochRecord, TRAINING_DEFAULTS, Training } from '../src/model/train.js';
import { trainingSteps } from '../src/model/training-steps.js';
import { seededRandom } from '../src/random.js';
import { RUN_DEFAULTS } from '../src/run/config.js';
import { RUN_FILES } from '../src/run/folder.js';
import type { Seconds } from '../src/run/outputs.js';
import { run } from '../src/run/run.js';

import { BATCH, type Limit, measureLimit, medianMilliseconds } from './limit.js';

const LABELS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

interface FeaturesTask {
  readonly paths: readonly string[];
  readonly workers: number;
  readonly cacheDirectory?: string;
}

interface EpochsTask {
  readonly clips: number;
  readonly epochs: number;
  readonly filters: readonly number[];
  readonly backend: BackendName;
}

interface RunTask {
  readonly data: string;
  readonly epochs: number;
  readonly workers: number;
  readonly directory: string;
  readonly cacheDirectory: string;
}

const TASKS = {
  /** Decibels of some recordings, and the network's size, to compare. */
  async check({ paths }: { paths: readonly string[] }) {
    await useBackend('auto');
    const network = NETWORKS.seed({ bands: 128, frames: 87, classes: 7, seed: 1 });
    const decibels: number[][] = [];
    for await (const result of extractFeatures(paths))
      if ('decibels' in result) decibels.push([...result.decibels.values]);
    return { decibels, parameters: network.countParams() };
  },

  async features({ paths, workers, cacheDirectory }: FeaturesTask) {
    const target = new Float32Array(128 * 87);
    let clips = 0;
    for await (const result of extractFeatures(paths, { workers, cacheDirectory })) {
      if (!('decibels' in result)) throw new Error(result.reason);
      normalisedWindow(result.decibels, result.statistics, { frames: 87, target });
      clips++;
    }
    return { clips };
  },

  /** Training on noise: how long an epoch takes does not depend on the values. */
  async epochs({ clips, epochs, filters, backend }: EpochsTask) {
    await useBackend(backend);
    const random = seededRandom(1);
    const inputs = new Float32Array(clips * 128 * 87).map(() => random() - 0.5);
    const truth = Array.from({ length: clips }, (_, i) => i % LABELS.length);
    const data = { inputs, bands: 128, frames: 87, truth, labels: LABELS };
    const network = NETWORKS.seed({ ...data, classes: LABELS.length, seed: 1 }, { filters });
    const split = Math.floor(clips / 5);
    const indices = truth.map((_, i) => i);
    const training = new Training(network, data, {
      train: indices.slice(split),
      validation: indices.slice(0, split),
      options: { ...TRAINING_DEFAULTS, epochs, patience: epochs },
    });
    const seconds: number[] = [];
    for await (const epoch of training.epochs()) seconds.push(epoch.seconds);
    return { seconds };
  },

  /** What a training step takes, and its convolutions by themselves. */
  async limit({ backend }: { backend: BackendName }): Promise<Limit & { stepMilliseconds: number }> {
    await useBackend(backend);
    const network = NETWORKS.seed({ bands: 128, frames: 87, classes: LABELS.length, seed: 1 });
    const steps = trainingSteps(network, { batchSizes: [BATCH], learningRate: 0.001 });
    const batch = { inputs: new Float32Array(BATCH * 128 * 87).fill(0.5), truth: new Int32Array(BATCH) };
    const stepMilliseconds = medianMilliseconds((i) => void steps.take(batch, i));
    steps.dispose();
    return { ...measureLimit(), stepMilliseconds };
  },

  /** Features, training with early stopping and checkpoints, evaluation, figures, report. */
  async run({ data, epochs, workers, directory, cacheDirectory }: RunTask) {
    const seconds: number[] = [];
    const epoch = (record: EpochRecord) => void seconds.push(record.seconds);
    const reporter = { say() {}, progress: () => ({ update() {}, stop() {} }), epoch };
    const config = { ...RUN_DEFAULTS, data, protocol: 'seed' as const, epochs, patience: epochs };
    const { metrics } = await run(config, { directory, workers, cacheDirectory, reporter });
    const { seconds: steps } = readJson(join(directory, RUN_FILES.metrics)) as { seconds: Seconds };
    return { seconds, features: steps.features, accuracy: metrics!.test.accuracy };
  },
};

async function main(): Promise<void> {
  const [task, options] = process.argv.slice(2);
  const carryOut = TASKS[task as keyof typeof TASKS] as (options: unknown) => Promise<object>;
  console.log(JSON.stringify(await carryOut(readJson(options))));
}

main();
