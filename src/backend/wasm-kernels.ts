import * as tf from '@tensorflow/tfjs-core';
import { type InferenceKernels, inferenceKernels, type TrainingKernels, trainingKernels } from '../kernels/kernels.js';

/** The part of tfjs's WebAssembly backend that our own kernels need. */
interface WasmBackend {
  readonly wasm: { readonly asm: { readonly memory: WebAssembly.Memory } };
  getMemoryOffset(dataId: tf.DataId): number;
  makeOutput(shape: number[], dtype: 'float32'): tf.TensorInfo;
  typedArrayFromHeap(tensor: tf.TensorInfo): Float32Array;
  disposeData(dataId: tf.DataId): void;
}

/** Channels that the kernels take together, of the input and of the output. */
const IN_PANEL = 4;
const OUT_PANEL = 8;

/** What the kernel for products computes at once: smaller matrices are the backend's own work. */
const PRODUCT_TILE = { rows: 4, columns: 8 } as const;

type Shape4D = [number, number, number, number];

/**
 * Makes tfjs's WebAssembly backend train convolutions (Conv1D is a convolution of height 1): registers the gradient with
 * respect to the filter, which it lacks, and faster gradients with respect to the input, where the stride is 1, and of max
 * pooling; and makes attention faster, by an error function and products of several matrices. The backend's package must be
 * loaded, which is left to the caller, so that browsers can do so their way. Registering twice does nothing.
 */
export function registerWasmKernels(): void {
  if (tf.getKernel(tf.Conv2DBackpropFilter, 'wasm')) return;
  tf.registerKernel({
    kernelName: tf.Conv2DBackpropFilter,
    backendName: 'wasm',
    kernelFunc: ({ inputs: { x, dy }, attrs, backend }) =>
      filterGradient(backend as WasmBackend, x!, dy!, attrs as unknown as tf.Conv2DBackpropFilterAttrs),
  });
  const original = tf.getKernel(tf.Conv2DBackpropInput, 'wasm');
  tf.unregisterKernel(tf.Conv2DBackpropInput, 'wasm');
  tf.registerKernel({
    ...original,
    kernelFunc: (call) => {
      const { dy, filter } = call.inputs as { dy: tf.Tensor4D; filter: tf.Tensor4D };
      const attributes = call.attrs as unknown as tf.Conv2DBackpropInputAttrs;
      return [attributes.strides].flat().every((stride) => stride === 1) && attributes.dataFormat === 'NHWC'
        ? inputGradient(call.backend as WasmBackend, { dy, filter, attributes })
        : original.kernelFunc(call);
    },
  });
  tf.unregisterKernel(tf.MaxPoolGrad, 'wasm');
  tf.registerKernel({
    kernelName: tf.MaxPoolGrad,
    backendName: 'wasm',
    kernelFunc: ({ inputs: { dy, input, output }, attrs, backend }) =>
      maxPoolGradient(
        backend as WasmBackend,
        { dy: dy!, input: input!, output: output! },
        attrs as unknown as tf.MaxPoolGradAttrs,
      ),
  });
  registerFastKernels();
}

/** Replaces the backend's error function, and its products of several matrices at once, which are plain loops. */
function registerFastKernels(): void {
  tf.unregisterKernel(tf.Erf, 'wasm');
  tf.registerKernel({
    kernelName: tf.Erf,
    backendName: 'wasm',
    kernelFunc: ({ inputs, backend }) => erf(backend as WasmBackend, inputs.x!),
  });
  const original = tf.getKernel(tf.BatchMatMul, 'wasm');
  tf.unregisterKernel(tf.BatchMatMul, 'wasm');
  tf.registerKernel({
    ...original,
    kernelFunc: (call) => {
      const { a, b } = call.inputs as { a: tf.Tensor; b: tf.Tensor };
      const { transposeA, transposeB } = call.attrs as unknown as tf.BatchMatMulAttrs;
      return canMultiply(a, b) && !transposeA && !transposeB
        ? products(call.backend as WasmBackend, a, b)
        : original.kernelFunc(call);
    },
  });
}

let kernels: { readonly backend: WasmBackend; readonly functions: InferenceKernels & TrainingKernels } | undefined;

/** The kernels at work in the backend's memory. */
function kernelsOf(backend: WasmBackend): InferenceKernels & TrainingKernels {
  if (kernels?.backend !== backend) {
    const { memory } = backend.wasm.asm;
    kernels = { backend, functions: { ...inferenceKernels(memory), ...trainingKernels(memory) } };
  }
  return kernels.functions;
}

/** A new tensor filled with zeros. */
function zeros(backend: WasmBackend, shape: number[]): tf.TensorInfo {
  const tensor = backend.makeOutput(shape, 'float32');
  backend.typedArrayFromHeap(tensor).fill(0);
  return tensor;
}

/**
 * @param x - the layer's input, shape `(batch, inHeight, inWidth, inChannels)`
 * @param dy - gradient of its output, shape `(batch, outHeight, outWidth, outChannels)`
 * @returns gradient of the filter, shape `(filterHeight, filterWidth, inChannels, outChannels)`
 * @throws RangeError for the channels-first layout, which nothing here uses
 */
function filterGradient(
  backend: WasmBackend,
  x: tf.TensorInfo,
  dy: tf.TensorInfo,
  attributes: tf.Conv2DBackpropFilterAttrs,
): tf.TensorInfo {
  const { strides, pad, dataFormat, dimRoundingMode, filterShape } = attributes;
  if (dataFormat !== 'NHWC')
    throw new RangeError(`Cannot compute a filter gradient: dataFormat must be NHWC, current value is ${dataFormat}`);
  const i = tf.backend_util.computeConv2DInfo(x.shape as Shape4D, filterShape, strides, 1, pad, dimRoundingMode);
  const [inPadded, outPadded] = [roundUp(i.inChannels, IN_PANEL), roundUp(i.outChannels, OUT_PANEL)];
  const inPanels = backend.makeOutput([inPadded, (i.outWidth - 1) * i.strideWidth + i.filterWidth], 'float32');
  const outPanels = backend.makeOutput([outPadded, i.outWidth], 'float32');
  const padded = zeros(backend, [i.filterHeight, i.filterWidth, inPadded, outPadded]);
  const at = (tensor: tf.TensorInfo) => backend.getMemoryOffset(tensor.dataId);
  kernelsOf(backend).filterGradient(
    ...[at(x), at(dy), i.batchSize, i.inHeight, i.inWidth, i.inChannels, i.outHeight, i.outWidth, i.outChannels],
    ...[i.filterHeight, i.filterWidth, i.strideHeight, i.strideWidth, i.padInfo.top, i.padInfo.left],
    ...[at(inPanels), at(outPanels), at(padded)],
  );
  for (const { dataId } of [inPanels, outPanels]) backend.disposeData(dataId);
  const result = backend.makeOutput([...filterShape], 'float32');
  const [from, to] = [padded, result].map((tensor) => backend.typedArrayFromHeap(tensor));
  for (let row = 0; row < to.length / i.outChannels; row++) {
    const source = Math.floor(row / i.inChannels) * inPadded + (row % i.inChannels);
    to.set(from.subarray(source * outPadded, source * outPadded + i.outChannels), row * i.outChannels);
  }
  backend.disposeData(padded.dataId);
  return result;
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

/** Gradients of a convolution's input are computed from these. */
interface InputGradient {
  /** Gradient of the layer's output, shape `(batch, outHeight, outWidth, outChannels)`. */
  readonly dy: tf.Tensor4D;
  /** Shape `(filterHeight, filterWidth, inChannels, outChannels)`. */
  readonly filter: tf.Tensor4D;
  readonly attributes: tf.Conv2DBackpropInputAttrs;
}

/**
 * With stride 1 the gradient of the input is itself a convolution: of `dy` with the filter turned round and its channels
 * swapped. The backend's convolution is several times faster than its own kernel for this gradient.
 *
 * @returns gradient of the input, shape `(batch, inHeight, inWidth, inChannels)`
 */
function inputGradient(backend: WasmBackend, { dy, filter, attributes }: InputGradient): tf.TensorInfo {
  const { strides, pad, dimRoundingMode, inputShape } = attributes;
  const info = tf.backend_util.computeConv2DInfo(inputShape, filter.shape, strides, 1, pad, dimRoundingMode);
  const { filterHeight, filterWidth, inChannels, outChannels } = info;
  const { top, bottom, left, right } = info.padInfo;
  const turned = backend.makeOutput([filterHeight, filterWidth, outChannels, inChannels], 'float32');
  const at = (tensor: tf.TensorInfo) => backend.getMemoryOffset(tensor.dataId);
  kernelsOf(backend).turnFilter(at(filter), filterHeight * filterWidth, inChannels, outChannels, at(turned));
  const swapped = tf.engine().makeTensorFromTensorInfo(turned) as tf.Tensor4D;
  const result = tf.conv2d(dy, swapped, 1, [
    [0, 0],
    [filterHeight - 1 - top, filterHeight - 1 - bottom],
    [filterWidth - 1 - left, filterWidth - 1 - right],
    [0, 0],
  ]);
  swapped.dispose();
  return result;
}

function erf(backend: WasmBackend, x: tf.TensorInfo): tf.TensorInfo {
  const result = backend.makeOutput(x.shape, 'float32');
  const [from, to] = [x, result].map(({ dataId }) => backend.getMemoryOffset(dataId));
  kernelsOf(backend).erf(from, tf.util.sizeFromShape(x.shape), to);
  return result;
}

/** Whether these are several pairs of matrices, large enough for {@link products}. */
function canMultiply(a: tf.TensorInfo, b: tf.TensorInfo): boolean {
  return (
    a.shape.length === 3 &&
    a.shape[0] === b.shape[0] &&
    a.shape[0] > 1 &&
    a.shape[1] >= PRODUCT_TILE.rows &&
    b.shape[2] >= PRODUCT_TILE.columns
  );
}

/**
 * @param a - shape `(pairs, rows, inner)`
 * @param b - shape `(pairs, inner, columns)`
 * @returns shape `(pairs, rows, columns)`
 */
function products(backend: WasmBackend, a: tf.TensorInfo, b: tf.TensorInfo): tf.TensorInfo {
  const [pairs, rows, inner] = a.shape;
  const columns = b.shape[2];
  const result = backend.makeOutput([pairs, rows, columns], 'float32');
  const at = ({ dataId }: tf.TensorInfo) => backend.getMemoryOffset(dataId);
  kernelsOf(backend).products(at(a), at(b), pairs, rows, inner, columns, at(result));
  return result;
}

/** The gradient of each output goes to the first of its inputs that has its value, as in TensorFlow. */
function maxPoolGradient(
  backend: WasmBackend,
  { dy, input, output }: Record<'dy' | 'input' | 'output', tf.TensorInfo>,
  { filterSize, strides, pad, dimRoundingMode }: tf.MaxPoolGradAttrs,
): tf.TensorInfo {
  const i = tf.backend_util.computePool2DInfo(input.shape as Shape4D, filterSize, strides, 1, pad, dimRoundingMode);
  const dx = zeros(backend, input.shape);
  const at = (tensor: tf.TensorInfo) => backend.getMemoryOffset(tensor.dataId);
  kernelsOf(backend).maxPoolGradient(
    ...[at(input), at(output), at(dy), i.batchSize, i.inHeight, i.inWidth, i.inChannels, i.outHeight, i.outWidth],
    ...[i.filterHeight, i.filterWidth, i.strideHeight, i.strideWidth, i.padInfo.top, i.padInfo.left, at(dx)],
  );
  return dx;
}
