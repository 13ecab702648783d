import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { RANDOM_STRIDE, type seededRandom } from '../common/random.js';
import { growTo, trainingKernels } from '../kernels/kernels.js';

/**
 * Dropout whose masks follow from a seed and the number of the training step.
 *
 * tfjs's own layer draws the same mask at every step if it has a seed, and another one in every run if it has none. This one
 * is saved as a plain `Dropout` layer, so that a saved model loads anywhere.
 */
export class SeededDropout extends layers.Layer {
  /** Number of the training step: set before each one by {@link setDropoutStep}. */
  step = 0;
  /** Clips of the batch before those given: a part of a batch gets the masks that it would get in the whole. */
  firstClip = 0;
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
    const size = this.shapeFor(1).reduce((a, b) => a * b);
    const seed = this.seed ^ Math.imul(this.step + 1, 0x9e3779b1);
    return dropoutMask(size * clips, { rate: this.rate, seed, first: size * this.firstClip });
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

/** Tells every dropout layer of a network which training step comes next, and with which clip of its batch it begins. */
export function setDropoutStep(
  network: { readonly layers: readonly layers.Layer[] },
  step: number,
  firstClip = 0,
): void {
  for (const layer of dropoutLayers(network)) Object.assign(layer, { step, firstClip });
}

/** Where masks are drawn. */
const memory = new WebAssembly.Memory({ initial: 1 });
const kernels = trainingKernels(memory);

/**
 * Zeros with probability `rate`, else 1 / (1 − rate), which keeps the expected sum. The draws are those of
 * {@link seededRandom} after the `first` ones, in a sixth of the time: an epoch's masks are ten million draws.
 */
function dropoutMask(size: number, { rate, seed, first }: { rate: number; seed: number; first: number }): Float32Array {
  // The kernel writes four values at a time, the last ones too.
  growTo(memory, 4 * size + 16);
  const state = seed + Math.imul(first, RANDOM_STRIDE);
  kernels.dropoutMask(state, Math.ceil(rate * 2 ** 32), 1 / (1 - rate), size, 0);
  return new Float32Array(memory.buffer, 0, size).slice();
}
