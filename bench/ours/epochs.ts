import { useBackend } from '../../src/backend/backend.js';
import type { BackendName } from '../../src/backend/info.js';
import { seededRandom } from '../../src/common/random.js';
import { shuffledBatches } from '../../src/dataset/batches.js';
import { arrayExamples, subsetOf } from '../../src/dataset/examples.js';
import { originalNetwork } from '../../src/networks/original.js';
import { trainingSteps } from '../../src/training/choose-steps.js';
import { TRAINING_DEFAULTS, Training } from '../../src/training/training.js';
import { processorClock } from '../processor.js';

interface EpochsTask {
  readonly clips: number;
  readonly epochs: number;
  readonly filters: readonly number[];
  readonly backend: BackendName;
}

const LABELS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

/** Training on noise: how long an epoch takes does not depend on the values. */
export default async function epochs({ clips, epochs, filters, backend }: EpochsTask): Promise<object> {
  await useBackend(backend);
  const random = seededRandom(1);
  const inputs = new Float32Array(clips * 128 * 87).map(() => random() - 0.5);
  const targets = Array.from({ length: clips }, (_, i) => i % LABELS.length);
  const dataset = { ...arrayExamples([{ values: inputs, shape: [128, 87] }]), targets, labels: LABELS };
  const network = originalNetwork({ bands: 128, frames: 87, classes: LABELS.length, seed: 1 }, { filters });
  const split = Math.floor(clips / 5);
  const indices = targets.map((_, i) => i);
  const train = shuffledBatches(dataset, indices.slice(split), TRAINING_DEFAULTS);
  const validation = subsetOf(dataset, indices.slice(0, split));
  const training = new Training(network, { train, validation }, { epochs, patience: epochs, steps: trainingSteps });
  const clock = processorClock();
  const seconds: number[] = [];
  for await (const epoch of training.epochs()) seconds.push(epoch.seconds);
  return { seconds, ...clock() };
}
