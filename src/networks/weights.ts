import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** A network's weights by what becomes of them in training. */
export interface NetworkVariables {
  /** Those that follow the gradient. */
  readonly trainable: readonly tf.Variable[];
  /** Those that change otherwise: the moving averages of batch normalisation. */
  readonly moving: readonly tf.Variable[];
  /** Those of frozen layers, which stay as they are. */
  readonly frozen: readonly tf.Variable[];
}

export function variablesOf(network: LayersModel): NetworkVariables {
  const variables = (weights: LayersModel['weights']) => weights.map((weight) => weight.read() as tf.Variable);
  const atWork = network.layers.filter((layer) => network.trainable && layer.trainable);
  const moving = variables(atWork.flatMap((layer) => layer.nonTrainableWeights));
  return {
    trainable: variables(network.trainableWeights),
    moving,
    frozen: variables(network.nonTrainableWeights).filter((variable) => !moving.includes(variable)),
  };
}

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
