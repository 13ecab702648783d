import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { useBackend } from '../../src/backend/backend.js';
import { type NativeState, provideNative } from '../../src/backend/native/native.js';
import { InputError } from '../../src/common/errors.js';

const UNAVAILABLE: NativeState = {
  state: 'unavailable',
  reasons: ['no network', 'no Python'],
  remedy: 'run `ser doctor --setup`',
  since: '2020-01-01T00:00:00Z',
  cacheFolder: 'cache',
};
const unavailable = async () => UNAVAILABLE;

/** Trains a tiny network for two epochs and predicts with it. */
async function trainAndPredict(): Promise<{ losses: number[]; probabilities: Float32Array }> {
  const model = layers.sequential({
    layers: [
      layers.layers.conv1d({
        inputShape: [8, 3],
        filters: 4,
        kernelSize: 3,
        padding: 'same',
        activation: 'relu',
        kernelInitializer: layers.initializers.glorotUniform({ seed: 1 }),
      }),
      layers.layers.maxPooling1d({ poolSize: 3, strides: 2, padding: 'same' }),
      layers.layers.flatten(),
      layers.layers.dense({
        units: 2,
        activation: 'softmax',
        kernelInitializer: layers.initializers.glorotUniform({ seed: 2 }),
      }),
    ],
  });
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
  const x = tf.randomNormal([6, 8, 3], 0, 1, 'float32', 3);
  const y = tf.oneHot(tf.tensor1d([0, 1, 0, 1, 0, 1], 'int32'), 2);
  const { history } = await model.fit(x, y, { epochs: 2, shuffle: false, verbose: 0 });
  const output = model.predict(x) as tf.Tensor;
  const probabilities = (await output.data()) as Float32Array;
  tf.dispose([x, y, output]);
  const { optimizer } = model;
  model.dispose();
  optimizer.dispose();
  return { losses: history.loss as number[], probabilities };
}

describe('useBackend()', () => {
  it('uses WebAssembly when told so, with one thread and no C library', async () => {
    const info = await useBackend('wasm');
    assert.deepEqual(info, { name: 'wasm', tfjs: tf.version_core, threads: availableParallelism() });
    assert.equal(tf.getBackend(), 'wasm');
  });

  it('falls back to WebAssembly with one line that says why and what helps', async () => {
    const lines: string[] = [];
    const info = await useBackend('auto', { provide: unavailable, report: (line) => lines.push(line) });
    assert.equal(info.name, 'wasm');
    assert.equal(info.reason, 'no network; no Python');
    assert.equal(lines.length, 1);
    assert.match(lines[0], /WebAssembly.*no network; no Python.*ser doctor --setup/);
    assert.equal(tf.getBackend(), 'wasm');
  });

  it('refuses native, with the remedy, where there is no native library', async () => {
    await assert.rejects(
      useBackend('native', { provide: unavailable }),
      (error: Error) =>
        error instanceof InputError &&
        /no network; no Python.*ser doctor --setup.*use the `backend` wasm/.test(error.message),
    );
  });

  it('computes on WebAssembly where nothing has loaded tfjs-layers, with its gradients', () => {
    const file = JSON.stringify(join(__dirname, '../../src/backend/backend.ts'));
    const program = `require(${file}).useBackend('wasm').then(({ name }) => console.log(name))`;
    const { stdout, status } = spawnSync(process.execPath, ['--require', 'tsx/cjs', '-e', program], {
      cwd: join(__dirname, '../..'),
      encoding: 'utf8',
    });
    assert.deepEqual([stdout, status], ['wasm\n', 0]);
  });

  it("removes the listeners for uncaught errors that WebAssembly's loader adds to the process", async () => {
    await useBackend('wasm');
    const listeners = [...process.listeners('uncaughtException'), ...process.listeners('unhandledRejection')];
    assert.ok(!listeners.some((listener) => /ExitStatus|throw reason/.test(String(listener))));
  });

  it('trains and predicts alike, and repeatably, on both backends', async function () {
    this.timeout(600_000);
    if ((await provideNative()).state !== 'ready') this.skip();
    const info = await useBackend('native');
    assert.equal(info.name, 'native');
    assert.match(info.tensorflow!, /^2\.\d+\.\d+/);
    const native = await trainAndPredict();
    assert.deepEqual(await trainAndPredict(), native);
    await useBackend('wasm');
    const wasm = await trainAndPredict();
    assert.deepEqual(await trainAndPredict(), wasm);
    for (const [i, p] of wasm.probabilities.entries()) assert.ok(Math.abs(p - native.probabilities[i]) < 1e-4);
    assert.ok(native.losses[1] < native.losses[0]);
  });
});
