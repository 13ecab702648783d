import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, model as layersModel } from '@tensorflow/tfjs-layers';

/** Some clips as the network takes them, and their classes. */
export interface Batch {
  /** Normalised windows, row-major, shape `(clips, bands, frames)`. */
  readonly inputs: Float32Array;
  /** Class index of each clip. */
  readonly targets: Int32Array;
}

/** The gradient of the categorical cross-entropy with respect to a network's weights, by tfjs's differentiation. */
export class Gradient {
  /** The network's weights. */
  readonly variables: readonly tf.Variable[];
  private readonly logits: LayersModel;

  /** @param network - ends with a softmax, which is taken together with the cross-entropy: exact where it saturates */
  constructor(network: LayersModel) {
    this.variables = network.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const beforeSoftmax = network.layers[network.layers.length - 2].output;
    this.logits = layersModel({ inputs: network.inputs, outputs: beforeSoftmax });
  }

  /** Shape of the network's input for so many clips. */
  inputShape(clips: number): [clips: number, bands: number, frames: number] {
    const [, bands, frames] = this.logits.inputs[0].shape as number[];
    return [clips, bands, frames];
  }

  /**
   * Computes the gradient for a batch.
   *
   * @returns the mean cross-entropy in nats, the number of clips whose class was found, and a gradient for each of the
   *   {@link variables}; all the caller's to dispose of
   */
  of({ inputs, targets }: Batch): tf.Tensor[] {
    return tf.tidy(() => {
      const classes = tf.tensor1d(targets, 'int32');
      const oneHot = tf.oneHot(classes, this.logits.outputs[0].shape[1]!);
      const x = tf.tensor3d(inputs, this.inputShape(targets.length));
      let found: tf.Tensor | undefined;
      const { value, grads } = tf.variableGrads(() => {
        const logits = this.logits.apply(x, { training: true }) as tf.Tensor2D;
        found = tf.keep(tf.sum(tf.equal(tf.argMax(logits, 1), classes)));
        return tf.losses.softmaxCrossEntropy(oneHot, logits) as tf.Scalar;
      }, [...this.variables]);
      const correct = found!.clone();
      found!.dispose();
      return [value, correct, ...this.variables.map((variable) => grads[variable.name])];
    });
  }
}
