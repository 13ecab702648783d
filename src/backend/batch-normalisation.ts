import * as tf from '@tensorflow/tfjs-core';

/** Under this name the native backend has it. */
export const BATCH_NORMALISATION = 'BatchNormalisationInTraining';

interface Normalised {
  /** Of the shape of what was given. */
  readonly y: tf.Tensor;
  /** Of the batch, shape `(channels,)`. */
  readonly mean: tf.Tensor1D;
  /** The population's, shape `(channels,)`. */
  readonly variance: tf.Tensor1D;
}

/**
 * Normalises each channel by its mean and deviation in the batch, as batch normalisation does in training: one operation of
 * the native backend, and one for the gradient, where tfjs composes some twenty that each go through the whole batch.
 *
 * @param x - channels last
 */
export function batchNormalised(
  x: tf.Tensor,
  { gamma, beta, epsilon }: { gamma: tf.Tensor; beta: tf.Tensor; epsilon: number },
): Normalised {
  const channels = x.shape[x.shape.length - 1];
  const flat = tf.reshape(x, [x.size / channels, 1, 1, channels]);
  const inputs = { x: flat, gamma, beta };
  const [y, , , mean, variance] = tf.engine().runKernel(BATCH_NORMALISATION, inputs, { epsilon }) as tf.Tensor[];
  return { y: tf.reshape(y, x.shape), mean: mean as tf.Tensor1D, variance: variance as tf.Tensor1D };
}
