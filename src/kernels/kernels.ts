/**
 * The inner loops of feature extraction, of networks and of training, in WebAssembly.
 *
 * In: numbers in an instance's memory, and their addresses. Out: results in the same memory.
 */

import { BINARIES } from './binary.js';

/** The functions of assembly/features.ts; all arguments are numbers, addresses are in bytes. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly filterBlock: (...args: number[]) => void;
  readonly bandPower: (...args: number[]) => void;
}

/** WebAssembly's memory grows by this. */
const PAGE_BYTES = 65536;

/** Vectors are read fastest from multiples of this. */
const ALIGNMENT = 16;

const compiled = new Map<keyof typeof BINARIES, WebAssembly.Module>();

/** A module of kernels, compiled once. */
function moduleOf(name: keyof typeof BINARIES): WebAssembly.Module {
  // `atob` rather than Buffer: it works in browsers, too.
  const bytes = () => Uint8Array.from(atob(BINARIES[name].base64), (character) => character.charCodeAt(0));
  const module = compiled.get(name) ?? new WebAssembly.Module(bytes());
  compiled.set(name, module);
  return module;
}

/** The functions of assembly/inference.ts. */
export interface InferenceKernels {
  readonly erf: (...args: number[]) => void;
  readonly products: (...args: number[]) => void;
}

/** The kernels for forward passes, on a memory that the caller provides: they keep nothing of their own there. */
export function inferenceKernels(memory: WebAssembly.Memory): InferenceKernels {
  return new WebAssembly.Instance(moduleOf('inference'), { env: { memory } }).exports as unknown as InferenceKernels;
}

/** The functions of assembly/training.ts. */
export interface TrainingKernels {
  readonly filterGradient: (...args: number[]) => void;
  readonly turnFilter: (...args: number[]) => void;
  readonly maxPoolGradient: (...args: number[]) => void;
  readonly dropoutMask: (...args: number[]) => void;
}

/** The kernels for training, on a memory that the caller provides: they keep nothing of their own there. */
export function trainingKernels(memory: WebAssembly.Memory): TrainingKernels {
  return new WebAssembly.Instance(moduleOf('training'), { env: { memory } }).exports as unknown as TrainingKernels;
}

/**
 * The inner loops of feature extraction in WebAssembly SIMD, with a memory of their own: whoever makes an instance reserves
 * what it needs there, and all is freed with the instance.
 */
export class Kernels {
  private readonly exports: Exports;
  private end: number;

  constructor() {
    this.exports = new WebAssembly.Instance(moduleOf('features')).exports as unknown as Exports;
    this.end = this.exports.memory.buffer.byteLength;
  }

  get filterBlock(): Exports['filterBlock'] {
    return this.exports.filterBlock;
  }

  get bandPower(): Exports['bandPower'] {
    return this.exports.bandPower;
  }

  /** Reserves memory for good, filled with zeros. @returns its address */
  reserve(bytes: number): number {
    const { memory } = this.exports;
    const address = Math.ceil(this.end / ALIGNMENT) * ALIGNMENT;
    this.end = address + bytes;
    growTo(memory, this.end);
    return address;
  }

  /** Reserves memory for values and puts them there. @returns its address */
  put(values: Float32Array | Float64Array): number {
    const address = this.reserve(values.byteLength);
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    new Uint8Array(this.exports.memory.buffer).set(bytes, address);
    return address;
  }

  /** A view of float32 in memory, valid until more is reserved. */
  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.exports.memory.buffer, address, length);
  }

  /** The same for int32. */
  integers(address: number, length: number): Int32Array {
    return new Int32Array(this.exports.memory.buffer, address, length);
  }
}

/** Grows a memory to at least so many bytes. */
export function growTo(memory: WebAssembly.Memory, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
}

/** Samples that are read piece by piece, where they need not be in memory as a whole. */
export interface Waveform {
  readonly length: number;
  /** Copies what lies from `offset` on into a block, and zeros where there is nothing. */
  copyTo(offset: number, block: Float32Array): void;
}

/** Copies what lies from `offset` on, and zeros where there is nothing. */
export function copyPadded(samples: Float32Array | Waveform, offset: number, block: Float32Array): void {
  if (!(samples instanceof Float32Array)) {
    samples.copyTo(offset, block);
    return;
  }
  const from = Math.max(0, offset);
  const to = Math.max(from, Math.min(samples.length, offset + block.length));
  block.fill(0, 0, from - offset);
  block.set(samples.subarray(from, to), Math.min(from - offset, block.length));
  block.fill(0, to - offset);
}
