import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { useBackend } from '../../src/backend/backend.js';
import { seededRandom } from '../../src/common/random.js';
import { INPUTS } from '../../src/dataset/inputs.js';
import { dropoutLayers, setDropoutStep } from '../../src/networks/dropout.js';
import { NETWORKS } from '../../src/networks/networks.js';
import { originalNetwork } from '../../src/networks/original.js';

const SHAPE = { bands: 128, frames: 87, classes: 7, seed: 1 };

describe('networks', () => {
  before(() => useBackend('auto'));

  it("originalNetwork() has the Python original's number of parameters", () => {
    assert.equal(originalNetwork(SHAPE).countParams(), 433799);
  });

  for (const [name, { fitting, input: kind }] of Object.entries(NETWORKS)) {
    // What is fitted in closed form is built when it is fitted.
    if (fitting.by !== 'gradient') continue;
    const { build } = fitting;
    it(`${name}: takes (128, 87), gives probabilities of the classes, and depends on the seed`, () => {
      const [picture, ...masks] = INPUTS[kind].shapes({ bands: 128, frames: 87 });
      const input = [
        tf.randomUniform([2, ...picture], -1, 1, 'float32', 5),
        ...masks.map((shape) => tf.ones([2, ...shape])),
      ];
      const outputOf = (seed: number) => {
        const network = build({ ...SHAPE, seed });
        const output = network.apply(input) as tf.Tensor;
        assert.deepEqual(output.shape, [2, 7]);
        return [...output.dataSync()];
      };
      const [first, again, other] = [outputOf(1), outputOf(1), outputOf(2)];
      assert.ok(Math.abs(first.slice(0, 7).reduce((a, b) => a + b) - 1) < 1e-6);
      assert.deepEqual(first, again);
      assert.notDeepEqual(first, other);
    });
  }

  for (const [name, { fitting, encoder }] of Object.entries(NETWORKS)) {
    if (fitting.by !== 'members') continue;
    it(`${name}: its members are single networks that take windows of any length, and it names what they were pre-trained by`, () => {
      const members = fitting.members.map((member) => NETWORKS[member]);
      for (const member of members) {
        assert.notEqual(member.fitting.by, 'members');
        assert.notEqual(member.input, 'picture');
      }
      assert.equal(encoder, members.find((member) => member.encoder)?.encoder);
    });
  }

  it('originalNetwork() takes other sizes', () => {
    const network = originalNetwork(SHAPE, { filters: [8], kernelSize: 3, poolSize: 2, denseUnits: [] });
    assert.equal(network.countParams(), 3 * 87 * 8 + 8 + 64 * 8 * 7 + 7);
  });

  it('originalNetwork() refuses impossible sizes', () => {
    const bad = {
      filters: [[], [0], [8, 1.5], 8],
      kernelSize: [0, 2.5, '3'],
      poolSize: [0, 1.5],
      dropout: [1, -0.1, Number.NaN, '0'],
      denseUnits: [[0], [4, -1], 4],
      denseDropout: [1, -0.1, Number.NaN],
    };
    for (const [size, values] of Object.entries(bad))
      for (const value of values)
        assert.throws(() => originalNetwork(SHAPE, { [size]: value }), {
          name: 'RangeError',
          message: new RegExp(`^Cannot build the network: ${size} must .*, current value is ${value}$`),
        });
  });

  it('originalNetwork() begins layers of the same shape with different weights, and drops with different masks', () => {
    const network = originalNetwork(SHAPE, { filters: [4, 4, 4], denseUnits: [8, 8, 8] });
    for (const layers of [
      ['conv_2', 'conv_3'],
      ['dense_2', 'dense_3'],
    ]) {
      const [a, b] = layers.map((name) => network.getLayer(name).getWeights()[0].dataSync());
      assert.equal(a.length, b.length);
      assert.notDeepEqual(a, b);
    }
    const seeds = dropoutLayers(network).map((layer) => layer.getConfig().seed);
    assert.equal(new Set(seeds).size, 5);
  });

  it('dropout drops the given share, other values at every step, the same ones again for the same step', () => {
    const network = originalNetwork(SHAPE, { filters: [64, 64], dropout: 0.4, denseUnits: [] });
    const layer = network.getLayer('dropout_2');
    const ones = tf.ones([4, 32, 64]);
    const at = (step: number, training: boolean) => {
      setDropoutStep(network, step);
      return [...(layer.apply(ones, { training }) as tf.Tensor).dataSync()];
    };
    const first = at(1, true);
    const dropped = first.filter((value) => value === 0).length / first.length;
    assert.ok(Math.abs(dropped - 0.4) < 0.02, `${dropped}`);
    assert.ok(first.every((value) => value === 0 || Math.abs(value - 1 / 0.6) < 1e-6));
    assert.deepEqual(at(1, true), first);
    assert.notDeepEqual(at(2, true), first);
    assert.deepEqual(new Set(at(1, false)), new Set([1]));
  });

  it('dropout draws as seededRandom() does, also for a part of a batch', () => {
    // Of 9 values a clip, not of 4 or 8.
    const [layer] = dropoutLayers(originalNetwork({ bands: 10, frames: 8, classes: 3, seed: 5 }, { filters: [4, 3] }));
    const { seed, rate } = layer.getConfig() as { seed: number; rate: number };
    layer.step = 3;
    const random = seededRandom(seed ^ Math.imul(4, 0x9e3779b1));
    const size = layer.shapeFor(6).reduce((a, b) => a * b);
    assert.equal(size, 54);
    const expected = Float32Array.from({ length: size }, () => (random() < rate ? 0 : 1 / (1 - rate)));
    assert.deepEqual(layer.draw(6), expected);
    layer.firstClip = 2;
    assert.deepEqual(layer.draw(3), expected.subarray(size / 3, (5 * size) / 6));
  });
});
