import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { type Dataset, gathered } from '../dataset/examples.js';
import { discriminantLayer, type LinearLayer } from './discriminant.js';
import type { ClosedFormFitting } from './network.js';
import { fittedTemperature } from './temperature.js';

/** Measured with scikit-learn on other encoders' vectors, too: from 0.1 to 0.5 hardly anything changes. */
const SHRINKAGE = 0.3;

/**
 * A linear layer by discriminant analysis. Those that are fitted to the trials' training sets answer the validation sets, which
 * tells by how much they are too sure of themselves; the network is another one, and as sure as that.
 */
export const linearHead: ClosedFormFitting['solve'] = ({ trials, final }, { bands, classes }) => {
  const fitted = (set: Dataset) =>
    discriminantLayer({ values: valuesOf(set), size: bands, targets: set.targets, classes }, SHRINKAGE);
  const logits = Float64Array.from(
    trials.flatMap(({ train, validation }) => [...logitsOf(fitted(train), valuesOf(validation))]),
  );
  const targets = trials.flatMap(({ validation }) => [...validation.targets]);
  const temperature = fittedTemperature(logits, targets);
  const layer = fitted(final);
  const network = sequential({ name: 'network' });
  network.add(layers.dense({ name: 'logits', units: classes, inputShape: [bands] }));
  network.add(layers.softmax({ name: 'softmax' }));
  const scaled = (values: Float64Array) => Float32Array.from(values, (value) => value / temperature);
  const heldOut = tf.tidy(() => {
    network.setWeights([tf.tensor2d(scaled(layer.kernel), [bands, classes]), tf.tensor1d(scaled(layer.bias))]);
    return tf.softmax(tf.tensor2d(scaled(logits), [targets.length, classes])).dataSync<'float32'>();
  });
  return { network, heldOut };
};

function valuesOf(dataset: Dataset): Float32Array {
  const [values] = gathered(
    dataset,
    dataset.targets.map((_, i) => i),
  );
  return values;
}

function logitsOf({ kernel, bias }: LinearLayer, values: Float32Array): Float64Array {
  const classes = bias.length;
  const size = kernel.length / classes;
  const logits = new Float64Array((values.length / size) * classes);
  for (let i = 0; i < logits.length; i++) {
    const [row, c] = [Math.floor(i / classes), i % classes];
    logits[i] = bias[c];
    for (let k = 0; k < size; k++) logits[i] += values[row * size + k] * kernel[k * classes + c];
  }
  return logits;
}
