import * as tf from '@tensorflow/tfjs-core';

/** Number of values in all variables together. */
export function weightCount(variables: readonly tf.Variable[]): number {
  return variables.reduce((total, { size }) => total + size, 0);
}

/** The values of all variables, one after the other, in `target` if it is given. */
export function readWeights(
  variables: readonly tf.Variable[],
  target: Float32Array = new Float32Array(weightCount(variables)),
): Float32Array {
  let at = 0;
  for (const variable of variables) {
    target.set(variable.dataSync(), at);
    at += variable.size;
  }
  return target;
}

/** Gives all variables their values, which are one after the other; what is handed over is copied. */
export function assignWeights(variables: readonly tf.Variable[], flat: Float32Array): void {
  let at = 0;
  for (const variable of variables) {
    const values = flat.slice(at, at + variable.size);
    tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
    at += variable.size;
  }
}
