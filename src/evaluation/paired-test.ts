import type { Random } from '../common/random.js';
import { classMetrics } from './metrics.js';

type Confusion = readonly (readonly number[])[];

/** Up to so many differences, all signs are tried; beyond, as many draws as that are signs drawn. */
const MOST_EXACT = 16;
const DRAWS = 2 ** MOST_EXACT;

/** Sums that differ by less are equal up to rounding, relative to the largest possible one. */
const TOLERANCE = 1e-12;

/**
 * How much each speaker contributes to the difference of two UARs; the sum is the difference.
 *
 * @param first - the confusion matrix of each speaker, of one configuration
 * @param second - the same of another, for the same clips
 * @throws RangeError if the two were tested with different clips
 */
export function recallDifferences(first: readonly Confusion[], second: readonly Confusion[]): number[] {
  const supports = (confusions: readonly Confusion[]) =>
    confusions.map((confusion) => classMetrics(confusion).map(({ support }) => support));
  const clips = supports(first);
  if (JSON.stringify(clips) !== JSON.stringify(supports(second)))
    throw new RangeError('Cannot compare recalls: both must be tested with the same clips of the same speakers');
  const totals = clips[0]?.map((_, c) => clips.reduce((sum, speaker) => sum + speaker[c], 0)) ?? [];
  const occurring = totals.filter((total) => total > 0).length;
  return first.map((confusion, s) =>
    totals.reduce(
      (sum, total, c) => (total > 0 ? sum + (confusion[c][c] - second[s][c][c]) / total / occurring : sum),
      0,
    ),
  );
}

/**
 * The two-sided paired permutation test: how probable it is that differences add up to at least as much, in either
 * direction, if each might as well have had the other sign. With the differences of {@link recallDifferences}, that is to
 * exchange the two configurations for whole speakers.
 *
 * Exact for up to 16 differences: n of them give no less than 2 / 2ⁿ. For more, signs are drawn.
 *
 * @throws RangeError if there are no differences
 * @see scipy.stats.permutation_test with `permutation_type='samples'`
 */
export function signFlipTest(differences: readonly number[], random: Random): number {
  const { length } = differences;
  if (length === 0) throw new RangeError('Cannot test differences: there are none');
  const sizes = differences.map(Math.abs);
  const least =
    Math.abs(differences.reduce((sum, value) => sum + value, 0)) -
    TOLERANCE * sizes.reduce((sum, size) => sum + size, 0);
  const reaches = (negative: (i: number) => boolean) =>
    Math.abs(sizes.reduce((sum, size, i) => sum + (negative(i) ? -size : size), 0)) >= least;
  let reached = 0;
  if (length <= MOST_EXACT) {
    for (let signs = 0; signs < 2 ** length; signs++) reached += Number(reaches((i) => ((signs >> i) & 1) === 1));
    return reached / 2 ** length;
  }
  for (let draw = 0; draw < DRAWS; draw++) reached += Number(reaches(() => random() < 0.5));
  // What was found counts as one of the draws, so that the test keeps its level.
  return (reached + 1) / (DRAWS + 1);
}
