import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { decodeFile } from '../../src/audio/decode-file.js';
import { useBackend } from '../../src/backend/backend.js';
import { seededRandom } from '../../src/common/random.js';
import { ENCODERS, Encoder } from '../../src/encoder/encoder.js';
import { loadEncoder } from '../../src/encoder/load.js';
import { meanOverTime } from '../../src/features/cut.js';
import { createLogMel, createLogMelExtractor } from '../../src/features/log-mel.js';
import { CHIRPS, CLIPS, chirp, largestDifference, turned } from './golden.js';

const DATA = join(__dirname, '../../data');
const WEIGHTS = join(DATA, 'encoder', ENCODERS['whisper-base-3'].file);
const mels = CHIRPS.map(({ mel, frames }) => ({ values: turned(mel, 80), bands: 80, frames }));

for (const backend of ['native', 'wasm'] as const)
  describe(`Encoder on ${backend}`, function () {
    this.timeout(60_000);
    let encoder: Encoder;
    before(async function () {
      await useBackend(backend).catch(() => this.skip());
      encoder = await loadEncoder('whisper-base-3');
    });
    after(() => encoder?.dispose());

    it("gives numpy's states within 2e-5, of clips of different lengths in one call", () => {
      for (const [i, { values, ...shape }] of encoder.states(mels).entries()) {
        assert.deepEqual(shape, { bands: 512, frames: Math.ceil(CHIRPS[i].frames / 2) });
        assert.ok(largestDifference(values, turned(CHIRPS[i].states, 512)) < 2e-5);
      }
    });

    it('gives each clip the same among others as alone, within rounding', () => {
      const [alone] = encoder.states([mels[1]]);
      const together = encoder.states([mels[1], mels[0], ...Array.from({ length: 9 }, () => mels[1])]);
      for (const i of [0, 2, 10]) assert.ok(largestDifference(together[i].values, alone.values) < 1e-5);
    });

    it('leaves no tensor', () => {
      const before = tf.memory().numTensors;
      encoder.states([mels[1]]);
      assert.equal(tf.memory().numTensors, before);
    });
  });

describe('Encoder', function () {
  this.timeout(60_000);
  let encoder: Encoder;
  before(async () => {
    await useBackend('auto');
    encoder = await loadEncoder('whisper-base-3');
  });
  after(() => encoder.dispose());

  it("makes of recordings the vectors that numpy makes of them after another library's resampling", async () => {
    const extract = createLogMelExtractor({ speed: 1 });
    const features = [];
    for (const { clip } of CLIPS) features.push(extract(await decodeFile(join(DATA, `emodb/${clip}.flac`))));
    for (const [i, { matrix, durationSeconds }] of encoder.vectors(features).entries()) {
      assert.deepEqual([matrix.bands, matrix.frames, durationSeconds], [512, 1, 2]);
      assert.ok(largestDifference(matrix.values, CLIPS[i].mean) < 0.02);
    }
  });

  it('encodes what is longer than 30 s in stretches', () => {
    const mel = createLogMel()(chirp(16000 * 31));
    const [states] = encoder.states([mel]);
    assert.deepEqual([mel.frames, states.bands, states.frames], [3100, 512, 1550]);
    // The second stretch is encoded as if it were all.
    const rest = {
      values: Float32Array.from(
        { length: 80 * 100 },
        (_, i) => mel.values[Math.floor(i / 100) * 3100 + 3000 + (i % 100)],
      ),
      bands: 80,
      frames: 100,
    };
    const [alone] = encoder.states([rest]);
    const last = Float32Array.from(alone.values, (_, i) => states.values[Math.floor(i / 50) * 1550 + 1500 + (i % 50)]);
    assert.ok(largestDifference(last, alone.values) < 1e-5);
    assert.notDeepEqual(meanOverTime(states).values, meanOverTime(alone).values);
  });

  it('gives the same once its pass is recorded, whatever the length, within rounding', async function () {
    if (tf.getBackend() !== 'tensorflow') this.skip();
    const noise = seededRandom(1);
    const lengths = [200, 2, 3, 37, 201, 450];
    const some = lengths.map((frames) => ({
      values: Float32Array.from({ length: 80 * frames }, () => noise() - 0.5),
      bands: 80,
      frames,
    }));
    const plain = await Encoder.from('whisper-base-3', readFileSync(WEIGHTS));
    const recording = await loadEncoder('whisper-base-3');
    const expected = plain.states(some);
    // Before and after it is recorded.
    for (let round = 1; round <= 8; round++)
      for (const [i, { frames, values }] of recording.states(some).entries()) {
        assert.equal(frames, Math.ceil(lengths[i] / 2));
        assert.ok(largestDifference(values, expected[i].values) < 5e-5, `${lengths[i]} frames, round ${round}`);
      }
    const before = tf.memory().numTensors;
    plain.dispose();
    recording.dispose();
    assert.ok(tf.memory().numTensors < before);
  });

  it('makes the same vector of a recording, bit by bit, whatever it has encoded before', async () => {
    const features = mels.map((matrix) => ({
      matrix,
      statistics: { mean: [0], std: [1] },
      sampleRateHz: 16000,
      durationSeconds: 1,
    }));
    const other = await loadEncoder('whisper-base-3');
    const [first] = other.vectors(features.slice(1));
    for (let call = 0; call < 45; call++) other.states([mels[0]]);
    assert.deepEqual(other.vectors(features)[1], first);
    other.dispose();
  });

  it('refuses weights that are damaged', async () => {
    const weights = readFileSync(WEIGHTS);
    weights[weights.length - 1] ^= 1;
    await assert.rejects(Encoder.from('whisper-base-3', weights), {
      name: 'InputError',
      message: /whisper-base-3 are damaged: whisper-base-3\.safetensors must have the SHA-256 56c54f3d.*, it has/,
    });
  });
});
