import assert from 'node:assert/strict';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { useBackend } from '../../src/backend/backend.js';
import { nativeInPlace } from '../../src/backend/native/native.js';
import { registerWasmKernels } from '../../src/backend/wasm-kernels.js';
import { seededRandom } from '../../src/common/random.js';

type Shape4D = [number, number, number, number];
interface Case {
  readonly x: Shape4D;
  readonly filter: Shape4D;
  readonly strides: [number, number];
  readonly pad: 'same' | 'valid';
}

const CASES: Case[] = [];
for (const pad of ['same', 'valid'] as const) {
  for (const stride of [1, 2]) {
    CASES.push({ x: [2, 1, 9, 3], filter: [1, 5, 3, 4], strides: [1, stride], pad });
    CASES.push({ x: [2, 7, 6, 2], filter: [3, 2, 2, 3], strides: [stride, stride], pad });
  }
}
CASES.push({ x: [1, 4, 5, 2], filter: [1, 1, 2, 3], strides: [1, 1], pad: 'valid' });

function values(shape: readonly number[], seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => 2 * random() - 1);
}

/** Height and width of the output, and the padding at the top and on the left (TensorFlow's rule). */
function geometry({ x, filter, strides, pad }: Case): { out: number[]; before: number[] } {
  const out = [0, 1].map((d) =>
    pad === 'same' ? Math.ceil(x[1 + d] / strides[d]) : Math.ceil((x[1 + d] - filter[d] + 1) / strides[d]),
  );
  const total = [0, 1].map((d) => Math.max((out[d] - 1) * strides[d] + filter[d] - x[1 + d], 0));
  return { out, before: pad === 'same' ? total.map((n) => Math.floor(n / 2)) : [0, 0] };
}

/**
 * Both gradients by their definition: every output's gradient times the input that each filter weight met, and times
 * the weight that each input met.
 */
function byLoops(
  c: Case,
  { x, filter, dy }: Record<'x' | 'filter' | 'dy', Float32Array>,
): [Float64Array, Float64Array] {
  const { out, before } = geometry(c);
  const [batch, height, width, inputs] = c.x;
  const [filterHeight, filterWidth, , outputs] = c.filter;
  const ofInput = new Float64Array(x.length);
  const ofFilter = new Float64Array(filter.length);
  for (let b = 0; b < batch; b++)
    for (let r = 0; r < out[0]; r++)
      for (let q = 0; q < out[1]; q++)
        for (let i = 0; i < filterHeight; i++)
          for (let j = 0; j < filterWidth; j++) {
            const row = r * c.strides[0] + i - before[0];
            const column = q * c.strides[1] + j - before[1];
            if (row < 0 || row >= height || column < 0 || column >= width) continue;
            for (let k = 0; k < inputs; k++)
              for (let o = 0; o < outputs; o++) {
                const weight = ((i * filterWidth + j) * inputs + k) * outputs + o;
                const input = ((b * height + row) * width + column) * inputs + k;
                const gradient = dy[((b * out[0] + r) * out[1] + q) * outputs + o];
                ofFilter[weight] += x[input] * gradient;
                ofInput[input] += filter[weight] * gradient;
              }
          }
  return [ofInput, ofFilter];
}

/** Largest difference, relative to the largest value. */
function difference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  assert.equal(actual.length, expected.length);
  let largest = 0;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]));
    worst = Math.max(worst, Math.abs(actual[i] - expected[i]));
  }
  return worst / largest;
}

/** The network of the seed (four Conv1D blocks, two dense layers) without dropout, with seeded weights. */
function originalNetwork(): layers.Sequential {
  let seed = 1;
  const start = () => layers.initializers.glorotUniform({ seed: seed++ });
  const network = layers.sequential();
  for (const filters of [256, 128, 128, 64]) {
    network.add(
      layers.layers.conv1d({
        filters,
        kernelSize: 5,
        padding: 'same',
        activation: 'relu',
        kernelInitializer: start(),
        ...(seed === 2 ? { inputShape: [128, 87] } : {}),
      }),
    );
    network.add(layers.layers.maxPooling1d({ poolSize: 5, strides: 2, padding: 'same' }));
  }
  network.add(layers.layers.flatten());
  for (const units of [64, 32])
    network.add(layers.layers.dense({ units, activation: 'relu', kernelInitializer: start() }));
  network.add(layers.layers.dense({ units: 7, activation: 'softmax', kernelInitializer: start() }));
  return network;
}

/** Gradients of the cross-entropy with respect to every weight of the original's network, for three random clips. */
function networkGradients(): Float32Array[] {
  return tf.tidy(() => {
    const network = originalNetwork();
    const x = tf.tensor3d(values([3, 128, 87], 5), [3, 128, 87]);
    const y = tf.oneHot(tf.tensor1d([0, 3, 6], 'int32'), 7);
    const loss = () => {
      const probabilities = network.apply(x, { training: true }) as tf.Tensor;
      return tf.neg(tf.mean(tf.sum(tf.mul(tf.cast(y, 'float32'), tf.log(probabilities)), 1))) as tf.Scalar;
    };
    const { grads } = tf.variableGrads(loss);
    const gradients = Object.keys(grads)
      .sort((a, b) => grads[a].shape.length - grads[b].shape.length || grads[a].size - grads[b].size)
      .map((name) => grads[name].dataSync() as Float32Array);
    network.dispose();
    return gradients;
  });
}

describe('registerWasmKernels()', () => {
  it('registers the kernels once', () => {
    registerWasmKernels();
    const kernel = tf.getKernel(tf.Conv2DBackpropFilter, 'wasm');
    registerWasmKernels();
    assert.ok(kernel);
    assert.equal(tf.getKernel(tf.Conv2DBackpropFilter, 'wasm'), kernel);
  });

  for (const c of CASES) {
    it(`computes what plain loops do: ${c.x} by ${c.filter}, stride ${c.strides}, ${c.pad}`, async () => {
      await useBackend('wasm');
      const { out } = geometry(c);
      const dyShape: Shape4D = [c.x[0], out[0], out[1], c.filter[3]];
      const data = { x: values(c.x, 1), filter: values(c.filter, 2), dy: values(dyShape, 3) };
      const before = tf.memory().numTensors;
      const x = tf.tensor4d(data.x, c.x);
      const filter = tf.tensor4d(data.filter, c.filter);
      const dy = tf.tensor4d(data.dy, dyShape);
      const convolve = (a: tf.Tensor, b: tf.Tensor) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, c.strides, c.pad);
      const gradients = tf.grads(convolve)([x, filter], dy);
      assert.deepEqual(
        gradients.map((gradient) => gradient.shape),
        [c.x, c.filter],
      );
      for (const [i, expected] of byLoops(c, data).entries())
        assert.ok(difference(await gradients[i].data(), expected) < 1e-5);
      tf.dispose([x, filter, dy, ...gradients]);
      assert.equal(tf.memory().numTensors, before);
    });
  }

  it("gives scipy's error function within the precision of single numbers", async () => {
    await useBackend('wasm');
    // python3 -c "from scipy.special import erf; import numpy; print(erf(numpy.float32([...]).astype(float)))"
    const expected = [
      ...[-1, -0.99997791, -0.842700793, -0.328626772, -0.00112837884, 0, 1.12837913e-20],
      ...[0.0563719786, 0.520499878, 0.7969082, 0.983790462, 0.999593048, 0.999999983, 1],
    ];
    const x = [-9, -3, -1, -0.3, -0.001, 0, 1e-20, 0.05, 0.5, 0.9, 1.7, 2.5, 3.99, 5];
    const before = tf.memory().numTensors;
    const actual = tf.tidy(() => tf.erf(tf.tensor(x, [2, 7])).dataSync<'float32'>());
    for (const [i, value] of actual.entries())
      assert.ok(Math.abs(value - expected[i]) <= 2e-7 * Math.abs(expected[i]), `erf(${x[i]}) is ${value}`);
    assert.equal(tf.memory().numTensors, before);
  });

  // Sizes that its tiles of 4 by 8 divide, others, and what is smaller than one.
  for (const [pairs, rows, inner, columns] of [
    [2, 8, 3, 16],
    [3, 5, 7, 9],
    [2, 4, 1, 8],
    [2, 3, 4, 20],
    [2, 6, 4, 5],
  ])
    it(`multiplies ${pairs} pairs of matrices, ${rows} by ${inner} and ${inner} by ${columns}`, async () => {
      await useBackend('wasm');
      const [a, b] = [values([pairs, rows, inner], 1), values([pairs, inner, columns], 2)];
      const expected = Float32Array.from({ length: pairs * rows * columns }, (_, i) => {
        const [row, column] = [Math.floor(i / columns), i % columns];
        const pair = Math.floor(row / rows);
        return Array.from(
          { length: inner },
          (_, k) => a[row * inner + k] * b[(pair * inner + k) * columns + column],
        ).reduce((sum, product) => sum + product);
      });
      const before = tf.memory().numTensors;
      const [actual, turned] = tf.tidy(() => {
        const [left, right] = [tf.tensor3d(a, [pairs, rows, inner]), tf.tensor3d(b, [pairs, inner, columns])];
        const product = tf.matMul(left, right);
        return [product, tf.matMul(left, tf.transpose(right, [0, 2, 1]), false, true)].map((each) => each.dataSync());
      });
      assert.equal(tf.memory().numTensors, before);
      for (const result of [actual, turned]) assert.ok(difference(result as Float32Array, expected) < 1e-6);
    });

  it('gives the gradient of max pooling to the first of equal values, also where windows overlap, as TensorFlow does', async () => {
    await useBackend('wasm');
    // Six channels: four that are computed together, and a rest of two.
    const channels = 6;
    const rows = [2, 2, 1, 2, 2, 2, 0];
    const x = tf.tensor4d(
      rows.flatMap((value) => new Array<number>(channels).fill(value)),
      [1, 1, 7, channels],
    );
    const dyRows = [1, 10, 100, 1000];
    const dy = tf.tensor4d(
      dyRows.flatMap((value) => Array.from({ length: channels }, (_, c) => value * (c + 1))),
      [1, 1, 4, channels],
    );
    // Windows of 3 at every 2nd position, 'same': they begin at −1, 1, 3 and 5.
    const pool = (input: tf.Tensor) => tf.maxPool(input as tf.Tensor4D, [1, 3], [1, 2], 'same');
    const expected = [1, 10, 0, 100, 0, 1000, 0].flatMap((value) =>
      Array.from({ length: channels }, (_, c) => value * (c + 1)),
    );
    assert.deepEqual([...(tf.grad(pool)(x, dy) as tf.Tensor).dataSync()], expected);
    if (!nativeInPlace()) return;
    await useBackend('native');
    assert.deepEqual([...(tf.grad(pool)(x, dy) as tf.Tensor).dataSync()], expected);
  });

  it("gives the gradients of the original's network that the native library gives, and leaks nothing", async function () {
    if (!nativeInPlace()) this.skip();
    this.timeout(20_000);
    await useBackend('native');
    const expected = networkGradients();
    await useBackend('wasm');
    const before = tf.memory().numTensors;
    const actual = networkGradients();
    assert.equal(tf.memory().numTensors, before);
    assert.equal(actual.length, 14);
    for (const [i, gradient] of actual.entries()) assert.ok(difference(gradient, expected[i]) < 1e-4);
  });
});
