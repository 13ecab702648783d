import type { Random } from '../common/random.js';
import { quantile } from '../common/statistics.js';

/** Where a figure lies, as far as the data tell. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface BootstrapOptions {
  readonly random: Random;
  /** Samples drawn; default 2,000. */
  readonly draws?: number;
  /** Share of the samples whose figures lie within; default 0.95. */
  readonly level?: number;
}

/**
 * The percentile bootstrap interval of a figure whose data come in clusters: clusters are drawn as wholes, with replacement.
 * The clips of a speaker resemble one another, so that clips drawn one by one would give too narrow an interval: it is other
 * speakers that the result is to hold for.
 *
 * @param clusters - the data of each cluster, e.g. the confusion matrix of each speaker
 * @param figure - computes the figure from the clusters that were drawn, as many as there are
 * @throws RangeError if there are fewer than 2 clusters
 * @see B. Efron, R. J. Tibshirani, An Introduction to the Bootstrap, 1993, section 13.3
 */
export function bootstrapInterval<Cluster>(
  clusters: readonly Cluster[],
  figure: (drawn: readonly Cluster[]) => number,
  { random, draws = 2000, level = 0.95 }: BootstrapOptions,
): Interval {
  const { length } = clusters;
  if (length < 2)
    throw new RangeError(
      `Cannot compute a bootstrap interval: there must be at least 2 clusters, current number is ${length}`,
    );
  const figures = Array.from({ length: draws }, () =>
    figure(Array.from({ length }, () => clusters[Math.floor(random() * length)])),
  );
  const outside = (1 - level) / 2;
  return { low: quantile(figures, outside), high: quantile(figures, 1 - outside) };
}
