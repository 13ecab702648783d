import * as tf from '@tensorflow/tfjs-core';
import { InputError } from '../common/errors.js';
import type { StoredTensor } from './safetensors.js';

/** Numbers in each position of the encoder's states. */
export const STATE_SIZE = 512;

export const HEADS = 8;
export const HEAD_SIZE = STATE_SIZE / HEADS;

/** Of layer norms. */
export const EPSILON = 1e-5;

/** The most positions that Whisper was trained with: 30 s. */
export const MOST_POSITIONS = 1500;

/** What the names of the published model begin with. */
const PREFIX = 'model.encoder.';

/** The network's weights where the backend computes, by name; see {@link foldedWeights}. */
export type WhisperWeights = ReadonlyMap<string, tf.Tensor>;

/**
 * The first blocks of the encoder of OpenAI's Whisper (base), frozen: from a log-mel spectrogram to states that say what
 * is spoken and how.
 *
 * Two convolutions of 3 (GELU), the second with stride 2; sinusoidal positions; blocks of layer norm, eight heads of
 * attention (keys without bias), residual; layer norm, a layer of 2048 (GELU) and back, residual. No last layer norm.
 *
 * @param weights - as {@link foldedWeights} prepares them
 * @param mel - shape `(frames, 80)`
 * @param places - {@link sinusoids}, shape `(⌈frames / 2⌉, 512)`
 * @returns shape `(⌈frames / 2⌉, 512)`; to be called inside of `tf.tidy`
 * @see A. Radford et al., Robust Speech Recognition via Large-Scale Weak Supervision, 2022
 */
export function encode(weights: WhisperWeights, mel: tf.Tensor2D, places: tf.Tensor2D): tf.Tensor2D {
  const layer = (a: tf.Tensor2D, name: string) => {
    const b = weights.get(`${name}.weight`) as tf.Tensor2D;
    return tf.fused.matMul({ a, b, bias: weights.get(`${name}.bias`) }) as tf.Tensor2D;
  };
  const picture = tf.reshape(mel, [1, 1, ...mel.shape]) as tf.Tensor4D;
  const heard = convolution(weights, convolution(weights, picture, { name: 'conv1', stride: 1 }), {
    name: 'conv2',
    stride: 2,
  });
  let x: tf.Tensor2D = tf.add(tf.mul(tf.reshape(heard, places.shape), Math.SQRT1_2), places);
  for (let block = 0; block < blocksOf(weights.keys()); block++) {
    const name = `layers.${block}`;
    x = tf.add<tf.Tensor2D>(x, layer(attention(layer(normed(x), `${name}.heads`)), `${name}.out`));
    x = tf.add<tf.Tensor2D>(x, layer(gelu(layer(normed(x), `${name}.fc1`)), `${name}.fc2`));
  }
  return x;
}

/** Sines and cosines of a position at wavelengths from 2π to 20,000π, shape `(positions, 512)`. */
export function sinusoids(positions: number): Float32Array {
  const half = STATE_SIZE / 2;
  const values = new Float32Array(positions * STATE_SIZE);
  for (let position = 0; position < positions; position++)
    for (let k = 0; k < half; k++) {
      const angle = position * Math.exp((-Math.log(10000) / (half - 1)) * k);
      values[position * STATE_SIZE + k] = Math.sin(angle);
      values[position * STATE_SIZE + half + k] = Math.cos(angle);
    }
  return values;
}

/**
 * Puts the weights of the published model where the backend computes, which must be set, so that a pass has less to do:
 * queries, keys and values are one layer, and the weights of layer norms and constant factors are part of the layers next to them.
 *
 * @param stored - the tensors by the names of the published model
 * @throws InputError if one is missing
 */
export function foldedWeights(stored: ReadonlyMap<string, StoredTensor>): WhisperWeights {
  const weight = (name: string): tf.Tensor => {
    const { values, shape } = storedWeight(stored, name);
    return tf.tensor(values, [...shape]);
  };
  const layer = (name: string, bias = true): Layer => {
    const turned = tf.transpose(weight(`${name}.weight`)) as tf.Tensor2D;
    return { weight: turned, bias: bias ? (weight(`${name}.bias`) as tf.Tensor1D) : tf.zeros([turned.shape[1]]) };
  };
  const convolution = (name: string): Layer<tf.Tensor4D> => ({
    weight: tf.expandDims(tf.transpose(weight(`${name}.weight`), [2, 1, 0]), 0) as tf.Tensor4D,
    bias: weight(`${name}.bias`) as tf.Tensor1D,
  });
  const afterNorm = (name: string, { weight: own, bias }: Layer): Layer => ({
    weight: tf.mul(tf.reshape(weight(`${name}.weight`), [STATE_SIZE, 1]), own),
    bias: tf.add(bias, tf.reshape(tf.matMul(tf.reshape(weight(`${name}.bias`), [1, STATE_SIZE]), own), bias.shape)),
  });
  const layers = tf.tidy(() => {
    const blocks = storedBlocks(stored);
    const named: Record<string, Layer<tf.Tensor>> = {
      conv1: scaled(convolution('conv1'), Math.SQRT1_2),
      conv2: scaled(convolution('conv2'), Math.SQRT1_2, Math.SQRT1_2),
    };
    for (let block = 0; block < blocks; block++) {
      const name = `layers.${block}`;
      const heads = `${name}.self_attn`;
      const parts = [
        scaled(layer(`${heads}.q_proj`), 1 / Math.sqrt(HEAD_SIZE)),
        layer(`${heads}.k_proj`, false),
        layer(`${heads}.v_proj`),
      ].map((part) => afterNorm(`${heads}_layer_norm`, part));
      named[`${name}.heads`] = {
        weight: tf.concat(
          parts.map((part) => part.weight),
          1,
        ),
        bias: tf.concat(parts.map((part) => part.bias)),
      };
      named[`${name}.out`] = layer(`${heads}.out_proj`);
      named[`${name}.fc1`] = scaled(afterNorm(`${name}.final_layer_norm`, layer(`${name}.fc1`)), Math.SQRT1_2);
      named[`${name}.fc2`] = scaled(layer(`${name}.fc2`), 1, Math.SQRT1_2);
    }
    return named as unknown as Record<string, { weight: tf.Tensor; bias: tf.Tensor }>;
  });
  return new Map(
    Object.entries(layers).flatMap(([name, { weight, bias }]): [string, tf.Tensor][] => [
      [`${name}.weight`, weight],
      [`${name}.bias`, bias],
    ]),
  );
}

/**
 * One of the published model's tensors.
 *
 * @param name - without what all of their names begin with
 * @throws InputError if it is missing
 */
export function storedWeight(stored: ReadonlyMap<string, StoredTensor>, name: string): StoredTensor {
  const tensor = stored.get(PREFIX + name);
  if (!tensor) throw new InputError(`The encoder's weights are incomplete: there is no ${PREFIX}${name}`);
  return tensor;
}

/** How many blocks the published model's tensors are of. */
export function storedBlocks(stored: ReadonlyMap<string, StoredTensor>): number {
  return blocksOf([...stored.keys()].map((name) => name.slice(PREFIX.length)));
}

/** The last axis of the weight is the output. */
interface Layer<W extends tf.Tensor = tf.Tensor2D> {
  readonly weight: W;
  readonly bias: tf.Tensor1D;
}

/** A layer whose output is `output` times as large, and whose input `input` times. */
function scaled<W extends tf.Tensor>({ weight, bias }: Layer<W>, output: number, input = 1): Layer<W> {
  return { weight: tf.mul(weight, output * input), bias: tf.mul(bias, output) };
}

function convolution(
  weights: WhisperWeights,
  x: tf.Tensor4D,
  { name, stride }: { name: string; stride: number },
): tf.Tensor4D {
  const filter = weights.get(`${name}.weight`) as tf.Tensor4D;
  const pad: tf.backend_util.ExplicitPadding = [
    [0, 0],
    [0, 0],
    [1, 1],
    [0, 0],
  ];
  return gelu(tf.fused.conv2d({ x, filter, strides: [1, stride], pad, bias: weights.get(`${name}.bias`) }));
}

/**
 * What each position gathers from all others.
 *
 * @param heads - queries, keys and values of the heads, shape `(positions, 3 · 512)`
 * @returns shape `(positions, 512)`
 */
function attention(heads: tf.Tensor2D): tf.Tensor2D {
  const [queries, keys, values] = tf
    .split(heads, 3, 1)
    .map((part) => tf.reshape(part, [-1, HEADS, HEAD_SIZE]) as tf.Tensor3D);
  // Turned beforehand: a product with a transposed matrix is a plain loop on WebAssembly.
  const likeness = tf.matMul(tf.transpose(queries, [1, 0, 2]), tf.transpose(keys, [1, 2, 0]));
  const mixed = tf.matMul(tf.softmax(likeness), tf.transpose(values, [1, 0, 2]));
  return tf.reshape(tf.transpose(mixed, [1, 0, 2]), [-1, STATE_SIZE]);
}

/** Layer norm but for its weights, which the next layer has. */
function normed(x: tf.Tensor2D): tf.Tensor2D {
  const centred = tf.sub(x, tf.mean(x, 1, true));
  return tf.mul(centred, tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), EPSILON)));
}

/**
 * √2 times the Gaussian error linear unit of √2 x, by the error function itself, not by its usual approximation; the layers
 * around it have the factors.
 */
function gelu<T extends tf.Tensor>(x: T): T {
  return tf.mul(x, tf.add(tf.erf(x), 1));
}

function blocksOf(names: Iterable<string>): number {
  return new Set([...names].flatMap((name) => name.match(/^layers\.(\d+)\./)?.[1] ?? [])).size;
}
