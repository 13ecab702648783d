import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** Clips given to the network at a time: bounds memory, and is beyond where larger batches are faster. */
const BATCH_SIZE = 128;

/**
 * The network's probabilities for normalised windows.
 *
 * @param inputs - row-major, shape `(clips, bands, frames)`
 * @returns row-major, shape `(clips, classes)`
 */
export function predictProbabilities(
  network: LayersModel,
  inputs: Float32Array,
  { bands, frames }: { readonly bands: number; readonly frames: number },
): Float32Array {
  const size = bands * frames;
  const clips = inputs.length / size;
  const classes = network.outputs[0].shape[1]!;
  const probabilities = new Float32Array(clips * classes);
  for (let from = 0; from < clips; from += BATCH_SIZE) {
    const to = Math.min(clips, from + BATCH_SIZE);
    tf.tidy(() => {
      const batch = tf.tensor3d(inputs.subarray(from * size, to * size), [to - from, bands, frames]);
      const output = network.apply(batch) as tf.Tensor2D;
      probabilities.set(output.dataSync<'float32'>(), from * classes);
    });
  }
  return probabilities;
}
