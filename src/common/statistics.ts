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
 * The standard deviation of a sample, with n − 1 as its divisor; 0 of a single value.
 *
 * @throws RangeError if there are no values
 */
export function standardDeviation(values: readonly number[]): number {
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0;
}

/**
 * The middle value, or the mean of the two in the middle. The values may be in any order, and keep it.
 *
 * @throws RangeError if there are no values
 */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('Cannot compute a median: there are no values');
  return quantile(values, 0.5);
}

/**
 * The value below which a share of the values lies, interpolated between the two nearest. The values may be in any order,
 * and keep it.
 *
 * @param share - from 0, the least value, to 1, the greatest
 * @throws RangeError if there are no values, or the share is out of range
 * @see numpy.quantile
 */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('Cannot compute a quantile: there are no values');
  if (!(share >= 0 && share <= 1))
    throw new RangeError(`Cannot compute a quantile: the share must be from 0 to 1, current value is ${share}`);
  const sorted = Float64Array.from(values).sort();
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
