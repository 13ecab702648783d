/**
 * The arithmetic mean.
 *
 * @throws RangeError if there are no values
 */
export function mean(values: ArrayLike<number>): number {
  if (values.length === 0) throw new RangeError('Cannot compute a mean: there are no values');
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

/**
 * The middle value, or the mean of the two in the middle. The values may be in any order, and keep it.
 *
 * @throws RangeError if there are no values
 */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('Cannot compute a median: there are no values');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
