/** Small models that are written as ONNX, and what they are asked: `npm run interop` asks ONNX Runtime, tests compare. */
import { join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import * as tf from '@tensorflow/tfjs-core';
import { input, type LayersModel, layers, model, type SymbolicTensor, sequential } from '@tensorflow/tfjs-layers';
import { openRecording } from '../../src/audio/decode-file.js';
import { joined } from '../../src/common/joined.js';
import { seededRandom } from '../../src/common/random.js';
import { sha256 } from '../../src/common/sha256.js';
import { ENCODERS, type Encoder } from '../../src/encoder/encoder.js';
import { readEncoderFile } from '../../src/encoder/load.js';
import { STATE_SIZE } from '../../src/encoder/whisper.js';
import type { Exportable } from '../../src/exchange/export-format.js';
import { ModelProtoSchema } from '../../src/exchange/onnx-proto.js';
import { meanOverTime } from '../../src/features/cut.js';
import { extractorFor, FEATURE_DEFAULTS } from '../../src/features/features.js';
import { LOG_MEL } from '../../src/features/log-mel.js';
import { NO_STATISTICS, normalisedInput } from '../../src/features/normalise.js';
import type { Bundle } from '../../src/model/bundle.js';
import type { GivenSettings } from '../../src/model/settings.js';
import { blended } from '../../src/networks/blend.js';
import { NETWORKS } from '../../src/networks/networks.js';
import { UnitNormalization } from '../../src/networks/unit-normalization.js';

const LABELS = ['anger', 'happiness', 'sadness'];

/** Frames of a picture. */
const FRAMES = 87;

/** Clips of EMO-DB that the encoder is asked about. */
export const CLIPS = ['03a01Fa', '08a01Wa', '09b03Ta', '14a07Eb', '16a04Lc'];

/** An input of a graph. */
export interface Given {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** All inputs of a graph by name. */
export type Question = Readonly<Record<string, Given>>;

/** A model, and what it is asked. */
export interface Case {
  readonly make: () => Exportable;
  readonly ask: () => Question[] | Promise<Question[]>;
}

/** A network with the settings that a run would write. */
export function bundleOf(name: string, network: LayersModel, changes: Partial<GivenSettings> = {}): Bundle {
  const { features = FEATURE_DEFAULTS, input, normalise = 'clip', answers, encoder } = NETWORKS[name];
  const settings = {
    ...{ format: 2 as const, labels: LABELS, features, input, frames: FRAMES, normalisation: normalise, answers },
    ...(encoder && { encoder: { name: encoder, sha256: ENCODERS[encoder].sha256 } }),
    trainedOn: { corpus: 'test', protocol: 'speaker', seed: 1, network: name, clips: 3 },
    ...{ versions: { project: '0.2.0' }, weightsSha256: '', ...changes },
  };
  return { network, settings };
}

/** Gives a network weights that no layer begins with, the same on every machine. */
export function withWeights(network: LayersModel): LayersModel {
  const draw = seededRandom(5);
  for (const layer of network.layers)
    tf.tidy(() => {
      const weights = layer.getWeights().map(({ size, shape }, i) => {
        // Variances must be positive, and factors near 1; others are as large as keeps what they give at one size.
        const isNearOne = /variance|gamma/.test(layer.weights[i].originalName);
        const inputs = shape.length > 1 ? size / shape[shape.length - 1] : 24;
        const values = Float32Array.from({ length: size }, () =>
          isNearOne ? 0.5 + draw() : Math.sqrt(6 / inputs) * (2 * draw() - 1),
        );
        return tf.tensor(values, shape);
      });
      layer.setWeights(weights);
    });
  return network;
}

/** Numbers from −1 to 1. */
function random(shape: readonly number[], seed: number): Given {
  const draw = seededRandom(seed);
  return { shape, values: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => 2 * draw() - 1) };
}

/** Clips of so many frames of 80 bands, padded with zeros to the longest, and their masks. */
function masked(frames: readonly number[]): Question {
  const width = Math.max(...frames);
  const mask = Float32Array.from({ length: frames.length * width }, (_, i) =>
    i % width < frames[Math.floor(i / width)] ? 1 : 0,
  );
  const { shape, values } = random([frames.length, 80, width], width);
  const maskOf = (i: number) => mask[Math.floor(i / (80 * width)) * width + (i % width)];
  return {
    clip: { shape, values: values.map((value, i) => value * maskOf(i)) },
    mask: { shape: [frames.length, width], values: mask },
  };
}

const built = (name: string, bands: number): LayersModel => {
  const { fitting } = NETWORKS[name];
  if (fitting.by !== 'gradient') throw new Error(`${name} is not built`);
  return fitting.build({ bands, frames: FRAMES, classes: LABELS.length, seed: 1 });
};

const linear = (size: number): LayersModel => {
  const network = sequential({ name: 'network' });
  network.add(layers.dense({ name: 'logits', units: LABELS.length, inputShape: [size] }));
  network.add(layers.softmax({ name: 'softmax' }));
  return network;
};

const apply = (layer: layers.Layer, ...to: SymbolicTensor[]) =>
  layer.apply(to.length > 1 ? to : to[0]) as SymbolicTensor;

/** A network from pictures, made of layers and settings that the project's own networks do not have. */
function others(layersOn: (picture: SymbolicTensor) => SymbolicTensor): LayersModel {
  const picture = input({ name: 'picture', shape: [128, FRAMES] }) as SymbolicTensor;
  const units = layers.dense({ name: 'answer', units: LABELS.length, activation: 'softmax' });
  return model({ name: 'network', inputs: picture, outputs: apply(units, layersOn(picture)) });
}

const alongBands = () =>
  others((picture) => {
    const conv = { kernelSize: 4, filters: 6, useBias: false };
    const dilated = apply(layers.conv1d({ name: 'dilated', ...conv, padding: 'valid', dilationRate: 2 }), picture);
    const plain = apply(layers.batchNormalization({ name: 'plain', scale: false, center: false }), dilated);
    const rectified = apply(layers.activation({ name: 'rectified', activation: 'relu' }), plain);
    const shared = layers.maxPooling1d({ name: 'shared', poolSize: 3, strides: 1, padding: 'same' });
    const [one, other] = [apply(shared, rectified), apply(shared, dilated)];
    const product = apply(layers.multiply({ name: 'product' }), rectified, one, other);
    const strided = layers.conv1d({ name: 'strided', ...conv, strides: 3, padding: 'same', activation: 'softmax' });
    const pooled = apply(
      layers.maxPooling1d({ name: 'pooled', poolSize: 2, padding: 'valid' }),
      apply(strided, product),
    );
    const turned = apply(layers.reshape({ name: 'turned', targetShape: [30, 4] }), pooled);
    const all = apply(layers.flatten({ name: 'all' }), apply(layers.reLU({ name: 'relu' }), turned));
    const normalised = apply(layers.batchNormalization({ name: 'of_vector' }), all);
    return apply(layers.dense({ name: 'units', units: 5, useBias: false, activation: 'relu' }), normalised);
  });

const inTwoDimensions = () =>
  others((picture) => {
    const image = apply(layers.reshape({ name: 'image', targetShape: [128, FRAMES, 1] }), picture);
    const wide = layers.conv2d({ name: 'wide', filters: 4, kernelSize: [3, 5], padding: 'same', activation: 'swish' });
    const halved = layers.maxPooling2d({ name: 'halved', poolSize: [2, 3], padding: 'same' });
    const strided = layers.conv2d({ name: 'strided', filters: 6, kernelSize: 3, strides: [2, 1], activation: 'tanh' });
    const mean = layers.averagePooling2d({ name: 'mean', poolSize: 3, strides: 2, padding: 'same' });
    const maps = [wide, halved, strided, mean, layers.batchNormalization({ name: 'normalised' })].reduce(
      (x, layer) => apply(layer, x),
      image,
    );
    const turned = apply(layers.permute({ name: 'turned', dims: [3, 1, 2] }), maps);
    const parts = [
      apply(layers.globalAveragePooling2d({ name: 'means', dataFormat: 'channelsLast' }), maps),
      apply(layers.globalMaxPooling2d({ name: 'largest', dataFormat: 'channelsLast' }), turned),
    ];
    return apply(layers.layerNormalization({ name: 'balanced' }), apply(layers.concatenate({ name: 'all' }), ...parts));
  });

const merging = () =>
  others((picture) => {
    const rescaled = apply(layers.rescaling({ name: 'rescaled', scale: 0.5, offset: 0.1 }), picture);
    const units = (name: string, activation: 'elu' | 'selu' | 'sigmoid' | 'softplus' | 'softsign') =>
      apply(layers.dense({ name, units: 8, activation }), rescaled);
    const [elu, selu, sigmoid] = [units('elu', 'elu'), units('selu', 'selu'), units('sigmoid', 'sigmoid')];
    const conv = apply(layers.conv1d({ name: 'conv', filters: 8, kernelSize: 3, padding: 'same' }), rescaled);
    const merged = [
      apply(layers.add({ name: 'sum' }), elu, selu, conv),
      apply(layers.average({ name: 'average' }), elu, sigmoid),
      apply(layers.maximum({ name: 'largest' }), units('softplus', 'softplus'), conv),
      apply(layers.minimum({ name: 'smallest' }), units('softsign', 'softsign'), sigmoid),
    ];
    const all = apply(layers.concatenate({ name: 'all', axis: 1 }), ...merged);
    const leaky = apply(layers.leakyReLU({ name: 'leaky', alpha: 0.2 }), all);
    const unit = apply(new UnitNormalization({ name: 'unit', axis: 1 }), leaky);
    const shares = apply(layers.softmax({ name: 'shares', axis: -1 }), apply(layers.elu({ name: 'bent' }), all));
    const products = apply(layers.dot({ name: 'products', axes: [1, 1] }), unit, shares);
    const likeness = apply(
      layers.dot({ name: 'likeness', axes: 2 }),
      products,
      apply(layers.averagePooling1d({ name: 'pairs', poolSize: 2 }), shares),
    );
    const limited = apply(layers.reLU({ name: 'limited', maxValue: 0.5 }), likeness);
    const parts = [
      apply(layers.globalAveragePooling1d({ name: 'means' }), limited),
      apply(layers.globalMaxPooling1d({ name: 'peaks' }), products),
    ];
    return apply(
      layers.layerNormalization({ name: 'balanced', scale: false, center: false }),
      apply(layers.concatenate({ name: 'both' }), ...parts),
    );
  });

const pictures = [3, 1].map((clips): Question => ({ picture: random([clips, 128, FRAMES], clips) }));
const speech = [[1], [2], [37], [41, 3, 30], [200]].map(masked);
const logMels = [
  [1, 2],
  [1, 37],
  [3, 100],
].map(([clips, frames]): Question => ({ logMel: random([clips, LOG_MEL.bands, frames], frames) }));

/** The log-mel spectrograms of {@link CLIPS}. */
async function clips(): Promise<Question[]> {
  const extract = extractorFor({ name: 'logMel', options: { speed: 1 } });
  return Promise.all(
    CLIPS.map(async (clip) => {
      const recording = await openRecording(join(__dirname, `../../data/emodb/${clip}.flac`));
      const { values, bands, frames } = extract(recording).matrix;
      return { logMel: { shape: [1, bands, frames], values } };
    }),
  );
}

const compact = () => bundleOf('compact', withWeights(built('compact', 80)));
const encoder = () => bundleOf('encoder', withWeights(linear(STATE_SIZE)));
const encoderFile = readEncoderFile;

export const CASES: Readonly<Record<string, Case>> = {
  original: {
    make: () => ({
      members: [bundleOf('original', withWeights(built('original', 128)))],
    }),
    ask: () => pictures,
  },
  time: {
    make: () => ({
      members: [bundleOf('time', withWeights(built('time', 128)))],
    }),
    ask: () => pictures,
  },
  compact: { make: () => ({ members: [compact()] }), ask: () => speech },
  functionals: {
    make: () => ({ members: [bundleOf('functionals', withWeights(linear(20)))] }),
    ask: () => [1, 3].map((clips) => ({ vector: random([clips, 20], clips) })),
  },
  encoder: {
    make: () => ({ members: [encoder()], encoderFile }),
    ask: async () => [...logMels, ...(await clips())],
  },
  'encoder, normalised': {
    make: () => {
      const trainStatistics = { mean: random([STATE_SIZE], 1).values, std: random([STATE_SIZE], 2).values };
      return {
        members: [
          bundleOf('encoder', withWeights(linear(STATE_SIZE)), {
            normalisation: 'train',
            trainStatistics: {
              mean: [...trainStatistics.mean],
              std: [...trainStatistics.std.map((value) => 3 + value)],
            },
          }),
        ],
        encoderFile,
      };
    },
    ask: () => logMels.slice(0, 1),
  },
  both: {
    make: () => ({
      members: [compact(), encoder()],
      ensemble: {
        ...{ format: 2, members: ['compact', 'encoder'], shares: [0.3, 0.7], temperature: 0.8 },
        trainedOn: { corpus: 'test', protocol: 'speaker', seed: 1, network: 'both', clips: 3 },
      },
      encoderFile,
    }),
    ask: () => [
      { ...speech[2], ...logMels[1] },
      { ...speech[3], ...logMels[2] },
    ],
  },
  'other layers': {
    make: () => ({ members: [bundleOf('original', withWeights(alongBands()))] }),
    ask: () => pictures,
  },
  'layers of two dimensions': {
    make: () => ({ members: [bundleOf('original', withWeights(inTwoDimensions()))] }),
    ask: () => pictures,
  },
  'layers that merge': {
    make: () => ({ members: [bundleOf('original', withWeights(merging()))] }),
    ask: () => pictures,
  },
};

/** The SHA-256 of what a file computes: of its graph, without what it says for people. */
export function graphSha256(file: Uint8Array): string {
  const { irVersion, opsetImport, graph } = fromBinary(ModelProtoSchema, file);
  for (const value of [...graph!.input, ...graph!.output]) value.docString = '';
  return sha256(toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion, opsetImport, graph })));
}

/**
 * What TensorFlow.js answers: the networks themselves, and the encoder as `predict` uses it.
 *
 * @returns probabilities, row-major, shape `(clips, labels)`
 */
export function answersOf({ members, ensemble }: Exportable, question: Question, encoder: Encoder): Float32Array {
  const { logMel, ...others } = question;
  const answers = members.map(({ network, settings }) => {
    const given = settings.encoder ? [vectorsOf(logMel, encoder, settings.trainStatistics)] : Object.values(others);
    return tf.tidy(() => {
      const tensors = given.map(({ values, shape }) => tf.tensor(values, [...shape]));
      return (network.apply(tensors) as tf.Tensor).dataSync<'float32'>().slice();
    });
  });
  return ensemble ? blended(answers, ensemble, LABELS.length) : answers[0];
}

/** The means of the encoder's states, normalised with the training set's statistics where there are such. */
function vectorsOf(
  { shape: [clips, bands, frames], values }: Given,
  encoder: Encoder,
  statistics = NO_STATISTICS,
): Given {
  const size = bands * frames;
  const mels = Array.from({ length: clips }, (_, i) => ({
    values: values.subarray(i * size, (i + 1) * size),
    bands,
    frames,
  }));
  const vectors = encoder
    .states(mels)
    .map((states) => normalisedInput(meanOverTime(states), statistics, { frames: 1 }));
  return { shape: [clips, STATE_SIZE], values: joined(vectors) };
}
