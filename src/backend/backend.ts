/**
 * What computes: TensorFlow's C library, or WebAssembly.
 *
 * In: which of them is wanted. Out: TensorFlow.js set to compute with it, and what it is, with its version.
 */
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { InputError, reasonOf } from '../common/errors.js';
import { registerBatchNormalisation } from './batch-normalisation-kernel.js';
import type { BackendInfo, BackendName } from './info.js';
import { NATIVE_REMEDY, type NativeOptions, type NativeState, provideNative } from './native/native.js';
import { registerReluGradient } from './relu-gradient.js';
import { registerWasmKernels } from './wasm-kernels.js';

export interface BackendOptions extends NativeOptions {
  /** Provides the native library; default: {@link provideNative}. */
  readonly provide?: (options: NativeOptions) => Promise<NativeState>;
}

const NATIVE_OPS = 'tensorflow';

/**
 * Sets what computes in `@tensorflow/tfjs-core`, and so in `@tensorflow/tfjs-layers`.
 *
 * `auto` takes the native library, providing it on the first start (see {@link provideNative}), else WebAssembly, which
 * gives the same results up to rounding, several times slower in training; that is said once, through `report`.
 * tfjs's `cpu` backend is never used.
 *
 * @throws InputError if `native` is wanted and there is no native library
 */
export async function useBackend(
  wanted: 'auto' | BackendName = 'auto',
  options: BackendOptions = {},
): Promise<BackendInfo> {
  if (wanted === 'wasm') return useWasm();
  const state = await (options.provide ?? provideNative)(options);
  const native = state.state === 'ready' ? await useNative(state) : state.reasons.join('; ');
  if (typeof native !== 'string') return native;
  const remedy = state.state === 'ready' ? NATIVE_REMEDY : state.remedy;
  if (wanted === 'native')
    throw new InputError(
      `Cannot use the native backend: ${native}. What helps: ${remedy}; or use the \`backend\` wasm`,
    );
  options.report?.(`Running on WebAssembly, which trains slower: ${native}. What helps: ${remedy}.`);
  return { ...(await useWasm()), reason: native };
}

/** Loads tfjs-node; returns the reason where it does not load. */
async function useNative(state: Extract<NativeState, { state: 'ready' }>): Promise<BackendInfo | string> {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  restoreUtil();
  try {
    require('@tensorflow/tfjs-node');
    await tf.setBackend(NATIVE_OPS);
    await tf.ready();
    registerReluGradient();
    registerBatchNormalisation();
  } catch (error) {
    return `tfjs-node does not load (${reasonOf(error)})`;
  }
  const { binding } = tf.backend() as unknown as { binding: { TF_Version: string } };
  return {
    name: 'native',
    tfjs: tf.version_core,
    tensorflow: binding.TF_Version,
    source: state.source,
    // The library reads this variable, too.
    threads: Number(process.env.TF_NUM_INTRAOP_THREADS) || availableParallelism(),
  };
}

/** Loads the WebAssembly backend; on Node it has SIMD, but no threads of its own. */
async function useWasm(): Promise<BackendInfo> {
  const wasm = require('@tensorflow/tfjs-backend-wasm') as typeof import('@tensorflow/tfjs-backend-wasm');
  if (!tf.findBackend('wasm')) wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  registerWasmKernels();
  registerReluGradient();
  await withoutNewListeners(async () => {
    await tf.setBackend('wasm');
    await tf.ready();
  });
  return { name: 'wasm', tfjs: tf.version_core, threads: availableParallelism() };
}

/** tfjs-node 4.22 calls two helpers that Node 22 warns about and Node 23 removed. */
function restoreUtil(): void {
  Object.assign(util, {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
  });
}

/** Emscripten listens for uncaught errors of the whole process, and so would change how our own are shown. */
async function withoutNewListeners(action: () => Promise<void>): Promise<void> {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => process.listeners(event as 'exit'));
  await action();
  events.forEach((event, i) => {
    for (const listener of process.listeners(event as 'exit'))
      if (!before[i].includes(listener)) process.removeListener(event, listener);
  });
}
