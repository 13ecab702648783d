import type { Dataset } from '../dataset/examples.js';
import { SUBSETS, type Subset } from '../dataset/splits.js';
import { evaluate, type Metrics } from '../evaluation/metrics.js';
import { rowsOf } from '../evaluation/predictions.js';
import { clipProbabilities } from '../networks/probabilities.js';
import type { Fitted } from '../training/estimator.js';
import type { Prepared } from './prepare.js';

/** What a network says about all clips, and how good that is. */
export interface Evaluation {
  /** Of every usable clip, row-major, shape `(clips, labels)`. */
  readonly probabilities: Float32Array;
  readonly metrics: Readonly<Record<Subset, Metrics>>;
}

/**
 * The third stage of a run: asks a fitted network about every clip, and measures each set. Where the network has learnt from
 * the validation set in the end, that set has the answers of the one that had not.
 */
export function evaluateNetwork(
  { network, heldOut }: Pick<Fitted, 'network' | 'heldOut'>,
  { dataset, split }: Pick<Prepared, 'split'> & { readonly dataset: Dataset },
): Evaluation {
  const { labels } = dataset;
  const probabilities = clipProbabilities(network, dataset);
  if (heldOut)
    for (const [row, i] of split.validation.entries())
      probabilities.set(heldOut.subarray(row * labels.length, (row + 1) * labels.length), i * labels.length);
  return measured(probabilities, { dataset, split });
}

/** Measures what is said about each set. */
export function measured(
  probabilities: Float32Array,
  {
    dataset: { targets, labels },
    split,
  }: Pick<Prepared, 'split'> & { readonly dataset: Pick<Dataset, 'targets' | 'labels'> },
): Evaluation {
  const metricsOf = (set: readonly number[]) =>
    evaluate(
      set.map((i) => targets[i]),
      rowsOf(probabilities, set, labels.length),
      labels,
    );
  const metrics = Object.fromEntries(SUBSETS.map((set) => [set, metricsOf(split[set])])) as Record<Subset, Metrics>;
  return { probabilities, metrics };
}
