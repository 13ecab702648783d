import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import type { Dataset } from '../dataset/examples.js';
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
  const fitted = (set: Dataset) => discriminantLayer(set, SHRINKAGE);
  const targets = trials.flatMap(({ validation }) => validation.targets);
  const logits = new Float64Array(targets.length * classes);
  let at = 0;
  for (const { train, validation } of trials) {
    logits.set(logitsOf(fitted(train), validation), at);
    at += validation.count * classes;
  }
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

/** Of each clip, row-major, shape `(clips, classes)`. */
function logitsOf({ kernel, bias }: LinearLayer, { count, shapes: [[size]], write }: Dataset): Float64Array {
  const classes = bias.length;
  const vector = new Float32Array(size);
  const logits = new Float64Array(count * classes);
  for (let i = 0; i < count; i++) {
    write(i, [vector]);
    for (let c = 0; c < classes; c++) {
      let logit = bias[c];
      for (let k = 0; k < size; k++) logit += vector[k] * kernel[k * classes + c];
      logits[i * classes + c] = logit;
    }
  }
  return logits;
}
