import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, layers, model, type SymbolicTensor, sequential } from '@tensorflow/tfjs-layers';
import { MEL_DEFAULTS } from '../../src/features/mel.js';
import type { GivenSettings } from '../../src/model/settings.js';
import { SeededDropout } from '../../src/networks/dropout.js';
import { originalNetwork } from '../../src/networks/original.js';
import { StatisticsPooling } from '../../src/networks/statistics-pooling.js';
import { timeNetwork } from '../../src/networks/time.js';

const [BANDS, FRAMES] = [16, 12];
const LABELS = ['anger', 'fear', 'neutral'];
const SIZES = { filters: [6, 4], denseUnits: [5], kernelSize: 5, poolSize: 5 };
const SHAPE = { bands: BANDS, frames: FRAMES, classes: LABELS.length, seed: 1 };

/** A network and all that its files say beside its weights. */
export interface Small {
  readonly network: LayersModel;
  readonly settings: GivenSettings;
}

/** Small networks of every kind that the project has, whose weights follow from a formula: the same on every machine. */
export function smallNetworks(): Record<'original' | 'time' | 'masked' | 'head', Small> {
  const settings: GivenSettings = {
    labels: LABELS,
    features: { name: 'mel', options: { ...MEL_DEFAULTS, bands: BANDS } },
    input: 'picture',
    frames: FRAMES,
    normalisation: 'clip',
    answers: 'windows',
    trainedOn: { corpus: 'emodb', protocol: 'speaker', seed: 42, network: 'original', clips: 332 },
    versions: { project: '0.1.0' },
  };
  const trainedOn = (network: string) => ({ trainedOn: { ...settings.trainedOn, network } });
  const masked = { input: 'clip', normalisation: 'bands', answers: 'whole', ...trainedOn('compact') } as const;
  const head = {
    input: 'vector',
    frames: 1,
    normalisation: 'none',
    answers: 'whole',
    ...trainedOn('functionals'),
  } as const;
  return {
    original: { network: weighted(originalNetwork(SHAPE, SIZES)), settings },
    time: { network: weighted(timeNetwork(SHAPE, SIZES)), settings: { ...settings, ...trainedOn('time') } },
    masked: { network: weighted(maskedNetwork()), settings: { ...settings, ...masked } },
    head: {
      network: weighted(headNetwork()),
      settings: { ...settings, ...head, features: { name: 'functionals', options: {} } },
    },
  };
}

/** All kinds of layers that `compact` has: two inputs, batch normalisation, a mask, statistics over time. */
function maskedNetwork(): LayersModel {
  const clip = layers.input({ name: 'clip', shape: [BANDS, null] }) as unknown as SymbolicTensor;
  const mask = layers.input({ name: 'mask', shape: [null] }) as unknown as SymbolicTensor;
  const apply = (layer: layers.Layer, to: SymbolicTensor | SymbolicTensor[]) => layer.apply(to) as SymbolicTensor;
  let x = apply(layers.permute({ name: 'transpose', dims: [2, 1] }), clip);
  let heard = apply(layers.reshape({ name: 'heard', targetShape: [-1, 1] }), mask);
  x = apply(layers.conv1d({ name: 'conv', filters: 5, kernelSize: 6, strides: 2, padding: 'same', useBias: false }), x);
  x = apply(layers.batchNormalization({ name: 'normalise', momentum: 0.9 }), x);
  x = apply(layers.reLU({ name: 'relu' }), x);
  heard = apply(layers.maxPooling1d({ name: 'heard_half', poolSize: 2, padding: 'same' }), heard);
  x = apply(layers.multiply({ name: 'masked' }), [x, heard]);
  heard = apply(layers.reshape({ name: 'heard_frames', targetShape: [-1] }), heard);
  x = apply(new StatisticsPooling({ name: 'statistics' }), [x, heard]);
  x = apply(new SeededDropout({ name: 'dropout', rate: 0.3, seed: 1 }), x);
  x = apply(layers.dense({ name: 'logits', units: LABELS.length }), x);
  return model({ name: 'network', inputs: [clip, mask], outputs: apply(layers.softmax({ name: 'softmax' }), x) });
}

function headNetwork(): LayersModel {
  const network = sequential({ name: 'network' });
  network.add(layers.dense({ name: 'logits', units: LABELS.length, inputShape: [104] }));
  network.add(layers.softmax({ name: 'softmax' }));
  return network;
}

/** Gives a network weights up to `largest`, which are no more alike than those of a trained one. */
export function weighted(network: LayersModel, largest = 0.4): LayersModel {
  for (const [k, weight] of network.weights.entries()) {
    const size = weight.shape.reduce<number>((product, length) => product * length!, 1);
    const values = Float32Array.from(
      { length: size },
      (_, i) => largest * wave(i, k) + (/gamma|variance/.test(weight.originalName) ? 1 : 0),
    );
    tf.tidy(() => {
      weight.write(tf.tensor(values, weight.shape as number[]));
    });
  }
  return network;
}

/** From -1 to 1, in sixteenths: every machine has the same. */
function wave(i: number, k: number): number {
  return (((i * 7 + k * 5 + ((i * i) % 13)) % 33) - 16) / 16;
}

/**
 * What is asked of a network: inputs of a few clips, each an array for one clip; padding is zero in both of two inputs.
 *
 * @param frames - of each clip, where the network takes any number
 */
export function questionsFor(network: LayersModel, clips = 4, frames = 22): number[][][] | number[][][][] {
  const shapes = network.inputs.map(({ shape }) => shape.slice(1).map((size) => size ?? frames));
  const [first, mask] = shapes;
  const heard = (clip: number) => (mask ? frames - 5 * clip : Number.POSITIVE_INFINITY);
  const row = (clip: number, band: number, length: number) =>
    Array.from({ length }, (_, t) => (t < heard(clip) ? 2 * wave(t * 3 + band * 11, clip) : 0));
  const values = Array.from({ length: clips }, (_, clip) =>
    first.length === 1
      ? row(clip, 0, first[0])
      : Array.from({ length: first[0] }, (_, band) => row(clip, band, first[1])),
  );
  if (!mask) return [values] as number[][][];
  const masks = Array.from({ length: clips }, (_, clip) =>
    Array.from({ length: frames }, (_, t) => (t < heard(clip) ? 1 : 0)),
  );
  return [values, masks] as number[][][];
}

/** A network's answers to such questions. */
export function answersOf(network: LayersModel, questions: readonly unknown[]): number[][] {
  return tf.tidy(() => {
    const tensors = questions.map((values) => tf.tensor(values as tf.TensorLike, undefined, 'float32'));
    return (network.apply(tensors) as tf.Tensor2D).arraySync();
  });
}

/** The largest difference between two tables of numbers; infinite where they differ in size. */
export function largestDifference(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number {
  const [left, right] = [a.flat(), b.flat()];
  if (left.length !== right.length) return Number.POSITIVE_INFINITY;
  return left.reduce((most, value, i) => Math.max(most, Math.abs(value - right[i])), 0);
}
