import { initializers, type LayersModel, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { deriveSeed } from '../common/random.js';
import { MEL_DEFAULTS } from '../features/mel.js';
import { SeededDropout } from './dropout.js';
import type { NetworkDefinition, NetworkShape } from './network.js';
import { StatisticsPooling } from './statistics-pooling.js';

/** Sizes of the compact network. */
export interface CompactSizes {
  /** Filters of each convolution, in order. */
  readonly filters: readonly number[];
  /** Share of the statistics that is dropped. */
  readonly dropout: number;
  /** Units of the layer before the output. */
  readonly units: number;
}

const SIZES: CompactSizes = { filters: [12, 24, 36, 48], dropout: 0.3, units: 0 };

/**
 * Convolutions of 3 × 3 over bands and frames, each with batch normalisation, ReLU and, but for the last, pooling by 2; mean
 * and deviation of what they find over time; dense layers. Padding is kept at zero, so that it makes no difference.
 */
function compactNetwork({ bands, classes, seed }: NetworkShape, given: Partial<CompactSizes> = {}): LayersModel {
  const { filters, dropout, units } = { ...SIZES, ...given };
  const clip = layers.input({ name: 'clip', shape: [bands, null] }) as unknown as SymbolicTensor;
  const mask = layers.input({ name: 'mask', shape: [null] }) as unknown as SymbolicTensor;
  let x = layers.reshape({ name: 'picture', targetShape: [bands, -1, 1] }).apply(clip) as SymbolicTensor;
  let heard = layers.reshape({ name: 'heard', targetShape: [1, -1, 1] }).apply(mask) as SymbolicTensor;
  const kernelInitializer = (k: number) => initializers.heUniform({ seed: deriveSeed(seed, `weights ${k}`) });
  let height = bands;
  for (const [i, count] of filters.entries()) {
    const k = i + 1;
    const convolution = { filters: count, kernelSize: 3, padding: 'same', useBias: false } as const;
    x = layers
      .conv2d({ name: `conv_${k}`, ...convolution, kernelInitializer: kernelInitializer(k) })
      .apply(x) as SymbolicTensor;
    x = layers.batchNormalization({ name: `normalise_${k}`, momentum: 0.9 }).apply(x) as SymbolicTensor;
    x = layers.reLU({ name: `relu_${k}` }).apply(x) as SymbolicTensor;
    x = layers.multiply({ name: `masked_${k}` }).apply([x, heard]) as SymbolicTensor;
    if (k === filters.length) break;
    x = layers.maxPooling2d({ name: `pool_${k}`, poolSize: 2, padding: 'same' }).apply(x) as SymbolicTensor;
    height = Math.ceil(height / 2);
    heard = layers
      .maxPooling2d({ name: `heard_${k}`, poolSize: [1, 2], padding: 'same' })
      .apply(heard) as SymbolicTensor;
  }
  x = layers.permute({ name: 'over_time', dims: [2, 1, 3] }).apply(x) as SymbolicTensor;
  x = layers
    .reshape({ name: 'channels', targetShape: [-1, height * filters[filters.length - 1]] })
    .apply(x) as SymbolicTensor;
  heard = layers.reshape({ name: 'frames', targetShape: [-1] }).apply(heard) as SymbolicTensor;
  x = new StatisticsPooling({ name: 'statistics' }).apply([x, heard]) as SymbolicTensor;
  x = new SeededDropout({ name: 'dropout', rate: dropout, seed: deriveSeed(seed, 'dropout') }).apply(
    x,
  ) as SymbolicTensor;
  if (units > 0)
    x = layers
      .dense({ name: 'dense', units, activation: 'relu', kernelInitializer: kernelInitializer(0) })
      .apply(x) as SymbolicTensor;
  const logits = layers.dense({
    name: 'logits',
    units: classes,
    kernelInitializer: initializers.glorotUniform({ seed: deriveSeed(seed, 'logits') }),
  });
  const outputs = layers.softmax({ name: 'softmax' }).apply(logits.apply(x)) as SymbolicTensor;
  return model({ name: 'network', inputs: [clip, mask], outputs });
}

/** A small network that is trained from nothing to recognise voices that it has never heard. */
export const compact: NetworkDefinition = {
  description: 'small convolutions over bands and frames, trained with altered copies of every clip',
  input: 'speech',
  features: {
    name: 'mel',
    options: {
      ...MEL_DEFAULTS,
      ...{ sampleRateHz: 16000, fftSize: 512, hopLength: 160, bands: 80, minHz: 40, maxHz: 8000, topDb: 60 },
    },
  },
  normalise: 'bands',
  augment: ['voice', 'tempo', 'masking'],
  training: {
    ...{ epochs: 30, patience: 30, learningRate: 0.002, schedule: 'one-cycle', weightDecay: 0.01 },
    ...{ labelSmoothing: 0.1, classWeights: 'balanced' },
  },
  fitting: { by: 'gradient', build: compactNetwork },
  answers: 'whole',
};
