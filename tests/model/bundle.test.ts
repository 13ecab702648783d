import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { input, layers, model, type SymbolicTensor, sequential } from '@tensorflow/tfjs-layers';
import { useBackend } from '../../src/backend/backend.js';
import { arrayExamples } from '../../src/dataset/examples.js';
import { MEL_DEFAULTS } from '../../src/features/mel.js';
import { loadBundle, saveBundle } from '../../src/model/bundle-files.js';
import { originalNetwork } from '../../src/networks/original.js';
import { predictProbabilities } from '../../src/networks/probabilities.js';

const SETTINGS = {
  labels: ['anger', 'fear', 'neutral'],
  features: { name: 'mel' as const, options: { ...MEL_DEFAULTS, bands: 16 } },
  input: 'picture' as const,
  frames: 8,
  answers: 'windows' as const,
  normalisation: 'train' as const,
  trainStatistics: { mean: new Array(16).fill(-30), std: new Array(16).fill(12) },
  trainedOn: { corpus: 'test', protocol: 'speaker', seed: 1, network: 'original', clips: 10 },
  versions: { project: '0.1.0' },
};

/** What is edited of a model.json. */
interface Stored {
  readonly userDefinedMetadata: Record<string, unknown>;
  readonly modelTopology: { readonly config: { readonly layers: { readonly config: object }[] } };
  readonly weightsManifest: { paths: unknown[]; readonly weights: object[] }[];
}

const networkOf = (seed: number) =>
  originalNetwork({ bands: 16, frames: 8, classes: 3, seed }, { filters: [4, 4], denseUnits: [4] });

describe('bundle', () => {
  const directory = mkdtempSync(join(tmpdir(), 'ser-'));
  const values = Float32Array.from({ length: 2 * 16 * 8 }, (_, i) => Math.sin(i));
  const examples = arrayExamples([{ values, shape: [16, 8] }]);

  before(async () => {
    await useBackend('auto');
    await saveBundle(directory, networkOf(1), SETTINGS);
  });
  after(() => rmSync(directory, { recursive: true }));

  /** A copy of the saved model, changed. */
  function damaged(change: (copy: string) => void): Promise<unknown> {
    const copy = mkdtempSync(join(tmpdir(), 'ser-'));
    cpSync(directory, copy, { recursive: true });
    change(copy);
    return loadBundle(copy).finally(() => rmSync(copy, { recursive: true }));
  }

  /** A change of model.json, which then has no checksum unless it is kept. */
  const edited =
    (edit: (json: Stored) => void, { kept = false } = {}) =>
    (copy: string) => {
      const path = join(copy, 'model.json');
      const json = JSON.parse(readFileSync(path, 'utf8'));
      edit(json);
      if (!kept) delete json.userDefinedMetadata?.checksum;
      writeFileSync(path, JSON.stringify(json));
    };

  /** Another thing in the place of model.json, or of the weights. */
  const replacedBy = (kind: string, make: (path: string) => void) => (copy: string) => {
    const path = join(copy, readdirSync(copy).find((name) => name.startsWith(kind))!);
    rmSync(path);
    make(path);
  };

  it('loadBundle() gives back the settings and the same predictions', async () => {
    const { network, settings } = await loadBundle(directory);
    const { format, weightsSha256, ...given } = settings;
    assert.equal(format, 2);
    assert.match(weightsSha256, /^[0-9a-f]{64}$/);
    assert.deepEqual(given, SETTINGS);
    assert.deepEqual(predictProbabilities(network, examples), predictProbabilities(networkOf(1), examples));
  });

  it('loadBundle() takes a model of two classes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ser-'));
    const network = originalNetwork({ bands: 16, frames: 8, classes: 2, seed: 1 }, { filters: [4], denseUnits: [] });
    await saveBundle(folder, network, { ...SETTINGS, labels: ['anger', 'fear'] });
    assert.deepEqual((await loadBundle(folder)).settings.labels, ['anger', 'fear']);
    rmSync(folder, { recursive: true });
  });

  it('saveBundle() over an earlier model leaves the new one alone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ser-'));
    await saveBundle(folder, networkOf(1), SETTINGS);
    await saveBundle(folder, networkOf(2), SETTINGS);
    assert.equal(readdirSync(folder).length, 2);
    const { network } = await loadBundle(folder);
    assert.deepEqual(predictProbabilities(network, examples), predictProbabilities(networkOf(2), examples));
    rmSync(folder, { recursive: true });
  });

  it('saveBundle() writes what tfjs itself loads', () => {
    const json = JSON.parse(readFileSync(join(directory, 'model.json'), 'utf8'));
    const classes = json.modelTopology.config.layers.map((layer: { class_name: string }) => layer.class_name);
    assert.deepEqual(classes.slice(0, 5), ['Conv1D', 'MaxPooling1D', 'Conv1D', 'MaxPooling1D', 'Dropout']);
    assert.deepEqual(readdirSync(directory).sort(), ['model.json', json.weightsManifest[0].paths[0]]);
  });

  const refused: [name: string, change: (copy: string) => void, message: RegExp][] = [
    ['a folder without a model', (copy) => rmSync(join(copy, 'model.json')), /there is no model.json/],
    ['a damaged model.json', (copy) => writeFileSync(join(copy, 'model.json'), '{"model'), /model.json is damaged/],
    [
      'damaged weights',
      (copy) => {
        const path = join(copy, readdirSync(copy).find((name) => name.endsWith('.bin'))!);
        const bytes = readFileSync(path);
        bytes[10] ^= 1;
        writeFileSync(path, bytes);
      },
      /weights are damaged/,
    ],
    [
      'missing weights',
      (copy) => rmSync(join(copy, readdirSync(copy).find((name) => name.endsWith('.bin'))!)),
      /weights.*are missing/,
    ],
    [
      'another format',
      edited((json) => Object.assign(json.userDefinedMetadata, { format: 99 })),
      /format is 99, this version reads 2/,
    ],
    [
      "somebody else's model",
      edited((json) => Object.assign(json, { userDefinedMetadata: undefined })),
      /not saved by this project/,
    ],
    [
      'settings of a wrong type',
      edited((json) => Object.assign(json.userDefinedMetadata, { frames: 'many' })),
      /expected number/,
    ],
    [
      'settings that do not fit the network',
      edited((json) => Object.assign(json.userDefinedMetadata, { frames: 9 })),
      /need shapes/,
    ],
    [
      "the normalisation by the training set without that part's statistics",
      edited((json) => Object.assign(json.userDefinedMetadata, { trainStatistics: undefined })),
      /needs the training set's mean and deviation of 16 bands, and has 0 and 0/,
    ],
    [
      'statistics of too few bands',
      edited((json) => Object.assign(json.userDefinedMetadata, { trainStatistics: { mean: [0], std: [1] } })),
      /of 16 bands, and has 1 and 1/,
    ],
    [
      'a deviation of fewer bands than the mean',
      edited((json) => {
        (json.userDefinedMetadata.trainStatistics as { std: number[] }).std.pop();
      }),
      /of 16 bands, and has 16 and 15/,
    ],
    [
      'a single class',
      edited((json) => Object.assign(json.userDefinedMetadata, { labels: ['anger'] })),
      /Too small.*labels/,
    ],
    [
      'more classes than the network tells apart',
      edited((json) => Object.assign(json.userDefinedMetadata, { labels: ['anger', 'fear', 'neutral', 'joy'] })),
      /need shapes \[\[null,16,8\],\[null,4\]\], its network has \[\[null,16,8\],\[null,3\]\]/,
    ],
    [
      'a mel spectrogram with another number of bands than the network has',
      edited((json) => {
        (json.userDefinedMetadata.features as { options: { bands: number } }).options.bands = 32;
      }),
      /need shapes \[\[null,32,8\],\[null,3\]\], its network has \[\[null,16,8\],\[null,3\]\]/,
    ],
    [
      'features that it does not know',
      edited((json) => Object.assign(json.userDefinedMetadata, { features: { name: 'smell', options: {} } })),
      /expected.*mel/,
    ],
    [
      'options that the features do not have',
      edited((json) => {
        (json.userDefinedMetadata.features as { options: object }).options = { ...MEL_DEFAULTS, hopLength: -1 };
      }),
      /hopLength/,
    ],
    [
      'a topology that is none',
      edited((json) => Object.assign(json, { modelTopology: { config: 1 } })),
      /Cannot load the model/,
    ],
    [
      'a model.json in which a number was changed',
      edited(
        (json) => {
          (json.userDefinedMetadata.features as { options: { hopLength: number } }).options.hopLength = 256;
        },
        { kept: true },
      ),
      /it was changed since it was saved \(its checksum differs\)/,
    ],
    [
      'a model.json that is null',
      (copy) => writeFileSync(join(copy, 'model.json'), 'null'),
      /not saved by this project/,
    ],
    ['a model.json that is a folder', replacedBy('model.json', (path) => mkdirSync(path)), /it is no regular file$/],
    [
      'a format that is an object',
      edited((json) => Object.assign(json.userDefinedMetadata, { format: { toString: 1 } })),
      /its format is \{"toString":1\}, this version reads 2/,
    ],
    [
      'a model.json that is larger than any',
      (copy) => truncateSync(join(copy, 'model.json'), 2 ** 27),
      /model\.json is damaged: it has 134217728 bytes, and may have 67108864$/,
    ],
    [
      'weights of another size than its description says',
      replacedBy('weights', (path) => writeFileSync(path, Buffer.alloc(2 ** 20))),
      /weights-\w+\.bin is damaged: it has 1048576 bytes, and may have/,
    ],
    [
      'a class that is there twice',
      edited((json) => Object.assign(json.userDefinedMetadata, { labels: ['anger', 'fear', 'fear'] })),
      /each must be there once.*labels/,
    ],
  ];
  for (const [name, change, message] of refused)
    it(`loadBundle() refuses ${name}, and leaves no tensors`, async () => {
      const before = tf.memory().numTensors;
      await assert.rejects(damaged(change), { name: 'InputError', message });
      assert.equal(tf.memory().numTensors, before);
    });

  it('loadBundle() takes a model.json in other lines, and one of an earlier version, which has no checksum', async () => {
    await damaged(edited(() => {}, { kept: true }));
    await damaged(
      edited((json) => {
        (json.userDefinedMetadata.features as { options: { hopLength: number } }).options.hopLength = 256;
      }),
    );
  });

  it('loadBundle() waits for no FIFO, and reads no device', async function () {
    if (process.platform === 'win32') this.skip();
    const fifo = (path: string) => execFileSync('mkfifo', [path]);
    for (const name of ['model.json', 'weights'])
      for (const make of [fifo, (path: string) => symlinkSync('/dev/zero', path)])
        await assert.rejects(damaged(replacedBy(name, make)), {
          name: 'InputError',
          message: /is damaged: it is no regular file$/,
        });
  });

  it('loadBundle() takes the weights of its own folder, whatever path the model names', async () => {
    for (const path of ['../../../../../../dev/zero', '/dev/zero', 7, undefined])
      await damaged(
        edited((json) => {
          json.weightsManifest[0].paths = [path];
        }),
      );
  });

  it('loadBundle() refuses numbers out of range before anything is made of them', async () => {
    type Edit = Parameters<typeof edited>[0];
    const settings =
      (change: Record<string, unknown>): Edit =>
      ({ userDefinedMetadata }) => {
        Object.assign(userDefinedMetadata, change);
      };
    const options =
      (change: Record<string, unknown>): Edit =>
      ({ userDefinedMetadata: { features } }) => {
        Object.assign((features as { options: object }).options, change);
      };
    const layer =
      (index: number, change: Record<string, unknown>): Edit =>
      ({ modelTopology: { config } }) => {
        Object.assign(config.layers[index].config, change);
      };
    const changes: [change: Edit, message: RegExp][] = [
      [options({ fftSize: 2 ** 30 }), /expected number to be <=65536.*fftSize/],
      [options({ fftSize: 1000 }), /must be a power of two/],
      [options({ hopLength: 1 }), /hopLength must be at least fftSize \/ 256/],
      [options({ hopLength: 1e9 }), /hopLength/],
      [options({ hopLength: 16, bands: 1024 }), /bands \* sampleRateHz \/ hopLength must be at most 200000/],
      [options({ bands: 1e9 }), /bands/],
      [options({ topDb: 1e9 }), /topDb/],
      [options({ sampleRateHz: 1e9 }), /sampleRateHz/],
      [settings({ frames: 2 ** 30 }), /frames/],
      [settings({ frames: 8.5 }), /frames/],
      [settings({ labels: new Array(2000).fill(0).map(String) }), /labels/],
      [settings({ labels: ['anger', 'fear', 'x'.repeat(1000)] }), /labels/],
      [settings({ trainStatistics: { mean: new Array(16).fill(1e300), std: new Array(16).fill(1) } }), /mean/],
      [settings({ trainStatistics: { mean: new Array(16).fill(0), std: new Array(16).fill(-1) } }), /std/],
      [settings({ trainedOn: { ...SETTINGS.trainedOn, clips: -1 } }), /clips/],
      [settings({ weightsSha256: '../../../x' }), /weightsSha256/],
      [settings({ labels: null, features: 7, answers: [] }), /labels/],
      [(json) => Object.assign(json.weightsManifest[0].weights[0], { shape: [2 ** 30] }), /at most 67108864/],
      [(json) => Object.assign(json.weightsManifest[0].weights[0], { shape: [0.5] }), /shape/],
      [(json) => Object.assign(json.weightsManifest[0].weights[0], { dtype: 'string' }), /dtype/],
      [(json) => Object.assign(json, { weightsManifest: null }), /weightsManifest/],
      [(json) => Object.assign(json, { modelTopology: null }), /modelTopology/],
      [layer(0, { filters: 2 ** 30 }), /its layers are larger than its weights/],
      [layer(6, { units: 2 ** 30 }), /its layers are larger than its weights/],
      [layer(0, { kernel_initializer: { class_name: 'Ones', config: {} }, kernel_size: [2 ** 30] }), /Cannot load/],
      [layer(4, { stateful: true }), /its layers must not keep a state/],
      [layer(1, { pool_size: [-1] }), /Cannot load the model/],
    ];
    const before = process.memoryUsage().rss;
    for (const [change, message] of changes) {
      const refusal = (error: Error) => {
        assert.equal(error.name, 'InputError', String(error.stack));
        assert.match(error.message, message);
        assert.ok(!error.message.includes('\n'));
        return true;
      };
      await assert.rejects(damaged(edited(change)), refusal, `${change} ${message}`);
    }
    assert.ok(process.memoryUsage().rss - before < 300e6);
  });

  it('loadBundle() refuses layers that would be waited for for ever, or are named in two spellings', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ser-'));
    const picture = input({ shape: [16, 8], name: 'picture' });
    const flat = layers.flatten({ name: 'flat' }).apply(picture) as SymbolicTensor;
    const answer = layers.dense({ units: 3, activation: 'softmax', name: 'answer' }).apply(flat) as SymbolicTensor;
    await saveBundle(folder, model({ inputs: picture, outputs: answer }), SETTINGS);
    await loadBundle(folder);
    const path = join(folder, 'model.json');
    const text = readFileSync(path, 'utf8');
    const changes: [from: RegExp, to: string, message: RegExp][] = [
      [/"flat",\s+0,/, '"flat", 1,', /must be given what earlier ones have made$/],
      [/"flat",\s+0,/, '"answer", 0,', /must be given what earlier ones have made$/],
      [/"picture",\s+0,/, '"nobody", 0,', /must be given what earlier ones have made$/],
      [
        /"inbound_nodes": \[\s+\[\s+\[\s+"flat",[^\]]*\]\s+\]\s+\]/,
        '"inbound_nodes": [[]]',
        /do not say what they are/,
      ],
      [/"inbound_nodes"/, '"inboundNodes"', /it has keys that tfjs does not write$/],
      [/"kernel_initializer"/, '"kernelInitializer"', /it has keys that tfjs does not write$/],
      [/"name": "flat"/, '"name": "picture"', /must have one name each$/],
    ];
    for (const [from, to, message] of changes) {
      const changed = text.replace(from, to).replace(/,\s+"checksum": "\w+"/, '');
      assert.match(text, from);
      writeFileSync(path, changed);
      await assert.rejects(loadBundle(folder), { name: 'InputError', message });
    }
    rmSync(folder, { recursive: true });
  });

  it('loadBundle() refuses a network that cannot answer, or whose answers are no probabilities', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ser-'));
    const plain = sequential({ layers: [layers.flatten({ inputShape: [16, 8] }), layers.dense({ units: 3 })] });
    await saveBundle(folder, plain, SETTINGS);
    await assert.rejects(loadBundle(folder), {
      name: 'InputError',
      message: /its 3 probabilities do not add up to 1$/,
    });
    rmSync(folder, { recursive: true });
  });

  it('loadBundle() refuses a layer that makes more numbers of a clip than any network needs', async () => {
    const network = sequential({
      layers: [layers.flatten({ inputShape: [16, 8] }), layers.repeatVector({ n: 2 ** 20 })],
    });
    network.add(layers.flatten());
    const folder = mkdtempSync(join(tmpdir(), 'ser-'));
    await saveBundle(folder, network, SETTINGS);
    await assert.rejects(loadBundle(folder), { name: 'InputError', message: /its layer \S+ gives too many numbers$/ });
    rmSync(folder, { recursive: true });
  });
});
