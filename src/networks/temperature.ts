/** Temperatures looked at: a network may be up to so many times too sure, or too unsure. */
const MOST = 20;

/** Steps of the search, each to 0.62 of the range before: to a thousandth. */
const STEPS = 40;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * The temperature by which logits are to be divided so that their softmax is as sure as it is right: that with the lowest
 * mean cross-entropy, found by golden section.
 *
 * @param logits - row-major, shape `(rows, classes)`
 * @param targets - class index of each row
 * @see C. Guo et al., On Calibration of Modern Neural Networks, 2017
 */
export function fittedTemperature(logits: Float64Array, targets: readonly number[]): number {
  if (targets.length === 0) throw new RangeError('Cannot fit a temperature: there must be at least one clip');
  const classes = logits.length / targets.length;
  const loss = (logTemperature: number) => {
    const scale = Math.exp(-logTemperature);
    let total = 0;
    for (const [i, target] of targets.entries()) {
      const row = logits.subarray(i * classes, (i + 1) * classes);
      const largest = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
      const sum = row.reduce((a, b) => a + Math.exp(scale * (b - largest)), 0);
      total += Math.log(sum) - scale * (row[target] - largest);
    }
    return total;
  };
  let [low, high] = [-Math.log(MOST), Math.log(MOST)];
  for (let step = 0; step < STEPS; step++) {
    const [a, b] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
    if (loss(a) < loss(b)) high = b;
    else low = a;
  }
  return Math.exp((low + high) / 2);
}
