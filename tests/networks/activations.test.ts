import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { useBackend } from '../../src/backend/backend.js';
import { arrayExamples } from '../../src/dataset/examples.js';
import { activationsOf } from '../../src/networks/activations.js';
import type { GradientFitting } from '../../src/networks/network.js';
import { NETWORKS } from '../../src/networks/networks.js';
import { originalNetwork } from '../../src/networks/original.js';
import { predictProbabilities } from '../../src/networks/probabilities.js';

describe('activationsOf()', () => {
  before(() => useBackend('wasm'));

  it('gives the output of each layer, the last one being what the network answers', () => {
    const shape = [8, 12];
    const network = originalNetwork(
      { bands: 8, frames: 12, classes: 3, seed: 1 },
      { filters: [4, 2], denseUnits: [5] },
    );
    const values = Float32Array.from({ length: 96 }, (_, i) => Math.sin(i));
    const before = tf.memory().numTensors;
    const found = activationsOf(network, [values], [shape]);
    assert.equal(tf.memory().numTensors, before);
    assert.deepEqual(
      found.map(({ layer, kind, shape }) => [layer, kind, ...shape].join(' ')),
      [
        ...['conv_1_input InputLayer 8 12', 'conv_1 Conv1D 8 4', 'pool_1 MaxPooling1D 4 4', 'conv_2 Conv1D 4 2'],
        ...['pool_2 MaxPooling1D 2 2', 'flatten Flatten 4', 'dense_1 Dense 5', 'logits Dense 3', 'softmax Softmax 3'],
      ],
    );
    assert.equal(found[0].values, values);
    const expected = predictProbabilities(network, arrayExamples([{ values, shape }]));
    assert.deepEqual(found.at(-1)!.values, expected);
    // Pooling takes the largest of five positions, two apart, by hand.
    const [, convolved, pooled] = found;
    for (let position = 0; position < 4; position++)
      for (let channel = 0; channel < 4; channel++) {
        const window = [0, 1, 2, 3, 4].map((k) => convolved.values[(2 * position + k - 1) * 4 + channel] ?? -Infinity);
        assert.equal(pooled.values[position * 4 + channel], Math.max(...window));
      }
    network.dispose();
  });

  it('takes networks with two inputs', () => {
    const shapes = [[80, 40], [40]];
    const { build } = NETWORKS.compact.fitting as GradientFitting;
    const network = build({ bands: 80, frames: 40, classes: 3, seed: 1 });
    const found = activationsOf(network, [new Float32Array(3200).fill(1), new Float32Array(40).fill(1)], shapes);
    assert.deepEqual(
      found.slice(0, 2).map(({ layer }) => layer),
      ['clip', 'mask'],
    );
    assert.ok(!found.some(({ kind }) => kind.endsWith('Dropout')));
    assert.ok(Math.abs(found.at(-1)!.values.reduce((sum, p) => sum + p) - 1) < 1e-6);
    network.dispose();
  });
});
