import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, type LayerVariable, type layers, model as layersModel } from '@tensorflow/tfjs-layers';
import { batchNormalised } from '../backend/batch-normalisation.js';
import type { Batch, Shape } from '../dataset/examples.js';
import { type NetworkVariables, variablesOf } from '../networks/weights.js';
import type { LossOptions } from './steps.js';

/** The gradient of the categorical cross-entropy, which may be smoothed and weighted by class, with respect to a network's weights, by tfjs's differentiation. */
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
    private readonly loss: LossOptions = {},
  ) {
    keepFrozenAverages(network);
    if (tf.getBackend() === 'tensorflow') fuseBatchNormalisation(network);
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
        return this.lossOf(oneHot as tf.Tensor2D, logits);
      }, [...trainable]);
      const correct = found!.clone();
      found!.dispose();
      return [value, correct, ...trainable.map((variable) => grads[variable.name])];
    });
  }

  private lossOf(oneHot: tf.Tensor2D, logits: tf.Tensor2D): tf.Scalar {
    const { labelSmoothing = 0, classWeights } = this.loss;
    const targets =
      labelSmoothing > 0 ? tf.add(tf.mul(oneHot, 1 - labelSmoothing), labelSmoothing / logits.shape[1]) : oneHot;
    if (!classWeights) return tf.losses.softmaxCrossEntropy(targets, logits) as tf.Scalar;
    const weights = tf.sum(tf.mul(oneHot, tf.tensor1d([...classWeights])), 1);
    const each = tf.losses.softmaxCrossEntropy(targets, logits, undefined, 0, tf.Reduction.NONE) as tf.Tensor1D;
    return tf.mean(tf.mul(each, weights));
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

/** The inner workings of tfjs's batch normalisation, as far as they are used here. */
type BatchNormalisation = layers.Layer &
  Readonly<Record<'gamma' | 'beta' | 'movingMean' | 'movingVariance', LayerVariable>> & {
    readonly epsilon: number;
    readonly momentum: number;
  };

/** Lets batch normalisation over the last axis take one operation of TensorFlow in training; its averages follow as in tfjs. */
function fuseBatchNormalisation(network: LayersModel): void {
  for (const layer of network.layers) {
    const { axis, center, scale } = layer.getConfig();
    if (layer.getClassName() !== 'BatchNormalization' || axis !== -1 || !center || !scale || !layer.trainable) continue;
    const { gamma, beta, movingMean, movingVariance, epsilon, momentum } = layer as BatchNormalisation;
    const call = Object.getPrototypeOf(layer).call as layers.Layer['call'];
    layer.call = (inputs, options) => {
      if (!options.training) return call.call(layer, inputs, options);
      const x = Array.isArray(inputs) ? inputs[0] : inputs;
      const { y, mean, variance } = batchNormalised(x, { gamma: gamma.read(), beta: beta.read(), epsilon });
      for (const [average, value] of [
        [movingMean, mean],
        [movingVariance, variance],
      ] as const)
        average.write(tf.add(tf.mul(average.read(), momentum), tf.mul(value, 1 - momentum)));
      return y;
    };
  }
}
