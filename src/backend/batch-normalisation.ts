import * as tf from '@tensorflow/tfjs-core';
import { nativeBackend } from './graph.js';

const BATCH_NORMALISATION = 'BatchNormalisationInTraining';

/** Results of TensorFlow's operation; those named are used, the gradient takes the last three. */
const RESULTS = 6;

interface Normalised {
  /** Of the shape of what was given. */
  readonly y: tf.Tensor;
  /** Of the batch, shape `(channels,)`. */
  readonly mean: tf.Tensor1D;
  /** The population's, shape `(channels,)`. */
  readonly variance: tf.Tensor1D;
}

/**
 * Normalises each channel by its mean and deviation in the batch, as batch normalisation does in training: one operation of
 * the native backend, and one for the gradient, where tfjs composes some twenty that each go through the whole batch.
 *
 * @param x - channels last
 */
export function batchNormalised(
  x: tf.Tensor,
  { gamma, beta, epsilon }: { gamma: tf.Tensor; beta: tf.Tensor; epsilon: number },
): Normalised {
  const channels = x.shape[x.shape.length - 1];
  const flat = tf.reshape(x, [x.size / channels, 1, 1, channels]);
  const inputs = { x: flat, gamma, beta };
  const [y, , , mean, variance] = tf.engine().runKernel(BATCH_NORMALISATION, inputs, { epsilon }) as tf.Tensor[];
  return { y: tf.reshape(y, x.shape), mean: mean as tf.Tensor1D, variance: variance as tf.Tensor1D };
}

/** Lets the native backend compute {@link batchNormalised}. Registering twice does nothing. */
export function registerBatchNormalisation(): void {
  if (tf.getKernel(BATCH_NORMALISATION, 'tensorflow')) return;
  tf.registerKernel({
    kernelName: BATCH_NORMALISATION,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs: { x, gamma, beta }, attrs }) => {
      // In training, mean and variance are given as empty.
      const none = tf.tensor1d([]);
      const inputs = [x!, gamma!, beta!, none, none];
      return nativeBackend().executeMultipleOutputs('FusedBatchNormV3', attributes(attrs!), inputs, RESULTS);
    },
  });
  tf.registerGradient({
    kernelName: BATCH_NORMALISATION,
    inputsToSave: ['x', 'gamma'],
    outputsToSave: [false, false, false, true, true, true],
    gradFunc: (dy, saved, attrs) => {
      const [x, gamma, ...reserved] = saved;
      const gradients = nativeBackend().executeMultipleOutputs(
        'FusedBatchNormGradV3',
        attributes(attrs!),
        [(dy as tf.Tensor[])[0], x, gamma, ...reserved],
        5,
      );
      return { x: () => gradients[0], gamma: () => gradients[1], beta: () => gradients[2] };
    },
  });
}

function attributes({ epsilon }: tf.NamedAttrMap) {
  const { TF_ATTR_TYPE, TF_ATTR_FLOAT, TF_ATTR_STRING, TF_ATTR_BOOL, TF_FLOAT } = nativeBackend().binding;
  return [
    { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT },
    { name: 'U', type: TF_ATTR_TYPE, value: TF_FLOAT },
    { name: 'epsilon', type: TF_ATTR_FLOAT, value: epsilon as number },
    { name: 'data_format', type: TF_ATTR_STRING, value: 'NHWC' },
    { name: 'is_training', type: TF_ATTR_BOOL, value: true },
  ];
}
