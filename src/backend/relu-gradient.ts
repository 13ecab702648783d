import * as tf from '@tensorflow/tfjs-core';
import { nativeBackend } from './graph.js';

const RELU_GRADIENT = 'ReluGrad';

/**
 * Makes the gradient of ReLU one operation on the native backend, where tfjs composes it of four, each of which goes through
 * the largest tensors of the network. On WebAssembly it stays composed. Registering twice changes nothing.
 */
export function registerReluGradient(): void {
  if (!tf.getKernel(RELU_GRADIENT, 'wasm')) registerKernels();
  // WebAssembly comes without gradients; tfjs-layers has them, and the encoder does without.
  if (tf.getGradient(tf.Relu)) tf.unregisterGradient(tf.Relu);
  tf.registerGradient({
    kernelName: tf.Relu,
    outputsToSave: [true],
    gradFunc: (dy, [y]) => ({ x: () => tf.engine().runKernel(RELU_GRADIENT, { dy: dy as tf.Tensor, y }) }),
  });
}

/** One for each backend: from the gradient of the output `dy` and the output `y` to the gradient of the input. */
function registerKernels(): void {
  tf.registerKernel({
    kernelName: RELU_GRADIENT,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs: { dy, y } }) => {
      const { TF_ATTR_TYPE, TF_FLOAT } = nativeBackend().binding;
      const type = { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT };
      return nativeBackend().executeSingleOutput(RELU_GRADIENT, [type], [dy!, y!]);
    },
  });
  tf.registerKernel({
    kernelName: RELU_GRADIENT,
    backendName: 'wasm',
    kernelFunc: ({ inputs: { dy, y } }) => tf.mul(dy as tf.Tensor, tf.step(y as tf.Tensor)),
  });
}
