import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { useBackend } from '../../src/backend/backend.js';
import { InputError } from '../../src/common/errors.js';
import { EXPORT_FORMATS, type ExportFormatName } from '../../src/exchange/exports.js';
import { type Hdf5Group, hdf5File } from '../../src/exchange/hdf5-file.js';
import { KERAS_FILES, kerasFile } from '../../src/exchange/keras.js';
import { type ImportSettings, importedModel } from '../../src/exchange/keras-import.js';
import { readKeras } from '../../src/exchange/keras-reading.js';
import { MEL_DEFAULTS } from '../../src/features/mel.js';
import { type Bundle, bundleOf } from '../../src/model/bundle.js';
import type { EnsembleSettings } from '../../src/model/settings.js';
import { answersOf, largestDifference, questionsFor, smallNetworks } from './networks.js';

/** Made by `npm run interop -- --golden`: see scripts/interop/keras_side.py. */
const GOLDEN = join(__dirname, '../golden/keras');

/** What Keras has made, and its answers to the small networks from here. */
interface Golden {
  readonly version: string;
  readonly made: Readonly<
    Record<
      string,
      {
        readonly files: readonly string[];
        readonly parameters: number;
        readonly input: number[][][];
        readonly probabilities: number[][];
      }
    >
  >;
  readonly ours: Readonly<Record<string, number[][]>>;
}

const SIDES = Object.fromEntries(
  ['keras3', 'tf215'].map((side): [string, Golden] => [
    side,
    JSON.parse(readFileSync(join(GOLDEN, side, 'answers.json'), 'utf8')),
  ]),
);

const TOLERANCE = 1e-5;

/** What is known of the networks that Keras has made. */
const MADE: ImportSettings = {
  labels: ['anger', 'fear', 'neutral'],
  features: { name: 'mel', options: { ...MEL_DEFAULTS, bands: 16 } },
};

const original = (side = 'keras3', file = 'original.keras') => readFileSync(join(GOLDEN, side, file));

async function imported(bytes: Uint8Array, settings: ImportSettings = {}): Promise<Bundle> {
  return bundleOf(await importedModel(readKeras(bytes, 'x.keras'), settings, 'x.keras'), 'x.keras');
}

/** Fails with this message, as an error for the user, and leaves no tensor behind. */
async function refused(bytes: Uint8Array, message: RegExp, settings: ImportSettings = MADE): Promise<void> {
  const { numTensors } = tf.memory();
  await assert.rejects(imported(bytes, settings), (error) => {
    assert.ok(error instanceof InputError, `${error}`);
    assert.match(error.message, message);
    assert.match(error.message, /x\.keras/);
    return true;
  });
  assert.equal(tf.memory().numTensors, numTensors);
}

interface LayerJson {
  class_name: string;
  config: Record<string, unknown>;
  inbound_nodes: unknown[];
}

interface NetworkJson {
  class_name: string;
  config: { layers: LayerJson[]; output_layers: unknown; [key: string]: unknown };
}

/** A Keras file with another description of its network. */
function described(bytes: Uint8Array, edit: (network: NetworkJson) => void): Uint8Array {
  return repacked(bytes, (files) => {
    const network = JSON.parse(strFromU8(files[KERAS_FILES.config]));
    edit(network);
    files[KERAS_FILES.config] = strToU8(JSON.stringify(network));
  });
}

function repacked(bytes: Uint8Array, edit: (files: Record<string, Uint8Array>) => void): Uint8Array {
  const files = unzipSync(bytes);
  edit(files);
  return zipSync(files);
}

/** A Keras file of the golden network with other weights: two convolutions and two dense layers. */
function reweighted(
  change: (weights: Record<string, { shape: number[]; values: Float32Array }[]>) => void,
): Uint8Array {
  const tensor = (...shape: number[]) => ({
    shape,
    values: new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(0.1),
  });
  const weights = {
    conv1d: [tensor(5, 12, 6), tensor(6)],
    conv1d_1: [tensor(5, 6, 4), tensor(4)],
    dense: [tensor(16, 5), tensor(5)],
    dense_1: [tensor(5, 3), tensor(3)],
  };
  change(weights);
  const groups = Object.entries(weights).map(([name, values]): [string, Hdf5Group] => [
    name,
    { vars: Object.fromEntries(values.entries()) },
  ]);
  return repacked(original(), (files) => {
    files[KERAS_FILES.weights] = hdf5File({ layers: Object.fromEntries(groups) });
  });
}

describe('Keras files', () => {
  const small = smallNetworksLater();
  before(() => useBackend('auto'));

  describe('that are written here', () => {
    for (const name of ['original', 'time', 'masked', 'head'] as const)
      it(`are to the byte those that Keras was asked about, and it answered the same: ${name}`, () => {
        const { network, settings } = small()[name];
        const file = readFileSync(join(GOLDEN, `small-${name}.keras`));
        assert.ok(file.equals(kerasFile({ network, settings })));
        const answers = answersOf(network, questionsFor(network));
        for (const { version, ours } of Object.values(SIDES))
          assert.ok(largestDifference(ours[`small ${name}`], answers) < TOLERANCE, version);
      });

    for (const name of ['original', 'time', 'masked', 'head'] as const)
      it(`come back as they were: ${name}`, async () => {
        const { network, settings } = small()[name];
        const back = await imported(kerasFile({ network, settings }));
        const { format, weightsSha256, ...known } = back.settings;
        assert.deepEqual(known, settings);
        assert.equal(back.network.countParams(), network.countParams());
        const questions = questionsFor(network);
        assert.ok(largestDifference(answersOf(back.network, questions), answersOf(network, questions)) < 1e-6);
        back.network.dispose();
      });

    it('say what a stranger needs to know, in settings and in words', () => {
      const { network, settings } = small().original;
      const files = unzipSync(kerasFile({ network, settings }));
      assert.deepEqual(Object.keys(files), Object.values(KERAS_FILES));
      const { speech_emotion: told } = JSON.parse(strFromU8(files[KERAS_FILES.metadata]));
      assert.deepEqual(told.labels, ['anger', 'fear', 'neutral']);
      assert.deepEqual([told.frames, told.normalisation, told.features.options.bands], [12, 'clip', 16]);
      assert.ok(Math.abs(told.windowSeconds - (12 * 512) / 22050) < 1e-12);
      assert.match(
        told.inWords.join(' '),
        /in this order: anger, fear, neutral\..*hopLength 512.*12 frames, a window of 0\.28 s/,
      );
    });

    it('have no layer that Keras lacks: such a network is refused by name', () => {
      const network = sequential({ layers: [layers.lstm({ name: 'memory', units: 2, inputShape: [3, 4] })] });
      assert.throws(
        () => kerasFile({ network, settings: small().original.settings }),
        /^InputError: Cannot export the model as keras: layers must be .*, memory is LSTM$/,
      );
      network.dispose();
    });
  });

  it('every format gives the same bytes each time, and all but ONNX refuse several networks that answer as one', async () => {
    const { network, settings } = small().masked;
    const bundle = { network, settings: { ...settings, format: 2, weightsSha256: '' } } as Bundle;
    const ensemble = { members: ['compact', 'encoder'] } as unknown as EnsembleSettings;
    for (const [name, format] of Object.entries(EXPORT_FORMATS) as [
      ExportFormatName,
      (typeof EXPORT_FORMATS)['keras'],
    ][]) {
      assert.deepEqual(await format.write({ members: [bundle] }), await format.write({ members: [bundle] }), name);
      if (name === 'onnx') continue;
      await assert.rejects(
        format.write({ members: [bundle, bundle], ensemble }),
        new RegExp(
          `Cannot export the model as ${name}: it must be one network, current one averages compact and encoder`,
        ),
      );
    }
  });

  describe('that Keras has written', () => {
    for (const [side, { version, made }] of Object.entries(SIDES))
      for (const [name, { files, parameters, input, probabilities }] of Object.entries(made))
        for (const file of files)
          it(`give its numbers: ${version}, ${file} (${name})`, async () => {
            const { numTensors } = tf.memory();
            const { network, settings } = await imported(original(side, file), MADE);
            assert.equal(network.countParams(), parameters);
            assert.ok(largestDifference(answersOf(network, [input]), probabilities) < TOLERANCE);
            assert.deepEqual([settings.frames, settings.input, settings.normalisation], [12, 'picture', 'clip']);
            network.dispose();
            assert.equal(tf.memory().numTensors, numTensors);
          });

    it('are all there', () => {
      for (const [side, { made }] of Object.entries(SIDES)) {
        const files = Object.values(made).flatMap((each) => each.files);
        assert.deepEqual([...files, 'answers.json'].sort(), readdirSync(join(GOLDEN, side)).sort());
      }
    });

    it('take what they do not say from what is given, and from the model that was trained on', async () => {
      const { settings } = small().original;
      const like = await imported(original(), { like: settings, labels: ['a', 'b', 'c'], normalisation: 'bands' });
      assert.deepEqual(like.settings.labels, ['a', 'b', 'c']);
      assert.equal(like.settings.normalisation, 'bands');
      assert.deepEqual(like.settings.trainedOn, settings.trainedOn);
      like.network.dispose();
    });
  });

  describe('are refused with the reason', () => {
    it('where it is not said what they mean', async () => {
      await refused(original(), /does not say what its 3 outputs mean; give `labels`, in their order$/, {});
      await refused(original(), /one side must be the 128 bands of its features .*its input is \(16, 12\)/, {
        labels: MADE.labels,
      });
      await refused(original(), /its settings need shapes .*2\].*, its network has .*3\]/, {
        ...MADE,
        labels: ['anger', 'fear'],
      });
      await refused(original(), /each must be there once/, { ...MADE, labels: ['anger', 'fear', 'fear'] });
    });

    it("with seven outputs, the Python original's order is offered", async () => {
      const seven = described(original(), ({ config }) => {
        config.layers.at(-1)!.config.units = 7;
      });
      await refused(seven, /in their order, e\.g\. angry,disgust,fear,happy,neutral,ps,sad, the Python original's/, {});
    });

    it('where they are no networks of Keras', async () => {
      await refused(strToU8('PK but no archive'), /is damaged/);
      await refused(strToU8('{"a": 1}'), /must be a \.keras file, or an \.h5 file with a whole network/);
      await refused(original().subarray(0, 9000), /is damaged/);
      await refused(
        repacked(original(), (files) => delete files[KERAS_FILES.config]),
        /there is no config\.json in it/,
      );
      await refused(
        repacked(original(), (files) => delete files[KERAS_FILES.weights]),
        /there is no model\.weights\.h5 in it/,
      );
      await refused(
        repacked(original(), (files) => {
          files[KERAS_FILES.weights] = strToU8('nothing');
        }),
        /is damaged: it is incomplete/,
      );
      await refused(
        repacked(original(), (files) => {
          files[KERAS_FILES.config] = strToU8('{"class_name": "Sequential"');
        }),
        /is damaged/,
      );
      await refused(
        described(original(), (network) => {
          Object.assign(network, { config: { custom: 1 } });
        }),
        /must be a Sequential or functional network/,
      );
      await refused(hdf5File({ vars: {} }), /not weights alone/);
    });

    it('where a layer is not had here, or computes otherwise: it is named', async () => {
      const layer = (i: number, change: Partial<LayerJson>, options: object = {}) =>
        described(original(), ({ config }) => {
          Object.assign(config.layers[i], change);
          Object.assign(config.layers[i].config, options);
        });
      await refused(
        layer(1, { class_name: 'LSTM' }),
        /layer \w+ is LSTM, which this project does not have; it has .*Conv1D/,
      );
      await refused(layer(1, { class_name: 'Functional' }), /layer \w+ is Functional/);
      await refused(
        layer(1, {}, { padding: 'causal' }),
        /padding of layer \w+ \(Conv1D\) must be same or valid, current value is "causal"/,
      );
      await refused(
        layer(1, {}, { activation: 'gelu' }),
        /activation of layer \w+ \(Conv1D\) must be one of linear, .*"gelu"/,
      );
      await refused(
        layer(1, {}, { groups: 2 }),
        /groups of layer \w+ \(Conv1D\) must be what it usually is, current value is 2/,
      );
      await refused(layer(1, {}, { data_format: 'channels_first' }), /data_format of layer/);
      await refused(
        layer(1, {}, { dtype: 'float16' }),
        /dtype of layer \w+ \(Conv1D\) must be float32, current value is "float16"/,
      );
    });

    it('where layers are not given one thing after the other', async () => {
      const { network, settings } = small().masked;
      const masked = kerasFile({ network, settings });
      const edited = (name: string, edit: (layer: LayerJson) => void) =>
        described(masked, ({ config }) => edit(config.layers.find((layer) => layer.config.name === name)!));
      const given =
        (...nodes: unknown[]) =>
        (layer: LayerJson) => {
          layer.inbound_nodes = nodes;
        };
      await refused(
        edited('relu', given([['normalise', 0, 0, {}]], [['conv', 0, 0, {}]])),
        /relu \(ReLU\) is used 2 times/,
      );
      await refused(
        edited(
          'masked',
          given([
            ['relu', 0, 0, {}],
            ['relu', 0, 0, {}],
          ]),
        ),
        /masked \(Multiply\) must not be given the same input twice/,
      );
      await refused(edited('relu', given([['softmax', 0, 0, {}]])), /must be given what earlier ones have made/);
      await refused(edited('relu', given([['nobody', 0, 0, {}]])), /must be given what earlier ones have made/);
      const tensor = { class_name: '__keras_tensor__', config: { keras_history: ['normalise', 0, 0] } };
      await refused(
        edited('relu', given({ args: [tensor], kwargs: { mask: tensor } })),
        /relu \(ReLU\) is given a mask, too/,
      );
      await refused(
        described(masked, ({ config }) => {
          config.output_layers = [
            ['softmax', 0, 0],
            ['logits', 0, 0],
          ];
        }),
        /must have one output, current number is 2/,
      );
      await refused(
        repacked(masked, (files) => {
          files[KERAS_FILES.metadata] = strToU8('{}');
        }),
        /must take one input, unless `like` names/,
      );
      await refused(
        repacked(masked, (files) => {
          files[KERAS_FILES.metadata] = strToU8(JSON.stringify({ speech_emotion: { frames: -3 } }));
        }),
        /what it says of itself cannot be used: .*frames/,
      );
    });

    it('where weights are missing, of other shapes or numbers, or more than a network may have', async () => {
      await refused(
        reweighted((weights) => weights.dense_1.pop()),
        /the bias of \w+ \(Dense\) is missing/,
      );
      await refused(
        reweighted((weights) => delete weights.conv1d_1),
        /the kernel of \w+ \(Conv1D\) is missing/,
      );
      await refused(
        reweighted(({ dense }) => {
          dense[0].values[3] = Number.NaN;
        }),
        /weights must be finite numbers, the kernel of \w+ \(Dense\) has others/,
      );
      await refused(
        reweighted(({ dense }) => {
          dense[0] = { shape: [4, 5], values: new Float32Array(20) };
        }),
        /larger than its weights|[Ss]hape/,
      );
      // Of what is not stored, HDF5 has as many zeros as one likes.
      await refused(
        reweighted(({ dense }) => {
          dense[0] = { shape: [2 ** 20, 2 ** 20], values: new Float32Array() };
        }),
        /must have at most \d+ numbers/,
      );
    });

    it('where they would fill the memory', async () => {
      const bomb = repacked(original(), (files) => {
        files[KERAS_FILES.weights] = new Uint8Array(2 ** 25);
      });
      assert.ok(bomb.length < 2 ** 17);
      await refused(bomb, /model\.weights\.h5 in it has 33554432 bytes, and may have \d+/);
      await refused(
        described(original(), ({ config }) => {
          config.layers.at(-1)!.config.units = 1e9;
        }),
        /larger than its weights/,
      );
      await refused(
        described(original(), ({ config }) => {
          Object.assign(config.layers[0].config, { batch_shape: [null, 16, 1e9] });
        }),
        /frames/,
      );
    });

    it('where they do not answer with probabilities', async () => {
      await refused(
        described(original(), ({ config }) => {
          config.layers.at(-1)!.config.activation = 'linear';
        }),
        /its 3 probabilities do not add up to 1/,
      );
    });
  });
});

/** They need a backend, which is set before the first test. */
function smallNetworksLater(): () => ReturnType<typeof smallNetworks> {
  let made: ReturnType<typeof smallNetworks> | undefined;
  return () => {
    made ??= smallNetworks();
    return made;
  };
}
