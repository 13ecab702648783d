import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { useBackend } from '../../src/backend/backend.js';
import { Graph, nativeBackend, recordInto, type Values } from '../../src/backend/graph.js';

describe('native graph', () => {
  before(async function () {
    await useBackend('native').catch(() => this.skip());
  });

  it('Graph computes from what is fed, constants and variables that keep their values', () => {
    const graph = new Graph();
    const fed = graph.placeholder('fed', [2]);
    const sum = graph.variable('sum', [2]);
    const type = graph.type();
    const set = graph.add('set', 'AssignVariableOp', { inputs: [sum, fed], attributes: [type] });
    graph.result('started', fed, { after: [set] });
    const ten = graph.constant('ten', [], Float32Array.of(10));
    const tenfold = graph.add('tenfold', 'Mul', { inputs: [fed, ten], attributes: [graph.type('float32', 'T')] });
    const added = graph.add('added', 'AssignAddVariableOp', { inputs: [sum, tenfold], attributes: [type] });
    graph.result('done', tenfold, { after: [added] });
    const session = graph.load();
    const feed = (...values: number[]) => ({ fed: { shape: [2], values: Float32Array.from(values) } });
    session.run(feed(1, 2), ['started']);
    assert.deepEqual(session.run(feed(3, 4), ['done']), [Float32Array.of(30, 40)]);
    session.run(feed(1, 1), ['done']);
    assert.deepEqual(session.run({}, ['sum/value']), [Float32Array.of(41, 52)]);
    session.dispose();
  });

  it('Graph writes numbers, lists of them, and truth values as attributes', () => {
    const { TF_ATTR_INT, TF_ATTR_FLOAT, TF_ATTR_BOOL } = nativeBackend().binding;
    const graph = new Graph();
    const type = graph.type('float32', 'T');
    const fed = graph.placeholder('fed', [1, 2, 1]);
    const squeezed = graph.add('squeezed', 'Squeeze', {
      inputs: [fed],
      attributes: [type, { name: 'squeeze_dims', type: TF_ATTR_INT, value: [2] }],
    });
    const stacked = graph.add('stacked', 'Pack', {
      inputs: [squeezed, squeezed],
      attributes: [type, { name: 'N', type: TF_ATTR_INT, value: 2 }, { name: 'axis', type: TF_ATTR_INT, value: 2 }],
    });
    graph.result('stack', stacked);
    const leaky = graph.add('leaky', 'LeakyRelu', {
      inputs: [squeezed],
      attributes: [type, { name: 'alpha', type: TF_ATTR_FLOAT, value: 0.25 }],
    });
    const product = graph.add('product', 'MatMul', {
      inputs: [leaky, squeezed],
      attributes: [type, { name: 'transpose_b', type: TF_ATTR_BOOL, value: true }],
    });
    graph.result('dot', product);
    const session = graph.load();
    const feeds = { fed: { shape: [1, 2, 1], values: Float32Array.of(-4, 3) } };
    // (−4 / 4) · −4 + 3 · 3
    assert.deepEqual(session.run(feeds, ['stack', 'dot']), [Float32Array.of(-4, -4, 3, 3), Float32Array.of(13)]);
    session.dispose();
  });

  it('Graph refuses an attribute that it cannot write', () => {
    const attributes = [{ name: 'odd', type: nativeBackend().binding.TF_ATTR_RESOURCE, value: 1 }];
    assert.throws(() => new Graph().add('x', 'NoOp', { attributes }), {
      name: 'TypeError',
      message: /attribute odd has a type of another kind/,
    });
  });

  it('GraphSession says what TensorFlow says', () => {
    const graph = new Graph();
    graph.placeholder('fed', [2]);
    const session = graph.load();
    assert.throws(() => session.run({}, ['fed']), /must feed a value for placeholder/);
    assert.throws(() => session.run({}, ['other']), /name can not be found/);
    session.dispose();
  });

  it('recordInto() repeats what tfjs computed, gradients too, with other values where they have a name', () => {
    const [values, weights] = [Float32Array.of(1, 2, 3), Float32Array.of(0.5, 0.5, 0.5)];
    const action = () => {
      const x = tf.tensor1d(values);
      const { value, grad } = tf.valueAndGrad((w: tf.Tensor) => tf.sum(tf.mul(tf.square(w), tf.mul(x, 2))))(
        tf.tensor1d(weights),
      );
      return [value, grad];
    };
    const graph = new Graph();
    const names = new Map<Values, string>([
      [values, graph.placeholder('x', [3])],
      [weights, graph.placeholder('w', [3])],
    ]);
    const before = tf.memory().numTensors;
    const results = recordInto(graph, 'step', { nameOf: (v) => names.get(v), action });
    assert.equal(tf.memory().numTensors, before);
    graph.result('value', results[0]);
    graph.result('gradient', results[1]);
    const session = graph.load();
    const feed = (x: number[], w: number[]) => ({
      x: { shape: [3], values: Float32Array.from(x) },
      w: { shape: [3], values: Float32Array.from(w) },
    });
    assert.deepEqual(session.run(feed([1, 2, 3], [1, 1, 2]), ['value', 'gradient']), [
      Float32Array.of(30),
      Float32Array.of(4, 8, 24),
    ]);
    session.dispose();
  });

  it('recordInto() refuses a tensor that was made before, and records nothing afterwards', () => {
    const made = tf.tidy(() => tf.add(tf.tensor1d([1]), tf.tensor1d([2])));
    const graph = new Graph();
    const record = () => recordInto(graph, 'step', { nameOf: () => undefined, action: () => [tf.neg(made)] });
    assert.throws(record, { message: /a tensor is used that was made before/ });
    assert.deepEqual([...made.dataSync()], [3]);
    made.dispose();
  });
});
