import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { buffersFor, type Examples, firstOf, gathered } from '../dataset/examples.js';

/** Clips given to the network at a time: bounds memory, and larger batches would be no faster. */
const BATCH_SIZE = 128;

/** Clips computed together. TensorFlow adds in another order where fewer are left over than its vectors are wide. */
export const CLIPS_TOGETHER = 16;

/** Values of a clip, 4 minutes of 80 bands at 100 frames a second, from which on it is computed alone: to save memory. */
const LONG_CLIP_VALUES = 2 ** 21;

/**
 * The network's probabilities for clips, as fast as possible.
 *
 * @returns row-major, shape `(clips, classes)`
 */
export function predictProbabilities(network: LayersModel, examples: Examples): Float32Array {
  const buffers = buffersFor(examples.shapes, Math.min(BATCH_SIZE, examples.count));
  return inBatches(network, examples, BATCH_SIZE, (indices) => {
    const inputs = gathered(examples, indices, firstOf(buffers, examples.shapes, indices.length));
    return { inputs, rows: indices.length };
  });
}

/**
 * The network's probabilities for clips, each the same to the last bit whatever the others are and however many: a
 * recording predicted alone gets what it got among all clips of an evaluation.
 *
 * @returns row-major, shape `(clips, classes)`
 */
export function clipProbabilities(network: LayersModel, examples: Examples): Float32Array {
  const long = examples.shapes.some((shape) => shape.reduce((a, b) => a * b) > LONG_CLIP_VALUES);
  const rows = long ? 1 : CLIPS_TOGETHER;
  const inputs = buffersFor(examples.shapes, rows);
  return inBatches(network, examples, rows, (indices) => {
    for (const input of inputs) input.fill(0);
    gathered(examples, indices, inputs);
    return { inputs, rows };
  });
}

/** What the network computes in one call. */
interface Call {
  readonly inputs: readonly Float32Array[];
  readonly rows: number;
}

function inBatches(
  network: LayersModel,
  { count, shapes }: Examples,
  size: number,
  callFor: (indices: readonly number[]) => Call,
): Float32Array {
  const classes = network.outputs[0].shape[1]!;
  const probabilities = new Float32Array(count * classes);
  for (let from = 0; from < count; from += size) {
    const indices = Array.from({ length: Math.min(size, count - from) }, (_, i) => from + i);
    const { inputs, rows } = callFor(indices);
    tf.tidy(() => {
      const tensors = inputs.map((values, k) => tf.tensor(values, [rows, ...shapes[k]]));
      const output = network.apply(tensors) as tf.Tensor2D;
      probabilities.set(output.dataSync<'float32'>().subarray(0, indices.length * classes), from * classes);
    });
  }
  return probabilities;
}
