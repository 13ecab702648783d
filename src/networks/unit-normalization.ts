import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';

/** Keeps zeros from being divided by zero, as in Keras. */
export const LEAST_SQUARES = 1e-12;

/** Keras's layer of this name, which tfjs lacks: divides numbers by the root of the sum of their squares along an axis. */
export class UnitNormalization extends layers.Layer {
  static className = 'UnitNormalization';
  private readonly axis: number;

  constructor({ axis = -1, ...options }: { name?: string; axis?: number }) {
    super(options);
    this.axis = axis;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [x] = [inputs].flat();
    return tf.tidy(() => tf.mul(x, tf.rsqrt(tf.maximum(tf.sum(tf.square(x), this.axis, true), LEAST_SQUARES))));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), axis: this.axis };
  }
}
tf.serialization.registerClass(UnitNormalization);
