import { initializers, type LayersModel, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { deriveSeed } from '../common/random.js';
import { MEL_DEFAULTS } from '../features/mel.js';
import { SeededDropout } from './dropout.js';
import type { NetworkDefinition, NetworkShape } from './network.js';
import { StatisticsPooling } from './statistics-pooling.js';

/** Filters of each convolution, and the frames that they span. */
const FILTERS = [96, 96, 96, 96];
const KERNEL_SIZE = 5;

/** Even, so that taking every second frame begins at the same place whether the number of frames is odd or even. */
const FIRST_KERNEL_SIZE = 6;

/** Share of the statistics that is dropped. */
const DROPOUT = 0.3;

/** Convolutions, from 1, that halve the number of frames: the first takes every second one, the second is pooled. */
const STRIDDEN = 1;
const POOLED = 2;

/**
 * Four convolutions along time with batch normalisation and ReLU; mean and deviation of what they find over time; a layer to
 * the classes: 188,000 parameters. Padding is kept at zero, so that it makes no difference.
 */
function compactNetwork({ bands, classes, seed }: NetworkShape): LayersModel {
  const clip = layers.input({ name: 'clip', shape: [bands, null] }) as unknown as SymbolicTensor;
  const mask = layers.input({ name: 'mask', shape: [null] }) as unknown as SymbolicTensor;
  const apply = (layer: layers.Layer, to: SymbolicTensor | SymbolicTensor[]) => layer.apply(to) as SymbolicTensor;
  const halved = (name: string, x: SymbolicTensor) =>
    apply(layers.maxPooling1d({ name, poolSize: 2, padding: 'same' }), x);
  let x = apply(layers.permute({ name: 'transpose', dims: [2, 1] }), clip);
  let heard = apply(layers.reshape({ name: 'heard', targetShape: [-1, 1] }), mask);
  for (const [i, filters] of FILTERS.entries()) {
    const k = i + 1;
    const convolution = layers.conv1d({
      ...{ name: `conv_${k}`, filters, padding: 'same', useBias: false },
      kernelSize: k === STRIDDEN ? FIRST_KERNEL_SIZE : KERNEL_SIZE,
      strides: k === STRIDDEN ? 2 : 1,
      kernelInitializer: initializers.heUniform({ seed: deriveSeed(seed, `weights ${k}`) }),
    });
    x = apply(convolution, x);
    x = apply(layers.batchNormalization({ name: `normalise_${k}`, momentum: 0.9 }), x);
    x = apply(layers.reLU({ name: `relu_${k}` }), x);
    if (k === STRIDDEN) heard = halved('heard_half', heard);
    x = apply(layers.multiply({ name: `masked_${k}` }), [x, heard]);
    if (k !== POOLED) continue;
    x = halved('pool', x);
    heard = halved('heard_quarter', heard);
  }
  heard = apply(layers.reshape({ name: 'heard_frames', targetShape: [-1] }), heard);
  x = apply(new StatisticsPooling({ name: 'statistics' }), [x, heard]);
  x = apply(new SeededDropout({ name: 'dropout', rate: DROPOUT, seed: deriveSeed(seed, 'dropout') }), x);
  const kernelInitializer = initializers.glorotUniform({ seed: deriveSeed(seed, 'logits') });
  x = apply(layers.dense({ name: 'logits', units: classes, kernelInitializer }), x);
  return model({
    name: 'network',
    inputs: [clip, mask],
    outputs: apply(layers.softmax({ name: 'softmax' }), x),
  });
}

/** A small network that is trained from nothing to recognise voices that it has never heard. */
export const compact: NetworkDefinition = {
  description: 'small convolutions along time, trained on altered copies of every clip',
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
    ...{ epochs: 80, patience: 80, learningRate: 0.002, schedule: 'one-cycle', weightDecay: 0.01 },
    ...{ labelSmoothing: 0.1, classWeights: 'balanced' },
  },
  fitting: { by: 'gradient', build: compactNetwork },
  answers: 'whole',
};
