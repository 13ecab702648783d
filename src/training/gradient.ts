import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, type layers, model as layersModel } from '@tensorflow/tfjs-layers';
import type { Batch, Shape } from '../dataset/examples.js';
import { type NetworkVariables, variablesOf } from '../networks/weights.js';

/** The gradient of the categorical cross-entropy with respect to a network's weights, by tfjs's differentiation. */
export class Gradient {
  readonly variables: NetworkVariables;
  private readonly logits: LayersModel;

  /**
   * @param network - ends with a softmax, which is taken together with the cross-entropy: exact where it saturates
   * @param shapes - of a clip in each of its inputs
   */
  constructor(
    network: LayersModel,
    private readonly shapes: readonly Shape[],
  ) {
    keepFrozenAverages(network);
    this.variables = variablesOf(network);
    const beforeSoftmax = network.layers[network.layers.length - 2].output;
    this.logits = layersModel({ inputs: network.inputs, outputs: beforeSoftmax });
  }

  /**
   * Computes the gradient for a batch. Moving averages in the network take a step, too.
   *
   * @returns the mean cross-entropy in nats, the number of clips whose class was found, and a gradient for each of the
   *   trainable {@link variables}; all the caller's to dispose of
   */
  of(batch: Batch): tf.Tensor[] {
    return tf.tidy(() => {
      const { trainable } = this.variables;
      const classes = tf.tensor1d(batch.targets, 'int32');
      const oneHot = tf.oneHot(classes, this.logits.outputs[0].shape[1]!);
      const clips = batch.targets.length;
      const inputs = this.shapes.map((shape, k) => tf.tensor(batch.inputs[k], [clips, ...shape]));
      let found: tf.Tensor | undefined;
      const { value, grads } = tf.variableGrads(() => {
        const logits = this.logits.apply(inputs, { training: true }) as tf.Tensor2D;
        found = tf.keep(tf.sum(tf.equal(tf.argMax(logits, 1), classes)));
        return tf.losses.softmaxCrossEntropy(oneHot, logits) as tf.Scalar;
      }, [...trainable]);
      const correct = found!.clone();
      found!.dispose();
      return [value, correct, ...trainable.map((variable) => grads[variable.name])];
    });
  }
}

/** Frozen batch normalisation uses its averages in training and leaves them as they are, as in Keras; tfjs would change them. */
function keepFrozenAverages(network: LayersModel): void {
  for (const layer of network.layers) {
    if (layer.trainable || layer.getClassName() !== 'BatchNormalization') continue;
    const call = Object.getPrototypeOf(layer).call as layers.Layer['call'];
    layer.call = (inputs, options) => call.call(layer, inputs, { ...options, training: false });
  }
}
