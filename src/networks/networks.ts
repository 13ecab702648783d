import * as tf from '@tensorflow/tfjs-layers';
import { deriveSeed } from '../common/random.js';
import { SeededDropout } from './dropout.js';

/** What every network is built from. */
export interface NetworkShape {
  /** Mel bands of the input. */
  readonly bands: number;
  /** Frames of the input. */
  readonly frames: number;
  /** Number of classes, the size of the output. */
  readonly classes: number;
  /** Governs the first weights and the dropout. */
  readonly seed: number;
}

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

/** Builds a network: `(batch, bands, frames)` to probabilities `(batch, classes)`. */
export type NetworkBuilder = (shape: NetworkShape, sizes?: Partial<ConvolutionSizes>) => tf.LayersModel;

/** All networks by the name that `--network` takes; to add one, add a function. */
export const NETWORKS: Readonly<Record<string, NetworkBuilder>> = { original: originalNetwork, time: timeNetwork };

/**
 * The Python original's network: 1-D convolutions along the mel bands, with the frames as channels.
 *
 * Four times Conv1D (ReLU), max pooling and dropout; flatten; dense layers with dropout; softmax.
 */
export function originalNetwork(shape: NetworkShape, sizes: Partial<ConvolutionSizes> = {}): tf.LayersModel {
  return convolutionNetwork([], shape, { ...ORIGINAL_SIZES, ...sizes });
}

/** The same layers along time, with the mel bands as channels: the input is transposed first. */
export function timeNetwork(shape: NetworkShape, sizes: Partial<ConvolutionSizes> = {}): tf.LayersModel {
  const transposed = tf.layers.permute({ name: 'transpose', dims: [2, 1], inputShape: [shape.bands, shape.frames] });
  return convolutionNetwork([transposed], shape, { ...ORIGINAL_SIZES, ...sizes });
}

function convolutionNetwork(
  first: tf.layers.Layer[],
  { bands, frames, classes, seed }: NetworkShape,
  sizes: ConvolutionSizes,
): tf.LayersModel {
  checkSizes(sizes);
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

function checkSizes({ filters, kernelSize, poolSize, dropout, denseUnits, denseDropout }: ConvolutionSizes): void {
  const positive = (value: number) => Number.isInteger(value) && value > 0;
  const share = (value: number) => value >= 0 && value < 1;
  const rules: [ok: boolean, rule: string, value: unknown][] = [
    [filters.length > 0 && filters.every(positive), 'filters must be positive integers, at least one', filters],
    [positive(kernelSize), 'kernelSize must be a positive integer', kernelSize],
    [positive(poolSize), 'poolSize must be a positive integer', poolSize],
    [share(dropout), 'dropout must be at least 0 and below 1', dropout],
    [denseUnits.every(positive), 'denseUnits must be positive integers', denseUnits],
    [share(denseDropout), 'denseDropout must be at least 0 and below 1', denseDropout],
  ];
  for (const [ok, rule, value] of rules)
    if (!ok) throw new RangeError(`Cannot build the network: ${rule}, current value is ${value}`);
}
