import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import type { seededRandom } from '../random.js';

/**
 * Dropout whose masks follow from a seed and the number of the training step.
 *
 * tfjs's own layer draws the same mask at every step once it has a seed, and another one on every machine without. It is
 * saved as a plain `Dropout` layer, so that a saved model loads anywhere.
 */
export class SeededDropout extends layers.Layer {
  /** Number of the training step: set before each one by {@link setDropoutStep}. */
  step = 0;
  /** Where the clips stand in their batch, if they are not all of it: they get the masks that they would get in it. */
  share?: BatchShare;
  /** The mask of the latest call in training. */
  mask?: Float32Array;
  private readonly rate: number;
  private readonly seed: number;

  /** Under this name tfjs saves the layer, and loads its own. */
  static className = 'Dropout';

  constructor({ name, rate, seed }: { name: string; rate: number; seed: number }) {
    super({ name });
    this.rate = rate;
    this.seed = seed;
    this.supportsMasking = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { training = false }: { training?: boolean }): tf.Tensor {
    const input = Array.isArray(inputs) ? inputs[0] : inputs;
    if (!training || this.rate === 0) return input;
    this.mask = this.draw(input.shape[0]!);
    return tf.mul(input, tf.tensor(this.mask, input.shape));
  }

  /** The mask of this step for so many clips. */
  draw(clips: number): Float32Array {
    const { from, of } = this.share ?? { from: 0, of: clips };
    const size = this.shapeFor(1).reduce((a, b) => a * b);
    const mask = dropoutMask(size * of, this.rate, this.seed ^ Math.imul(this.step + 1, 0x9e3779b1));
    return mask.subarray(size * from, size * (from + clips));
  }

  /** Shape of the input, the output and the mask for so many clips. */
  shapeFor(clips: number): number[] {
    return [clips, ...(this.outputShape as number[]).slice(1)];
  }

  override getConfig() {
    return { ...super.getConfig(), rate: this.rate, seed: this.seed };
  }
}

/** The layers of a network that drop something. */
export function dropoutLayers(network: { readonly layers: readonly layers.Layer[] }): SeededDropout[] {
  return network.layers.filter((layer): layer is SeededDropout => layer instanceof SeededDropout);
}

/** A part of a batch: its first clip, and the size of the whole. */
export interface BatchShare {
  readonly from: number;
  readonly of: number;
}

/** Tells every dropout layer of a network which training step comes next, and for which part of the batch; default: all. */
export function setDropoutStep(
  network: { readonly layers: readonly layers.Layer[] },
  step: number,
  share?: BatchShare,
): void {
  for (const layer of dropoutLayers(network)) Object.assign(layer, { step, share });
}

/**
 * Zeros with probability `rate`, else 1 / (1 − rate), which keeps the expected sum. The draws are those of
 * {@link seededRandom}, in place: calling it would take twice the time, and the masks of an epoch are ten million draws.
 */
function dropoutMask(size: number, rate: number, seed: number): Float32Array {
  const kept = 1 / (1 - rate);
  const threshold = rate * 2 ** 32;
  const mask = new Float32Array(size);
  let state = seed | 0;
  for (let i = 0; i < size; i++) {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    mask[i] = (t ^ (t >>> 14)) >>> 0 < threshold ? 0 : kept;
  }
  return mask;
}
