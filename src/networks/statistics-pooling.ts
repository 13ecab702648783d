import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';

/** Keeps the square root's gradient finite where nothing varies. */
export const STATISTICS_EPSILON = 1e-5;

/**
 * Mean and standard deviation over the frames of a clip, without its padding: `(batch, frames, channels)` and a mask of 1 for
 * a frame and 0 for padding, `(batch, frames)`, become `(batch, 2 · channels)`.
 *
 * @see D. Snyder et al., Deep Neural Network Embeddings for Text-Independent Speaker Verification, 2017
 */
export class StatisticsPooling extends layers.Layer {
  static className = 'StatisticsPooling';

  override computeOutputShape([[batch, , channels]]: [number[], number[]]): (number | null)[] {
    return [batch, 2 * channels];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [x, mask] = inputs as [tf.Tensor3D, tf.Tensor2D];
    return tf.tidy(() => {
      const weights = tf.reshape(tf.div(mask, tf.sum(mask, 1, true)), [...mask.shape, 1]);
      const mean = tf.sum(tf.mul(x, weights), 1, true);
      const variance = tf.sum(tf.mul(tf.square(tf.sub(x, mean)), weights), 1) as tf.Tensor2D;
      return tf.concat([tf.reshape(mean, variance.shape), tf.sqrt(tf.add(variance, STATISTICS_EPSILON))], 1);
    });
  }
}
tf.serialization.registerClass(StatisticsPooling);
