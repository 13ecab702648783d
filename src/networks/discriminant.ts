import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import type { Dataset } from '../dataset/examples.js';

/** A linear layer: logits are `x · kernel + bias`. */
export interface LinearLayer {
  /** Row-major, shape `(size, classes)`. */
  readonly kernel: Float64Array;
  readonly bias: Float64Array;
}

/**
 * Linear discriminant analysis with a shrunk covariance, on z-scored numbers, as one linear layer of the numbers as they
 * are: the softmax of its logits are the probabilities of the classes.
 *
 * Σ = (1 − s) · S + s · (tr S / size) · I, where S is the covariance within the classes; the kernel is Σ⁻¹μ of each class,
 * the bias −½ μᵀΣ⁻¹μ plus the logarithm of the class's share.
 *
 * Vectors are read four times and never kept, so that memory does not grow with them.
 *
 * @param vectors - with one input, shape `(size)`
 * @param shrinkage - s, from 0 to 1
 * @throws RangeError if a class does not occur
 * @see sklearn.discriminant_analysis.LinearDiscriminantAnalysis(solver='lsqr', shrinkage=s) after StandardScaler
 */
export function discriminantLayer(vectors: Dataset, shrinkage: number): LinearLayer {
  const { targets, labels, count } = vectors;
  const counts = labels.map((_, c) => targets.reduce((sum, target) => sum + Number(target === c), 0));
  const missing = counts.indexOf(0);
  if (missing >= 0)
    throw new RangeError(`Cannot fit: every class must occur in the training set, class ${missing} does not`);
  const { mean, std } = meanAndDeviation(vectors);
  const [classes, size] = [labels.length, mean.length];
  const zScored = (each: Row) => {
    for (let k = 0; k < size; k++) each.vector[k] = (each.vector[k] - mean[k]) / std[k];
    return each;
  };
  const means = Matrix.zeros(classes, size);
  for (const row of rowsOf(vectors)) {
    const { vector, target } = zScored(row);
    for (let k = 0; k < size; k++) means.set(target, k, means.get(target, k) + vector[k]);
  }
  for (let c = 0; c < classes; c++) for (let k = 0; k < size; k++) means.set(c, k, means.get(c, k) / counts[c]);
  const sums = new Float64Array(size * size);
  for (const row of rowsOf(vectors)) {
    const { vector, target } = zScored(row);
    for (let k = 0; k < size; k++) vector[k] -= means.get(target, k);
    // Half of the products: they are symmetric.
    for (let a = 0; a < size; a++) for (let b = a; b < size; b++) sums[a * size + b] += vector[a] * vector[b];
  }
  for (let a = 0; a < size; a++) for (let b = 0; b < a; b++) sums[a * size + b] = sums[b * size + a];
  const covariance = Matrix.from1DArray(size, size, sums).mul((1 - shrinkage) / count);
  const trace = covariance.trace();
  // Where each class has a single row, nothing varies within one: the nearest mean decides.
  const ridge = trace > 0 ? ((shrinkage / (1 - shrinkage)) * trace) / size : 1;
  for (let k = 0; k < size; k++) covariance.set(k, k, covariance.get(k, k) + ridge);
  const kernel = new CholeskyDecomposition(covariance).solve(means.transpose());
  return asLayer(kernel, {
    bias: counts.map((clips, c) => {
      let quadratic = 0;
      for (let k = 0; k < size; k++) quadratic += means.get(c, k) * kernel.get(k, c);
      return Math.log(clips / count) - quadratic / 2;
    }),
    mean,
    std,
  });
}

/** A clip's vector, which may be changed, and its class. */
interface Row {
  readonly vector: Float64Array;
  readonly target: number;
}

/** One after the other, each valid until the next one. */
function* rowsOf({ count, shapes: [[size]], targets, write }: Dataset): Generator<Row> {
  const [written, vector] = [new Float32Array(size), new Float64Array(size)];
  for (let i = 0; i < count; i++) {
    write(i, [written]);
    vector.set(written);
    yield { vector, target: targets[i] };
  }
}

/** Of each number. */
function meanAndDeviation(vectors: Dataset): { mean: Float64Array; std: Float64Array } {
  const {
    count,
    shapes: [[size]],
  } = vectors;
  const [mean, std] = [new Float64Array(size), new Float64Array(size)];
  for (const { vector } of rowsOf(vectors)) for (let k = 0; k < size; k++) mean[k] += vector[k] / count;
  for (const { vector } of rowsOf(vectors)) for (let k = 0; k < size; k++) std[k] += (vector[k] - mean[k]) ** 2 / count;
  for (let k = 0; k < size; k++) {
    const deviation = Math.sqrt(std[k]);
    // What varies by rounding alone says nothing.
    std[k] = deviation > 1e-10 * Math.abs(mean[k]) ? deviation : 1;
  }
  return { mean, std };
}

/** Lets a layer of z-scored numbers take them as they are. */
function asLayer(
  kernel: Matrix,
  { bias, mean, std }: { bias: readonly number[]; mean: Float64Array; std: Float64Array },
): LinearLayer {
  const [size, classes] = [kernel.rows, kernel.columns];
  const layer = { kernel: new Float64Array(size * classes), bias: Float64Array.from(bias) };
  for (let k = 0; k < size; k++)
    for (let c = 0; c < classes; c++) {
      const weight = kernel.get(k, c) / std[k];
      layer.kernel[k * classes + c] = weight;
      layer.bias[c] -= mean[k] * weight;
    }
  return layer;
}
