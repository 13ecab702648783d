import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

/** Rows of numbers. */
export interface Vectors {
  /** Row-major, shape `(rows, size)`. */
  readonly values: ArrayLike<number>;
  readonly size: number;
}

/** Where vectors lie along the directions in which they differ most. */
export interface PrincipalComponents {
  /** Of each vector, shape `(rows, count)`. */
  readonly coordinates: readonly (readonly number[])[];
  /** Share of the variance along each direction, 0 to 1, largest first. */
  readonly shares: readonly number[];
}

/**
 * Principal component analysis: the directions in which vectors differ most, by the eigenvectors of their covariance.
 * The largest weight of each direction is positive, so that the same vectors give the same signs.
 *
 * @param count - of directions
 * @throws RangeError if there are no whole vectors, or `count` is not from 1 to their size
 * @see sklearn.decomposition.PCA; golden values in tests/golden
 */
export function principalComponents({ values, size }: Vectors, count: number): PrincipalComponents {
  const rows = values.length / size;
  if (!(Number.isInteger(rows) && rows >= 1))
    throw new RangeError(
      `Cannot compute principal components: there must be whole vectors of ${size} numbers, current number of values is ${values.length}`,
    );
  if (!(Number.isInteger(count) && count >= 1 && count <= size))
    throw new RangeError(
      `Cannot compute principal components: count must be an integer from 1 to ${size}, current value is ${count}`,
    );
  const centred = Matrix.from1DArray(rows, size, Array.from(values)).center('column');
  const covariance = centred.transpose().mmul(centred).div(rows);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(covariance, { assumeSymmetric: true });
  // They come smallest first.
  const largest = Array.from({ length: count }, (_, k) => size - 1 - k);
  const directions = largest.map((column) => withSign(eigenvectorMatrix.getColumn(column)));
  const total = covariance.trace();
  return {
    coordinates: centred.mmul(new Matrix(directions).transpose()).to2DArray(),
    shares: largest.map((column) => (total > 0 ? Math.max(0, realEigenvalues[column]) / total : 0)),
  };
}

function withSign(direction: readonly number[]): number[] {
  const most = direction.reduce((found, weight) => (Math.abs(weight) > Math.abs(found) ? weight : found), 0);
  return direction.map((weight) => (most < 0 ? -weight : weight));
}
