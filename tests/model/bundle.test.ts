import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
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

  /** A change of model.json. */
  const edited = (edit: (json: { userDefinedMetadata: Record<string, unknown> }) => void) => (copy: string) => {
    const path = join(copy, 'model.json');
    const json = JSON.parse(readFileSync(path, 'utf8'));
    edit(json);
    writeFileSync(path, JSON.stringify(json));
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
  ];
  for (const [name, change, message] of refused)
    it(`loadBundle() refuses ${name}, and leaves no tensors`, async () => {
      const before = tf.memory().numTensors;
      await assert.rejects(damaged(change), { name: 'InputError', message });
      assert.equal(tf.memory().numTensors, before);
    });
});
