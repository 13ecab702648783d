import * as tf from '@tensorflow/tfjs-core';

/** Where the gradient of a convolution looks: as tfjs passes it to the kernel. */
type FilterGradientAttributes = tf.Conv2DBackpropFilterAttrs;

/**
 * Registers the kernel that tfjs's WebAssembly backend lacks for training: the gradient of a convolution with respect to
 * its filter (Conv1D is a convolution of height 1). Registering twice does nothing.
 */
export function registerWasmKernels(): void {
  if (tf.getKernel(tf.Conv2DBackpropFilter, 'wasm')) return;
  tf.registerKernel({
    kernelName: tf.Conv2DBackpropFilter,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) => {
      const { x, dy } = inputs as unknown as { x: tf.Tensor4D; dy: tf.Tensor4D };
      return filterGradient(x, dy, attrs as unknown as FilterGradientAttributes);
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
function filterGradient(x: tf.Tensor4D, dy: tf.Tensor4D, attributes: FilterGradientAttributes): tf.Tensor {
  const { strides, pad, dataFormat, dimRoundingMode, filterShape } = attributes;
  if (dataFormat !== 'NHWC')
    throw new RangeError(`Cannot compute a filter gradient: dataFormat must be NHWC, current value is ${dataFormat}`);
  const info = tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad, dimRoundingMode);
  const { padInfo, outHeight, outWidth, filterHeight, filterWidth, strideHeight, strideWidth } = info;
  return tf.tidy(() => {
    const padded = tf.pad4d(x, [
      [0, 0],
      [padInfo.top, padInfo.bottom],
      [padInfo.left, padInfo.right],
      [0, 0],
    ]);
    const columns: tf.Tensor2D[] = [];
    for (let i = 0; i < filterHeight; i++) {
      for (let j = 0; j < filterWidth; j++) {
        const end = [
          info.batchSize,
          i + (outHeight - 1) * strideHeight + 1,
          j + (outWidth - 1) * strideWidth + 1,
          info.inChannels,
        ];
        const met = tf.stridedSlice(padded, [0, i, j, 0], end, [1, strideHeight, strideWidth, 1]);
        columns.push(tf.reshape(met, [-1, info.inChannels]) as tf.Tensor2D);
      }
    }
    const matrix = columns.length === 1 ? columns[0] : tf.concat(columns, 1);
    // Transposed beforehand: with matMul's own flag the backend takes a plain loop instead of its fast product.
    const product = tf.matMul(tf.transpose(matrix), tf.reshape(dy, [-1, info.outChannels]) as tf.Tensor2D);
    return tf.reshape(product, filterShape);
  });
}
