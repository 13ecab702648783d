import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { useBackend } from '../../src/backend/backend.js';
import { arrayExamples, type Dataset } from '../../src/dataset/examples.js';
import { linearWeights } from '../../src/networks/linear-weights.js';
import { originalNetwork } from '../../src/networks/original.js';
import { BACKEND } from '../cli/ser.js';

describe('linearWeights()', () => {
  before(() => useBackend(BACKEND));

  // Deviations 2, 1 and 0; the first number is high in the first class.
  const values = Float32Array.of(4, 0, 7, 4, 2, 7, 0, 0, 7, 0, 2, 7);
  const dataset: Dataset = {
    ...arrayExamples([{ values, shape: [3] }]),
    targets: [0, 0, 1, 1],
    labels: ['anger', 'sadness'],
  };
  const linear = (activation?: 'relu') => {
    const network = sequential({ name: 'network' });
    network.add(layers.dense({ name: 'logits', units: 2, inputShape: [3] }));
    if (activation) network.add(layers.reLU());
    network.add(layers.softmax({ name: 'softmax' }));
    return network;
  };

  it('gives what a deviation more adds, apart from what it adds to all classes, and the means in deviations', () => {
    const network = linear();
    const before = tf.memory().numTensors;
    tf.tidy(() => network.setWeights([tf.tensor2d([3, 1, 5, 5, 9, 1], [3, 2]), tf.tensor1d([10, 20])]));
    assert.deepEqual(linearWeights(network, dataset), [
      { weights: [2, -2], means: [1, -1] },
      { weights: [0, 0], means: [0, 0] },
      { weights: [0, 0], means: [0, 0] },
    ]);
    assert.equal(tf.memory().numTensors, before);
    network.dispose();
  });

  it('has nothing to say about a network that is not linear', () => {
    for (const network of [linear('relu'), originalNetwork({ bands: 32, frames: 20, classes: 2, seed: 1 })]) {
      assert.equal(linearWeights(network, dataset), undefined);
      network.dispose();
    }
  });
});
