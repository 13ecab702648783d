import { CholeskyDecomposition, Matrix } from 'ml-matrix';

/** Rows of numbers and the class of each. */
export interface LabelledVectors {
  /** Row-major, shape `(rows, size)`. */
  readonly values: Float32Array;
  readonly size: number;
  /** Class index of each row; every class occurs. */
  readonly targets: readonly number[];
  readonly classes: number;
}

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
 * @param shrinkage - s, from 0 to 1
 * @throws RangeError if a class does not occur
 * @see sklearn.discriminant_analysis.LinearDiscriminantAnalysis(solver='lsqr', shrinkage=s) after StandardScaler
 */
export function discriminantLayer(vectors: LabelledVectors, shrinkage: number): LinearLayer {
  const { size, targets, classes } = vectors;
  const { rows, mean, std } = zScored(vectors);
  const means = Matrix.zeros(classes, size);
  const counts = new Array<number>(classes).fill(0);
  for (const [i, target] of targets.entries()) {
    counts[target]++;
    for (let k = 0; k < size; k++) means.set(target, k, means.get(target, k) + rows.get(i, k));
  }
  const missing = counts.indexOf(0);
  if (missing >= 0)
    throw new RangeError(`Cannot fit: every class must occur in the training set, class ${missing} does not`);
  for (let c = 0; c < classes; c++) for (let k = 0; k < size; k++) means.set(c, k, means.get(c, k) / counts[c]);
  for (const [i, target] of targets.entries())
    for (let k = 0; k < size; k++) rows.set(i, k, rows.get(i, k) - means.get(target, k));
  const covariance = scatterOf(rows).mul((1 - shrinkage) / targets.length);
  const trace = covariance.trace();
  // Where each class has a single row, nothing varies within one: the nearest mean decides.
  const ridge = trace > 0 ? ((shrinkage / (1 - shrinkage)) * trace) / size : 1;
  for (let k = 0; k < size; k++) covariance.set(k, k, covariance.get(k, k) + ridge);
  const kernel = new CholeskyDecomposition(covariance).solve(means.transpose());
  return asLayer(kernel, {
    bias: counts.map((count, c) => {
      let quadratic = 0;
      for (let k = 0; k < size; k++) quadratic += means.get(c, k) * kernel.get(k, c);
      return Math.log(count / targets.length) - quadratic / 2;
    }),
    mean,
    std,
  });
}

/** Rows with the mean of each number taken out, divided by its deviation. */
function zScored({ values, size, targets }: LabelledVectors): { rows: Matrix; mean: Float64Array; std: Float64Array } {
  const count = targets.length;
  const [mean, std] = [new Float64Array(size), new Float64Array(size)];
  for (let i = 0; i < values.length; i++) mean[i % size] += values[i] / count;
  for (let i = 0; i < values.length; i++) std[i % size] += (values[i] - mean[i % size]) ** 2 / count;
  for (let k = 0; k < size; k++) {
    const deviation = Math.sqrt(std[k]);
    // What varies by rounding alone says nothing.
    std[k] = deviation > 1e-10 * Math.abs(mean[k]) ? deviation : 1;
  }
  const rows = Matrix.zeros(count, size);
  for (let i = 0; i < count; i++)
    for (let k = 0; k < size; k++) rows.set(i, k, (values[i * size + k] - mean[k]) / std[k]);
  return { rows, mean, std };
}

/** `rowsᵀ · rows`: a fourth of the time of the product of any two matrices, as it is symmetric. */
function scatterOf(rows: Matrix): Matrix {
  const size = rows.columns;
  const sums = new Float64Array(size * size);
  for (let i = 0; i < rows.rows; i++) {
    const row = Float64Array.from(rows.getRow(i));
    for (let a = 0; a < size; a++) for (let b = a; b < size; b++) sums[a * size + b] += row[a] * row[b];
  }
  for (let a = 0; a < size; a++) for (let b = 0; b < a; b++) sums[a * size + b] = sums[b * size + a];
  return Matrix.from1DArray(size, size, sums);
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
