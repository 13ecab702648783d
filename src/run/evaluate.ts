import type { Dataset } from '../dataset/examples.js';
import { SUBSETS, type Subset } from '../dataset/splits.js';
import { evaluate, type Metrics } from '../evaluation/metrics.js';
import { clipProbabilities } from '../networks/probabilities.js';
import type { Fitted } from '../training/estimator.js';
import type { Prepared } from './prepare.js';

/** What a network says about all clips, and how good that is. */
export interface Evaluation {
  /** Of every usable clip, row-major, shape `(clips, labels)`. */
  readonly probabilities: Float32Array;
  readonly metrics: Readonly<Record<Subset, Metrics>>;
}

/** The third stage of a run: asks a fitted network about every clip, and measures each set. */
export function evaluateNetwork(
  network: Fitted['network'],
  { dataset, split }: Pick<Prepared, 'split'> & { readonly dataset: Dataset },
): Evaluation {
  const { targets, labels } = dataset;
  const probabilities = clipProbabilities(network, dataset);
  const metricsOf = (set: readonly number[]) => {
    const rows = new Float32Array(set.length * labels.length);
    for (const [row, i] of set.entries())
      rows.set(probabilities.subarray(i * labels.length, (i + 1) * labels.length), row * labels.length);
    return evaluate(
      set.map((i) => targets[i]),
      rows,
      labels,
    );
  };
  const metrics = Object.fromEntries(SUBSETS.map((set) => [set, metricsOf(split[set])])) as Record<Subset, Metrics>;
  return { probabilities, metrics };
}
