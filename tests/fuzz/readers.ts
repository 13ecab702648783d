/** All readers of files that a user, or somebody whose model or list is used, could bring. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import * as tf from '@tensorflow/tfjs-core';
import { unzipSync, zipSync } from 'fflate';
import { decodeBytes } from '../../src/audio/decode.js';
import { useBackend } from '../../src/backend/backend.js';
import { InputError } from '../../src/common/errors.js';
import { sha256 } from '../../src/common/sha256.js';
import { readManifest } from '../../src/corpora/manifest.js';
import { readSafetensors } from '../../src/encoder/safetensors.js';
import { KERAS_FILES } from '../../src/exchange/keras.js';
import { importedModel } from '../../src/exchange/keras-import.js';
import { readKeras } from '../../src/exchange/keras-reading.js';
import { onnx } from '../../src/exchange/onnx.js';
import { onnxPreparation } from '../../src/exchange/onnx-preparation.js';
import { ModelProtoSchema } from '../../src/exchange/onnx-proto.js';
import { readPlan } from '../../src/experiment/plan.js';
import { cacheKey, FeatureCache } from '../../src/features/extraction/cache.js';
import { FEATURE_DEFAULTS } from '../../src/features/features.js';
import { MEL_DEFAULTS } from '../../src/features/mel.js';
import { bundleOf, weightsFile } from '../../src/model/bundle.js';
import { saveBundle } from '../../src/model/bundle-files.js';
import { loadModel } from '../../src/model/load.js';
import { originalNetwork } from '../../src/networks/original.js';
import { RUN_DEFAULTS, readConfig, readFoldsConfig } from '../../src/run/config.js';
import { readRun } from '../../src/run/finished.js';
import { run } from '../../src/run/run.js';
import { readState, writeState } from '../../src/run/state.js';
import { wav } from '../audio/wav.js';
import { BACKEND, EMODB, smallCorpus } from '../cli/ser.js';
import { smallNetworks } from '../exchange/networks.js';
import type { Reader } from './fuzz.js';
import { damaged, type Mutation, restructured, scribbled } from './mutations.js';

const GOLDEN = join(__dirname, '../golden');

const SINE = Array.from({ length: 2402 }, (_, i) => 0.8 * Math.sin(i / 9));

/** Files of each format that is decoded. */
const RECORDINGS: Readonly<Record<string, () => Uint8Array[]>> = {
  wav: () => [
    wav(SINE),
    wav(SINE, { bits: 24, channels: 2, extensible: true }),
    wav(SINE, { codec: 'float', bits: 32 }),
    wav(SINE, { codec: 'alaw', bits: 8 }),
    wav(SINE, { container: 'RF64', before: [['LIST', Buffer.from('INFOINAM')]] }),
  ],
  flac: () => [readFileSync(join(EMODB, readdirSync(EMODB).sort()[0]))],
  mp3: () => [readFileSync(join(GOLDEN, 'audio.mp3'))],
  vorbis: () => [readFileSync(join(GOLDEN, 'audio.ogg'))],
  opus: () => [readFileSync(join(GOLDEN, 'audio.opus'))],
  other: () => readdirSync(join(GOLDEN, 'formats')).map((name) => readFileSync(join(GOLDEN, 'formats', name))),
};

/** Makes each reader in a folder that it may use; by name. */
export const READERS: Readonly<Record<string, (folder: string) => Reader | Promise<Reader>>> = {
  ...Object.fromEntries(
    Object.entries(RECORDINGS).map(([format, examples]) => [
      `${format} recording`,
      () => ({ examples: examples(), mutate: damaged, read: checkedRecording }),
    ]),
  ),
  manifest: (folder) => {
    const names = smallCorpus(folder);
    const rows = names.map((name, i) => `${name},${['anger', 'Happy', 'W'][i % 3]},${name.slice(0, 2)},"a, b",f`);
    return inFile(join(folder, 'list.csv'), {
      example: Buffer.from(['path,emotion,speaker,text,sex', ...rows, ''].join('\n')),
      mutate: scribbled,
      read: readManifest,
    });
  },
  safetensors: () => ({
    examples: [safetensors()],
    mutate: damaged,
    read: (file) => readSafetensors(file, 'x'),
  }),
  'safetensors with another header': () => ({
    examples: [safetensors()],
    mutate: inHeader(restructured),
    read: (file) => readSafetensors(file, 'x'),
  }),
  model,
  'model with other weights': weights,
  ensemble,
  'network of Keras': () => kerasNetwork({ examples: kerasFiles('original.keras', 'original.h5'), mutate: damaged }),
  'network of Keras with another description': () =>
    kerasNetwork({
      examples: kerasFiles('original.keras', 'branches.keras', 'pictures.keras'),
      mutate: (example, random) => {
        const files: Record<string, Uint8Array> = unzipSync(example);
        files[KERAS_FILES.config] = restructured(files[KERAS_FILES.config], random);
        return zipSync(files);
      },
    }),
  'network of Keras with other weights': () =>
    kerasNetwork({
      examples: kerasFiles('original.keras', 'branches.keras'),
      mutate: (example, random) => {
        const files: Record<string, Uint8Array> = unzipSync(example);
        files[KERAS_FILES.weights] = damaged(files[KERAS_FILES.weights], random);
        return zipSync(files);
      },
    }),
  'ONNX file': () => onnxFile(damaged),
  'ONNX file with other settings': () =>
    onnxFile((example, random) => {
      const file = fromBinary(ModelProtoSchema, example);
      const [metadata] = file.metadataProps;
      metadata.value = Buffer.from(restructured(Buffer.from(metadata.value), random)).toString();
      return toBinary(ModelProtoSchema, file);
    }),
  'training state': (folder) => state(folder, damaged),
  'training state with a right checksum': (folder) =>
    state(folder, (example, random) => {
      const content = example.subarray(0, -4);
      const end = content.indexOf(10);
      const header = random() < 0.7 ? restructured(content.subarray(0, end), random) : content.subarray(0, end);
      const body = random() < 0.5 ? damaged(content.subarray(end), random) : content.subarray(end);
      const forged = Buffer.concat([header, body, Buffer.alloc(4)]);
      forged.writeUInt32LE(crc32(forged.subarray(0, -4)), forged.length - 4);
      return forged;
    }),
  'feature cache': (folder) => cache(folder, damaged),
  'feature cache with a right checksum': (folder) =>
    cache(folder, (example, random) => {
      // One entry; its key and length; checksum, number of entries and two more words.
      const entry = Buffer.from(damaged(example.subarray(0, -36), random));
      if (entry.length > 8) entry.writeDoubleLE(crc32(entry.subarray(8)), 0);
      const index = Buffer.from(example.subarray(-36, -16));
      index.writeUInt32LE(entry.length, 16);
      const forged = random() < 0.3 ? damaged(index, random) : index;
      const trailer = Buffer.from(random() < 0.3 ? damaged(example.subarray(-16), random) : example.subarray(-16));
      if (trailer.length > 4) trailer.writeUInt32LE(crc32(forged), 0);
      return Buffer.concat([entry, forged, trailer]);
    }),
  ...Object.fromEntries(
    ['config.json', 'metrics.json', 'clips.csv', 'history.csv', 'predictions.csv'].map((name) => [
      `${name} of a run`,
      (folder: string) => fileOfRun(folder, name),
    ]),
  ),
  'folds.json': (folder) =>
    inFile(join(folder, 'folds.json'), {
      example: Buffer.from(JSON.stringify({ ...RUN_DEFAULTS, groups: 5 })),
      mutate: restructured,
      read: readFoldsConfig,
    }),
  'plan of an experiment': (folder) =>
    inFile(join(folder, 'plan.json'), {
      example: readFileSync(join(__dirname, '../../experiments', plans()[0])),
      mutate: restructured,
      read: readPlan,
    }),
};

function plans(): string[] {
  return readdirSync(join(__dirname, '../../experiments')).filter((name) => name.endsWith('.json'));
}

/** A reader of a file with this path. */
function inFile(
  path: string,
  { example, mutate, read }: { example: Uint8Array; mutate: Mutation; read: (path: string) => unknown },
): Reader {
  return {
    examples: [example],
    mutate,
    read: (file) => {
      writeFileSync(path, file);
      return read(path);
    },
  };
}

async function checkedRecording(file: Uint8Array): Promise<void> {
  const { samples, sampleRateHz, durationSeconds } = await decodeBytes(file, 'x');
  assert.ok(samples.length > 0 && samples.every(Number.isFinite));
  assert.ok(sampleRateHz > 0 && durationSeconds === samples.length / sampleRateHz);
}

/** What an exported graph is to be given, for a recording. */
async function onnxFile(mutate: Mutation): Promise<Reader> {
  await useBackend(BACKEND);
  const { masked, original } = smallNetworks();
  const files = [masked, original].map(async ({ network, settings }) => {
    const bundle = { network, settings: { ...settings, format: 2 as const, weightsSha256: '' } };
    const [{ bytes }] = await onnx.write({ members: [bundle] });
    return bytes;
  });
  const sound = { samples: Float32Array.from(SINE), sampleRateHz: 16_000 };
  return { examples: await Promise.all(files), mutate, read: (file) => onnxPreparation(file).prepare(sound) };
}

function safetensors(): Uint8Array {
  const header = JSON.stringify({
    __metadata__: { format: 'pt' },
    first: { dtype: 'F16', shape: [3, 4], data_offsets: [0, 24] },
    second: { dtype: 'F32', shape: [5], data_offsets: [24, 44] },
  });
  return Buffer.concat([lengthOf(header), Buffer.from(header), Buffer.alloc(44, 7)]);
}

function lengthOf(header: string | Uint8Array): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return length;
}

/** Changes the header of a safetensors file alone. */
function inHeader(mutate: Mutation): Mutation {
  return (example, random) => {
    const end = 8 + Number(Buffer.from(example).readBigUInt64LE());
    const header = mutate(example.subarray(8, end), random);
    return Buffer.concat([lengthOf(header), header, example.subarray(end)]);
  };
}

/** The smallest network that there is, in a folder. */
async function saveSmallModel(folder: string, seed = 1): Promise<void> {
  await useBackend(BACKEND);
  const network = originalNetwork({ bands: 16, frames: 8, classes: 3, seed }, { filters: [4], denseUnits: [4] });
  await saveBundle(folder, network, {
    labels: ['anger', 'fear', 'neutral'],
    features: { name: 'mel', options: { ...MEL_DEFAULTS, bands: 16 } },
    input: 'picture',
    frames: 8,
    answers: 'windows',
    normalisation: 'train',
    trainStatistics: { mean: new Array(16).fill(-30), std: new Array(16).fill(12) },
    trainedOn: { corpus: 'test', protocol: 'speaker', seed: 1, network: 'original', clips: 10 },
    versions: { project: '0.1.0' },
  });
  network.dispose();
}

/** Loads a model and asks it, as `ser predict` does. */
async function answerOf(folder: string): Promise<void> {
  const before = tf.memory().numTensors;
  const refusal = await asked(folder).then(
    () => undefined,
    (error) => error,
  );
  if (refusal && !(refusal instanceof InputError)) throw refusal;
  const left = tf.memory().numTensors - before;
  assert.equal(left, 0, `${left} tensors are left behind`);
  if (refusal) throw refusal;
}

async function asked(folder: string): Promise<void> {
  const loaded = await loadModel(folder, { backend: BACKEND });
  try {
    const { probabilities } = await loaded.predict({ samples: Float32Array.from(SINE), sampleRateHz: 16000 });
    const sum = Object.values(probabilities).reduce((a, b) => a + b, 0);
    assert.ok(Math.abs(sum - 1) < 1e-3, `probabilities add up to ${sum}`);
  } finally {
    loaded.dispose();
  }
}

/** What a model says of itself, without the checksum of that, behind which nothing would be reached. */
function jsonOf(folder: string): { weightsManifest: { paths: string[] }[]; userDefinedMetadata: { format: number } } {
  const json = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'));
  const { checksum, ...userDefinedMetadata } = json.userDefinedMetadata;
  return { ...json, userDefinedMetadata };
}

async function model(folder: string): Promise<Reader> {
  await saveSmallModel(folder);
  return inFile(join(folder, 'model.json'), {
    example: Buffer.from(JSON.stringify(jsonOf(folder))),
    mutate: restructured,
    read: () => answerOf(folder),
  });
}

/** Weights that somebody has changed, and made the checksum fit. */
async function weights(folder: string): Promise<Reader> {
  await saveSmallModel(folder);
  const json = jsonOf(folder);
  const [{ paths, ...manifest }] = json.weightsManifest;
  return {
    examples: [readFileSync(join(folder, paths[0]))],
    mutate: damaged,
    read: async (bytes) => {
      const weightsSha256 = createHash('sha256').update(bytes).digest('hex');
      const file = weightsFile(weightsSha256);
      const weightsManifest = [{ ...manifest, paths: [file] }];
      const userDefinedMetadata = { ...json.userDefinedMetadata, weightsSha256 };
      writeFileSync(join(folder, file), bytes);
      writeFileSync(join(folder, 'model.json'), JSON.stringify({ ...json, weightsManifest, userDefinedMetadata }));
      await answerOf(folder).finally(() => rmSync(join(folder, file)));
    },
  };
}

async function ensemble(folder: string): Promise<Reader> {
  for (const [i, member] of ['one', 'two'].entries()) await saveSmallModel(join(folder, member), i);
  const settings = {
    format: jsonOf(join(folder, 'one')).userDefinedMetadata.format,
    members: ['one', 'two'],
    shares: [0.4, 0.6],
    temperature: 1.2,
    trainedOn: { corpus: 'test', protocol: 'speaker', seed: 1, network: 'both', clips: 10 },
  };
  return inFile(join(folder, 'model.json'), {
    example: Buffer.from(JSON.stringify(settings)),
    mutate: restructured,
    read: () => answerOf(folder),
  });
}

function kerasFiles(...names: string[]): Uint8Array[] {
  return ['keras3', 'tf215'].flatMap((side) => names.map((name) => readFileSync(join(GOLDEN, 'keras', side, name))));
}

/** Imports networks as `ser import` does. */
async function kerasNetwork(reader: Omit<Reader, 'read'>): Promise<Reader> {
  await useBackend(BACKEND);
  const settings = {
    labels: ['anger', 'fear', 'neutral'],
    features: { name: 'mel' as const, options: { ...MEL_DEFAULTS, bands: 16 } },
  };
  return {
    ...reader,
    read: async (bytes) => {
      const { numTensors } = tf.memory();
      try {
        const stored = await importedModel(readKeras(bytes, 'x'), settings, 'x');
        (await bundleOf(stored, 'x')).network.dispose();
      } finally {
        assert.equal(tf.memory().numTensors, numTensors);
      }
    },
  };
}

function state(folder: string, mutate: Mutation): Reader {
  const path = join(folder, 'state.bin');
  const vector = Float32Array.from({ length: 9 }, (_, i) => i / 3);
  writeState(path, {
    history: [{ epoch: 1, loss: 2, accuracy: 0.1, valLoss: 1.9, valAccuracy: 0.2, seconds: 1.5 }],
    weights: vector,
    bestWeights: vector,
    adam: { step: 7, mean: vector, variance: vector },
  });
  return inFile(path, { example: readFileSync(path), mutate, read: readState });
}

/** A damaged entry is one that is not there: the cache never refuses. */
function cache(folder: string, mutate: Mutation): Reader {
  const setting = { features: FEATURE_DEFAULTS };
  const key = cacheKey(sha256('a recording'), setting);
  const matrix = { values: Float32Array.from({ length: 6 }, (_, i) => -i / 3), bands: 2, frames: 3 };
  const features = { matrix, statistics: { mean: [-0.1], std: [1 / 3] }, sampleRateHz: 24414, durationSeconds: 1.7 };
  const cache = new FeatureCache(folder, setting);
  cache.write(new Map([[key, features]]));
  cache.flush();
  const [name] = readdirSync(folder);
  const path = join(folder, name, readdirSync(join(folder, name)).find((each) => each.endsWith('.features'))!);
  return inFile(path, {
    example: readFileSync(path),
    mutate,
    read: () => {
      const cache = new FeatureCache(folder, setting);
      const entry = cache.find(key);
      const found = entry === undefined ? undefined : cache.read(entry);
      cache.close();
      if (found) assert.equal(found.matrix.values.length, found.matrix.bands * found.matrix.frames);
    },
  });
}

/** A run of a few clips, of whose folder one file is changed. */
async function fileOfRun(folder: string, name: string): Promise<Reader> {
  const data = join(folder, 'clips');
  smallCorpus(data);
  const directory = join(folder, 'run');
  const config = { ...RUN_DEFAULTS, data, epochs: 2, sizes: { filters: [4], denseUnits: [4] } };
  await run(config, { directory, backend: BACKEND, workers: 1, cacheDirectory: join(folder, 'cache'), report: false });
  const path = join(directory, name);
  // Without the list, nothing tells that a file was changed.
  rmSync(join(directory, 'checksums.txt'), { force: true });
  return inFile(path, {
    example: readFileSync(path),
    mutate: name.endsWith('.json') ? restructured : scribbled,
    read: () => {
      if (name === 'config.json') readConfig(path);
      const { probabilities, clips, labels } = readRun(directory);
      assert.equal(probabilities.length, clips.length * labels.length);
    },
  });
}
