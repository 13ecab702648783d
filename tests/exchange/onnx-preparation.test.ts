import assert from 'node:assert/strict';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { useBackend } from '../../src/backend/backend.js';
import type { BackendInfo } from '../../src/backend/info.js';
import type { Encoder } from '../../src/encoder/encoder.js';
import { loadEncoder } from '../../src/encoder/load.js';
import type { Exportable } from '../../src/exchange/export-format.js';
import { onnx } from '../../src/exchange/onnx.js';
import { onnxPreparation } from '../../src/exchange/onnx-preparation.js';
import { ModelProtoSchema } from '../../src/exchange/onnx-proto.js';
import { FEATURE_DEFAULTS } from '../../src/features/features.js';
import { MEL_DEFAULTS } from '../../src/features/mel.js';
import { EmotionModel } from '../../src/model/emotion-model.js';
import { EnsembleModel } from '../../src/model/ensemble-model.js';
import type { GivenSettings } from '../../src/model/settings.js';
import { chirp, largestDifference } from '../encoder/golden.js';
import { answersOf, bundleOf, CASES } from './onnx-models.js';

const SOUND = { samples: chirp(20_000), sampleRateHz: 16_000 };
const LABELS = ['anger', 'happiness', 'sadness'];

/** A model of one network, which has other settings than usual. */
function changed(name: string, changes: Partial<GivenSettings>): Exportable {
  const { members, encoderFile } = CASES[name].make();
  return { members: [bundleOf(name, members[0].network, changes)], encoderFile };
}

describe('onnxPreparation()', function () {
  this.timeout(20_000);
  let backend: BackendInfo;
  let encoder: Encoder;

  before(async () => {
    backend = await useBackend('auto');
    encoder = await loadEncoder('whisper-base-3');
  });
  after(() => encoder.dispose());

  const trainStatistics = { mean: new Array(128).fill(-40), std: new Array(128).fill(9) };
  const models: [what: string, make: () => Exportable][] = [
    ['a picture, normalised by clip', CASES.original.make],
    ['a picture, normalised by the training set', () => changed('time', { normalisation: 'train', trainStatistics })],
    ['a picture, normalised by speaker', () => changed('time', { normalisation: 'speaker' })],
    ['a clip and its mask', CASES.compact.make],
    ['a log-mel spectrogram', CASES.encoder.make],
    ['the inputs of two networks', CASES.both.make],
  ];
  for (const [what, make] of models)
    it(`makes of a recording what predict does: ${what}`, async () => {
      const exportable = make();
      const [{ bytes }] = await onnx.write(exportable);
      const { labels, prepare } = onnxPreparation(bytes);
      assert.deepEqual(labels, LABELS);
      const members = exportable.members.map((bundle) => new EmotionModel(bundle, backend, { encoder }));
      const model = exportable.ensemble ? new EnsembleModel(members, exportable.ensemble) : members[0];
      const { probabilities } = await model.predict(SOUND);
      const answers = answersOf(exportable, prepare(SOUND), encoder);
      assert.ok(
        largestDifference(
          answers,
          LABELS.map((label) => probabilities[label]),
        ) < 1e-6,
      );
      for (const { network } of exportable.members) network.dispose();
    });

  it('makes a vector of functionals', async () => {
    const [{ bytes }] = await onnx.write(changed('functionals', { features: { name: 'functionals', options: {} } }));
    const { vector } = onnxPreparation(bytes).prepare(SOUND);
    assert.equal(vector.shape[0], 1);
    assert.equal(vector.values.length, vector.shape[1]);
  });

  it('refuses what is no sound, or too much of it', async () => {
    const [{ bytes }] = await onnx.write(CASES.encoder.make());
    const { prepare } = onnxPreparation(bytes);
    const silent = { samples: new Float32Array(16_000), sampleRateHz: 16_000 };
    assert.throws(() => prepare(silent), { name: 'InputError', message: /silent/ });
    assert.throws(() => prepare({ samples: chirp(16_000 * 31), sampleRateHz: 16_000 }), {
      name: 'InputError',
      message: 'the given samples: too long: the encoder takes 30 s at once, these are 31.0 s',
    });
  });

  it('reserves no more than a recording needs', async () => {
    const [{ bytes }] = await onnx.write(changed('original', { frames: 131_072, features: FEATURE_DEFAULTS }));
    assert.doesNotThrow(() => onnxPreparation(bytes).prepare(SOUND));
    const [{ bytes: large }] = await onnx.write(
      changed('original', {
        frames: 131_072,
        features: { name: 'mel', options: { ...MEL_DEFAULTS, bands: 512 } },
      }),
    );
    assert.throws(() => onnxPreparation(large).prepare(SOUND), {
      name: 'InputError',
      message: 'Cannot prepare what the ONNX file takes: 512 bands of 131072 frames are too many',
    });
  });

  it('refuses files of others, and damaged ones', async () => {
    const refused = (file: Uint8Array, message: RegExp) =>
      assert.throws(() => onnxPreparation(file), { name: 'InputError', message });
    refused(
      new TextEncoder().encode('{"no": "model"}'),
      /^Cannot read the ONNX file: it is damaged, or another kind of file$/,
    );
    const [{ bytes }] = await onnx.write(CASES.compact.make());
    refused(bytes.subarray(0, 1000), /it is damaged/);
    const foreign = toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion: 8n }));
    refused(foreign, /it was not exported by this project \(its settings are missing\)/);
    const model = fromBinary(ModelProtoSchema, bytes);
    model.metadataProps[0].value = model.metadataProps[0].value.replace(
      '"normalisation":"bands"',
      '"normalisation":"none at all"',
    );
    refused(toBinary(ModelProtoSchema, model), /Cannot read the ONNX file: .*normalisation/);
  });
});
