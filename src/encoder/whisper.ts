import * as tf from '@tensorflow/tfjs-core';
import { InputError } from '../common/errors.js';
import type { StoredTensor } from './safetensors.js';

/** Numbers in each position of the encoder's states. */
export const STATE_SIZE = 512;

const HEADS = 8;
const HEAD_SIZE = STATE_SIZE / HEADS;
const EPSILON = 1e-5;

/** The most positions that Whisper was trained with: 30 s. */
export const MOST_POSITIONS = 1500;

/** What the names of the published model begin with. */
const PREFIX = 'model.encoder.';

/**
 * The first blocks of the encoder of OpenAI's Whisper (base), frozen: from a log-mel spectrogram to states that say what
 * is spoken and how.
 *
 * Two convolutions of 3 (GELU), the second with stride 2; sinusoidal positions; blocks of layer norm, eight heads of
 * attention (keys without bias), residual; layer norm, a layer of 2048 (GELU) and back, residual. No last layer norm.
 *
 * @see A. Radford et al., Robust Speech Recognition via Large-Scale Weak Supervision, 2022
 */
export class WhisperEncoder {
  private readonly weights = new Map<string, tf.Tensor>();
  private readonly blocks: number;

  /**
   * Puts the weights where the backend computes, which must be set.
   *
   * @param stored - the tensors by the names of the published model
   * @throws InputError if one is missing
   */
  constructor(stored: ReadonlyMap<string, StoredTensor>) {
    for (const [name, { shape, values }] of stored) {
      if (!name.startsWith(PREFIX)) continue;
      this.weights.set(
        name.slice(PREFIX.length),
        tf.tidy(() => arranged(tf.tensor(values, [...shape]))),
      );
    }
    this.blocks = new Set([...this.weights.keys()].flatMap((name) => name.match(/^layers\.(\d+)\./)?.[1] ?? [])).size;
  }

  /**
   * Encodes clips of one length.
   *
   * @param mels - shape `(clips, frames, 80)`
   * @returns shape `(clips, ⌈frames / 2⌉, 512)`; to be called inside of `tf.tidy`
   */
  encode(mels: tf.Tensor3D): tf.Tensor3D {
    let x = this.convolution(this.convolution(mels, 'conv1', 1), 'conv2', 2);
    const [clips, positions] = x.shape;
    x = tf.add(x, sinusoids(positions));
    for (let block = 0; block < this.blocks; block++) {
      const name = `layers.${block}`;
      const attended = this.attention(this.normed(x, `${name}.self_attn_layer_norm`), `${name}.self_attn`);
      x = tf.add(x, attended);
      const hidden = gelu(this.dense(this.normed(x, `${name}.final_layer_norm`), `${name}.fc1`));
      x = tf.add(x, this.dense(hidden, `${name}.fc2`));
    }
    return tf.reshape(x, [clips, positions, STATE_SIZE]);
  }

  dispose(): void {
    for (const weight of this.weights.values()) weight.dispose();
    this.weights.clear();
  }

  private weight(name: string): tf.Tensor {
    const weight = this.weights.get(name);
    if (!weight) throw new InputError(`The encoder's weights are incomplete: there is no ${PREFIX}${name}`);
    return weight;
  }

  private convolution(x: tf.Tensor3D, name: string, stride: number): tf.Tensor3D {
    const padded = tf.pad3d(x, [
      [0, 0],
      [1, 1],
      [0, 0],
    ]);
    const kernel = this.weight(`${name}.weight`) as tf.Tensor3D;
    return gelu(tf.add(tf.conv1d(padded, kernel, stride, 'valid'), this.weight(`${name}.bias`)));
  }

  /** A layer of every position, or without a bias only its product. */
  private dense(x: tf.Tensor3D, name: string, bias = true): tf.Tensor3D {
    const [clips, positions, size] = x.shape;
    const product = tf.matMul(tf.reshape(x, [clips * positions, size]), this.weight(`${name}.weight`) as tf.Tensor2D);
    const result = bias ? tf.add(product, this.weight(`${name}.bias`)) : product;
    return tf.reshape(result, [clips, positions, product.size / (clips * positions)]);
  }

  private attention(x: tf.Tensor3D, name: string): tf.Tensor3D {
    const [clips, positions] = x.shape;
    const heads = (projected: tf.Tensor3D, order: number[]) =>
      tf.reshape(
        tf.transpose(tf.reshape(projected, [clips, positions, HEADS, HEAD_SIZE]), order),
        order[3] === 1 ? [clips * HEADS, HEAD_SIZE, positions] : [clips * HEADS, positions, HEAD_SIZE],
      ) as tf.Tensor3D;
    const queries = heads(this.dense(x, `${name}.q_proj`), [0, 2, 1, 3]);
    // Turned beforehand: a product with a transposed matrix is a plain loop on WebAssembly.
    const keys = heads(this.dense(x, `${name}.k_proj`, false), [0, 2, 3, 1]);
    const values = heads(this.dense(x, `${name}.v_proj`), [0, 2, 1, 3]);
    const shares = tf.softmax(tf.mul(tf.matMul(queries, keys), 1 / Math.sqrt(HEAD_SIZE)));
    const mixed = tf.reshape(tf.matMul(shares, values), [clips, HEADS, positions, HEAD_SIZE]);
    const joined = tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [clips, positions, STATE_SIZE]) as tf.Tensor3D;
    return this.dense(joined, `${name}.out_proj`);
  }

  private normed(x: tf.Tensor3D, name: string): tf.Tensor3D {
    const { mean, variance } = tf.moments(x, -1, true);
    const scaled = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, EPSILON)));
    return tf.add(tf.mul(scaled, this.weight(`${name}.weight`)), this.weight(`${name}.bias`));
  }
}

/** Weights as products and convolutions here take them: the last axis is the output. */
function arranged(weight: tf.Tensor): tf.Tensor {
  if (weight.rank === 3) return tf.transpose(weight, [2, 1, 0]);
  return weight.rank === 2 ? tf.transpose(weight) : weight.clone();
}

/** The Gaussian error linear unit by the error function itself, not by its usual approximation. */
function gelu(x: tf.Tensor3D): tf.Tensor3D {
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
}

/** Sines and cosines of a position at wavelengths from 2π to 20,000π, shape `(positions, 512)`. */
function sinusoids(positions: number): tf.Tensor2D {
  const half = STATE_SIZE / 2;
  const values = new Float32Array(positions * STATE_SIZE);
  for (let position = 0; position < positions; position++)
    for (let k = 0; k < half; k++) {
      const angle = position * Math.exp((-Math.log(10000) / (half - 1)) * k);
      values[position * STATE_SIZE + k] = Math.sin(angle);
      values[position * STATE_SIZE + half + k] = Math.cos(angle);
    }
  return tf.tensor2d(values, [positions, STATE_SIZE]);
}
