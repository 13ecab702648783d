import * as tf from '@tensorflow/tfjs-core';

/**
 * Makes tfjs's WebAssembly backend train convolutions (Conv1D is a convolution of height 1): registers the gradient with
 * respect to the filter, which it lacks, and gives it a faster gradient with respect to the input where the stride is 1.
 * Registering twice does nothing.
 */
export function registerWasmKernels(): void {
  if (tf.getKernel(tf.Conv2DBackpropFilter, 'wasm')) return;
  // Loaded here, not above, so that a start on the native library does without it.
  require('@tensorflow/tfjs-backend-wasm');
  tf.registerKernel({
    kernelName: tf.Conv2DBackpropFilter,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) => {
      const { x, dy } = inputs as unknown as { x: tf.Tensor4D; dy: tf.Tensor4D };
      return filterGradient(x, dy, attrs as unknown as tf.Conv2DBackpropFilterAttrs);
    },
  });
  const original = tf.getKernel(tf.Conv2DBackpropInput, 'wasm');
  tf.unregisterKernel(tf.Conv2DBackpropInput, 'wasm');
  tf.registerKernel({
    ...original,
    kernelFunc: (call) => {
      const { dy, filter } = call.inputs as unknown as { dy: tf.Tensor4D; filter: tf.Tensor4D };
      const attributes = call.attrs as unknown as tf.Conv2DBackpropInputAttrs;
      return [attributes.strides].flat().every((stride) => stride === 1) && attributes.dataFormat === 'NHWC'
        ? inputGradient(dy, filter, attributes)
        : original.kernelFunc(call);
    },
  });
}

/**
 * For each place (i, j) in the filter, the part of `x` that met it, shape `(batch · outHeight · outWidth, inChannels)`;
 * side by side they are im2col's matrix, and its product with `dy` is the gradient.
 *
 * @param x - the layer's input, shape `(batch, inHeight, inWidth, inChannels)`
 * @param dy - gradient of its output, shape `(batch, outHeight, outWidth, outChannels)`
 * @returns gradient of the filter, shape `(filterHeight, filterWidth, inChannels, outChannels)`
 * @throws RangeError for the channels-first layout, which nothing here uses
 */
function filterGradient(x: tf.Tensor4D, dy: tf.Tensor4D, attributes: tf.Conv2DBackpropFilterAttrs): tf.Tensor {
  const { strides, pad, dataFormat, dimRoundingMode, filterShape } = attributes;
  if (dataFormat !== 'NHWC')
    throw new RangeError(`Cannot compute a filter gradient: dataFormat must be NHWC, current value is ${dataFormat}`);
  const info = tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad, dimRoundingMode);
  const { padInfo, batchSize, outHeight, outWidth, inChannels, strideHeight, strideWidth } = info;
  return tf.tidy(() => {
    const padded = tf.pad4d(x, [
      [0, 0],
      [padInfo.top, padInfo.bottom],
      [padInfo.left, padInfo.right],
      [0, 0],
    ]);
    const columns: tf.Tensor2D[] = [];
    for (let i = 0; i < info.filterHeight; i++) {
      for (let j = 0; j < info.filterWidth; j++) {
        const end = [
          batchSize,
          i + (outHeight - 1) * strideHeight + 1,
          j + (outWidth - 1) * strideWidth + 1,
          inChannels,
        ];
        const met = tf.stridedSlice(padded, [0, i, j, 0], end, [1, strideHeight, strideWidth, 1]);
        columns.push(tf.reshape(met, [-1, inChannels]));
      }
    }
    const matrix = columns.length === 1 ? columns[0] : tf.concat(columns, 1);
    // Transposed beforehand: with matMul's own flag the backend takes a plain loop instead of its fast product.
    const product = tf.matMul(tf.transpose(matrix), tf.reshape(dy, [-1, info.outChannels]));
    return tf.reshape(product, filterShape);
  });
}

/**
 * With stride 1 the gradient of the input is itself a convolution: of `dy` with the filter turned round and its channels
 * swapped. The backend's convolution is several times faster than its own kernel for this gradient.
 *
 * @param dy - gradient of the layer's output, shape `(batch, outHeight, outWidth, outChannels)`
 * @param filter - shape `(filterHeight, filterWidth, inChannels, outChannels)`
 * @returns gradient of the input, shape `(batch, inHeight, inWidth, inChannels)`
 */
function inputGradient(dy: tf.Tensor4D, filter: tf.Tensor4D, attributes: tf.Conv2DBackpropInputAttrs): tf.Tensor {
  const { strides, pad, dimRoundingMode, inputShape } = attributes;
  const info = tf.backend_util.computeConv2DInfo(inputShape, filter.shape, strides, 1, pad, dimRoundingMode);
  const { top, bottom, left, right } = info.padInfo;
  const [down, across] = [info.filterHeight - 1, info.filterWidth - 1];
  return tf.tidy(() => {
    const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
    return tf.conv2d(dy, turned as tf.Tensor4D, 1, [
      [0, 0],
      [down - top, down - bottom],
      [across - left, across - right],
      [0, 0],
    ]);
  });
}
