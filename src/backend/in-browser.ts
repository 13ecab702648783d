// Knows the gradients that WebAssembly's kernels are registered beside.
import '@tensorflow/tfjs-layers';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import type { BackendInfo } from './info.js';
import { registerWasmKernels } from './wasm-kernels.js';

/** tfjs's binaries. The kernels of this project need SIMD, as all browsers of today have it: one stands for all. */
const BINARIES = ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm', 'tfjs-backend-wasm-threaded-simd.wasm'];

/**
 * Lets WebAssembly compute in a browser.
 *
 * @param address - of `tfjs-backend-wasm-simd.wasm`; once the backend is set, another one changes nothing
 */
export async function useWasmAt(address: string): Promise<BackendInfo> {
  if (!tf.findBackend('wasm')) setWasmPaths(Object.fromEntries(BINARIES.map((name) => [name, address])));
  registerWasmKernels();
  await tf.setBackend('wasm');
  await tf.ready();
  return { name: 'wasm', tfjs: tf.version_core, threads: 1 };
}
