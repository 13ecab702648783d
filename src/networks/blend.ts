import { fittedTemperature } from './temperature.js';

/** How the probabilities of several networks become those of one. */
export interface Blend {
  /** The weight of each network in the average; they add up to 1. */
  readonly shares: readonly number[];
  /** By what the logarithms of the averages are divided. */
  readonly temperature: number;
}

/** A probability of 0 would have an infinite logarithm, which no other clip could make up for. */
export const LEAST = 1e-7;

/** Far more than it takes where shares make a difference. */
const ITERATIONS = 1000;

/**
 * The shares, and then the temperature, with the lowest cross-entropy.
 *
 * @param members - each network's probabilities of the same clips, row-major, shape `(clips, classes)`
 * @param targets - class index of each clip
 * @throws RangeError if there are no clips
 */
export function fittedBlend(members: readonly Float32Array[], targets: readonly number[]): Blend {
  const shares = fittedShares(members, targets);
  return { shares, temperature: fittedTemperature(logarithms(members, shares), targets) };
}

/**
 * The shares by which averaged probabilities have the lowest mean cross-entropy: those of a mixture, by expectation
 * maximisation. The cross-entropy has no other minimum; where shares make no difference, they are equal.
 *
 * @returns one number for each member, from 0; they add up to 1
 * @throws RangeError if there are no clips
 */
export function fittedShares(members: readonly Float32Array[], targets: readonly number[]): number[] {
  if (targets.length === 0) throw new RangeError('Cannot fit shares: there must be at least one clip');
  const classes = members[0].length / targets.length;
  const right = members.map((rows) => targets.map((target, i) => Math.max(rows[i * classes + target], LEAST)));
  let shares = members.map(() => 1 / members.length);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const averages = targets.map((_, i) => right.reduce((sum, own, m) => sum + shares[m] * own[i], 0));
    shares = shares.map((share, m) => right[m].reduce((sum, p, i) => sum + (share * p) / averages[i], 0));
    shares = shares.map((share) => share / targets.length);
  }
  return shares;
}

/**
 * The probabilities of several networks as those of one: the softmax of their averages' logarithms, divided by the temperature.
 *
 * @param members - each network's probabilities of the same clips, row-major, shape `(clips, classes)`
 * @returns in the same shape
 */
export function blended(
  members: readonly ArrayLike<number>[],
  { shares, temperature }: Blend,
  classes: number,
): Float32Array {
  const values = logarithms(members, shares).map((value) => Math.exp(value / temperature));
  const probabilities = new Float32Array(values.length);
  for (let at = 0; at < values.length; at += classes) {
    const row = values.subarray(at, at + classes);
    const sum = row.reduce((a, b) => a + b);
    probabilities.set(
      row.map((value) => value / sum),
      at,
    );
  }
  return probabilities;
}

/** Of the averaged probabilities. */
function logarithms(members: readonly ArrayLike<number>[], shares: readonly number[]): Float64Array {
  return Float64Array.from(members[0], (_, i) =>
    Math.log(
      Math.max(
        members.reduce((sum, rows, m) => sum + shares[m] * rows[i], 0),
        LEAST,
      ),
    ),
  );
}
