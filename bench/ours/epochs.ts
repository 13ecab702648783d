import { type BackendName, useBackend } from '../../src/backend/backend.js';
import { seededRandom } from '../../src/common/random.js';
import { NETWORKS } from '../../src/networks/networks.js';
import { TRAINING_DEFAULTS, Training } from '../../src/training/training.js';

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
  const data = { inputs, bands: 128, frames: 87, targets, labels: LABELS };
  const network = NETWORKS.original({ ...data, classes: LABELS.length, seed: 1 }, { filters });
  const split = Math.floor(clips / 5);
  const indices = targets.map((_, i) => i);
  const training = new Training(network, data, {
    train: indices.slice(split),
    validation: indices.slice(0, split),
    options: { ...TRAINING_DEFAULTS, epochs, patience: epochs },
  });
  const seconds: number[] = [];
  for await (const epoch of training.epochs()) seconds.push(epoch.seconds);
  return { seconds };
}
