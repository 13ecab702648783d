import * as tf from '@tensorflow/tfjs-layers';
import { deriveSeed } from '../common/random.js';
import { SeededDropout } from './dropout.js';
import type { NetworkShape } from './network.js';

/** Sizes of the Python original's network. */
export interface ConvolutionSizes {
  /** Filters of each convolution, in order. */
  readonly filters: readonly number[];
  /** Positions that a filter spans. */
  readonly kernelSize: number;
  /** Positions that pooling takes the maximum of; each pooling halves the length. */
  readonly poolSize: number;
  /** Share of activations dropped after each pooling but the first. */
  readonly dropout: number;
  /** Units of each dense layer before the output. */
  readonly denseUnits: readonly number[];
  /** Share of activations dropped after each of those. */
  readonly denseDropout: number;
}

/** The sizes that the Python original has: 433,799 parameters for 7 classes. */
export const ORIGINAL_SIZES: ConvolutionSizes = {
  filters: [256, 128, 128, 64],
  kernelSize: 5,
  poolSize: 5,
  dropout: 0.2,
  denseUnits: [64, 32],
  denseDropout: 0.3,
};

/**
 * Four times Conv1D (ReLU), max pooling and dropout; flatten; dense layers with dropout; softmax.
 *
 * @param first - layers before the first convolution
 * @throws RangeError if a size is out of range
 */
export function convolutionNetwork(
  first: tf.layers.Layer[],
  { bands, frames, classes, seed }: NetworkShape,
  given: Partial<ConvolutionSizes>,
): tf.LayersModel {
  const sizes = checkedSizes(given);
  const { filters, kernelSize, poolSize, dropout, denseUnits, denseDropout } = sizes;
  const network = tf.sequential({ name: 'network', layers: first });
  let position = 0;
  const nextSeed = (purpose: string) => deriveSeed(seed, `${purpose} ${position++}`);
  const initializer = () => tf.initializers.glorotUniform({ seed: nextSeed('weights') });
  // Named layers, because tfjs numbers unnamed ones by how many the process has made.
  const drop = (name: string, rate: number) => new SeededDropout({ name, rate, seed: nextSeed('dropout') });

  filters.forEach((count, i) => {
    const inputShape = network.layers.length === 0 ? { inputShape: [bands, frames] } : {};
    network.add(
      tf.layers.conv1d({
        ...inputShape,
        name: `conv_${i + 1}`,
        filters: count,
        kernelSize,
        padding: 'same',
        activation: 'relu',
        kernelInitializer: initializer(),
      }),
    );
    network.add(tf.layers.maxPooling1d({ name: `pool_${i + 1}`, poolSize, strides: 2, padding: 'same' }));
    if (i > 0) network.add(drop(`dropout_${i + 1}`, dropout));
  });
  network.add(tf.layers.flatten({ name: 'flatten' }));
  denseUnits.forEach((units, i) => {
    network.add(
      tf.layers.dense({ name: `dense_${i + 1}`, units, activation: 'relu', kernelInitializer: initializer() }),
    );
    network.add(drop(`dense_dropout_${i + 1}`, denseDropout));
  });
  network.add(tf.layers.dense({ name: 'logits', units: classes, kernelInitializer: initializer() }));
  // Apart from the last dense layer, so that training can take the logits.
  network.add(tf.layers.softmax({ name: 'softmax' }));
  return network;
}

/**
 * The original's sizes with some changed.
 *
 * @throws RangeError if one is out of range, or there is no such size
 */
export function checkedSizes(given: object): ConvolutionSizes {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(ORIGINAL_SIZES, name));
  if (unknown !== undefined)
    throw new RangeError(
      `Cannot build the network: its sizes are ${Object.keys(ORIGINAL_SIZES).join(', ')}, current value is ${unknown}`,
    );
  const sizes: ConvolutionSizes = { ...ORIGINAL_SIZES, ...given };
  const { filters, kernelSize, poolSize, dropout, denseUnits, denseDropout } = sizes;
  const positive = (value: number) => Number.isInteger(value) && value > 0;
  const share = (value: number) => typeof value === 'number' && value >= 0 && value < 1;
  const rules: [ok: boolean, rule: string, value: unknown][] = [
    [
      Array.isArray(filters) && filters.length > 0 && filters.every(positive),
      'filters must be positive integers, at least one',
      filters,
    ],
    [positive(kernelSize), 'kernelSize must be a positive integer', kernelSize],
    [positive(poolSize), 'poolSize must be a positive integer', poolSize],
    [share(dropout), 'dropout must be at least 0 and below 1', dropout],
    [Array.isArray(denseUnits) && denseUnits.every(positive), 'denseUnits must be positive integers', denseUnits],
    [share(denseDropout), 'denseDropout must be at least 0 and below 1', denseDropout],
  ];
  for (const [ok, rule, value] of rules)
    if (!ok) throw new RangeError(`Cannot build the network: ${rule}, current value is ${value}`);
  return sizes;
}
