import * as tf from '@tensorflow/tfjs-core';
import { BATCH_NORMALISATION } from './batch-normalisation.js';
import { nativeBackend } from './graph.js';

/** Results of TensorFlow's operation: what is normalised, figures of the batch, and three that the gradient takes. */
const RESULTS = 6;

/** Lets the native backend compute `batchNormalised`. Registering twice does nothing. */
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
