import type { LayersModel } from '@tensorflow/tfjs-layers';
import { predictProbabilities } from './network-use.js';

/** Clips computed together. TensorFlow adds in another order where fewer are left over than its vectors are wide. */
export const CLIPS_TOGETHER = 16;

/**
 * The network's probabilities for normalised windows, each the same to the last bit whatever the others are and however
 * many: a recording predicted alone gets what it got among all clips of an evaluation.
 *
 * @param inputs - row-major, shape `(clips, bands, frames)`
 * @returns row-major, shape `(clips, classes)`
 */
export function clipProbabilities(
  network: LayersModel,
  inputs: Float32Array,
  shape: { readonly bands: number; readonly frames: number },
): Float32Array {
  const size = shape.bands * shape.frames;
  const classes = network.outputs[0].shape[1]!;
  const clips = inputs.length / size;
  const probabilities = new Float32Array(clips * classes);
  const rows = new Float32Array(CLIPS_TOGETHER * size);
  for (let from = 0; from < clips; from += CLIPS_TOGETHER) {
    const some = inputs.subarray(from * size, (from + CLIPS_TOGETHER) * size);
    rows.set(some);
    rows.fill(0, some.length);
    const all = predictProbabilities(network, rows, shape);
    probabilities.set(all.subarray(0, Math.min(CLIPS_TOGETHER, clips - from) * classes), from * classes);
  }
  return probabilities;
}
