import assert from 'node:assert/strict';
import { join } from 'node:path';
import { decodeFile } from '../../src/audio/decode-file.js';
import { resample } from '../../src/audio/resample.js';
import { useBackend } from '../../src/backend/backend.js';
import { MEL_DEFAULTS } from '../../src/features/mel.js';
import { EmotionModel, type TrainedModel, type WindowPrediction } from '../../src/model/emotion-model.js';
import { type RunningAnswer, type RunningOptions, RunningPrediction } from '../../src/model/running.js';
import { originalNetwork } from '../../src/networks/original.js';

const RATE = 44100;
const CLIPS = ['03a01Fa', '08a01Wa', '10a05Tb'].map((name) => join(__dirname, `../../data/emodb/${name}.flac`));

describe('RunningPrediction', function () {
  this.timeout(60_000);
  let model: TrainedModel;
  let sound: Float32Array;
  before(async () => {
    const backend = await useBackend('wasm');
    const shape = { bands: 128, frames: 87, classes: 3, seed: 4 };
    const network = originalNetwork(shape, { filters: [8, 4], denseUnits: [6] });
    const settings = {
      ...{ format: 2 as const, labels: ['anger', 'happiness', 'sadness'], input: 'picture' as const, frames: 87 },
      ...{ features: { name: 'mel' as const, options: MEL_DEFAULTS }, normalisation: 'clip' as const },
      ...{ answers: 'windows' as const, versions: {}, weightsSha256: '' },
      trainedOn: { corpus: 'test', protocol: 'speaker', seed: 1, network: 'original', clips: 3 },
    };
    model = new EmotionModel({ network, settings }, backend);
    const parts = await Promise.all(CLIPS.map((path) => decodeFile(path)));
    const whole = Float32Array.from(parts.flatMap(({ samples }) => [...samples]));
    sound = resample(whole, 22050, RATE).subarray(0, 5.3 * RATE);
  });
  after(() => model.dispose());

  async function heard(
    options: Partial<RunningOptions>,
    pieceLength: number,
    samples = sound,
  ): Promise<RunningAnswer[]> {
    const running = new RunningPrediction(model, { sampleRateHz: RATE, ...options });
    const answers: RunningAnswer[] = [];
    for (let at = 0; at < samples.length; at += pieceLength)
      answers.push(...(await running.hear(samples.subarray(at, at + pieceLength))));
    return [...answers, ...(await running.end())];
  }
  const places = (answers: readonly RunningAnswer[]) =>
    answers.map(({ startSeconds, endSeconds }) => [+startSeconds.toFixed(6), +endSeconds.toFixed(6)]);

  it('answers at every hop, and at the end, what predict() says of the window alone, however the sound is cut', async () => {
    for (const pieceLength of [4096, 30_000, 1_000_000]) {
      const answers = await heard({ hopSeconds: 0.5, uncertainBelow: 0.5 }, pieceLength);
      assert.deepEqual(places(answers), [
        ...[0, 0.5, 1, 1.5, 2, 2.5, 3].map((start) => [start, start + 2]),
        [3.3, 5.3],
      ]);
      for (const { startSeconds, endSeconds, ...answer } of answers) {
        const samples = sound.subarray(Math.round(startSeconds * RATE), Math.round(endSeconds * RATE));
        const {
          windows: _,
          startSeconds: __,
          endSeconds: ___,
          ...expected
        } = await model.predict({ samples, sampleRateHz: RATE }, { uncertainBelow: 0.5 });
        assert.deepEqual(answer, expected);
      }
    }
  });

  it('takes the hop and the window of predict() unless others are given', async () => {
    assert.deepEqual(places(await heard({}, 9999)), [
      [0, 2],
      [1, 3],
      [2, 4],
      [3, 5],
      [3.3, 5.3],
    ]);
    const short = sound.subarray(0, 1.5 * RATE);
    assert.deepEqual(places(await heard({ windowSeconds: 0.5 }, 9999, short)), [
      [0, 0.5],
      [0.5, 1],
      [1, 1.5],
    ]);
    // All of a sound that is shorter than a window.
    const [only, ...others] = await heard({}, 9999, short);
    assert.deepEqual([others.length, only.startSeconds, only.endSeconds], [0, 0, 1.5]);
    assert.deepEqual(await heard({}, 9999, new Float32Array()), []);
  });

  it('answers only the latest window of a piece where it is asked to', async () => {
    const options = { hopSeconds: 0.5, latestOnly: true };
    assert.deepEqual(places(await heard(options, 3.2 * RATE)), [
      [1, 3],
      [3, 5],
      [3.3, 5.3],
    ]);
    const [latest] = (await heard(options, 3.2 * RATE)) as WindowPrediction[];
    const all = (await heard({ hopSeconds: 0.5 }, 4096)) as WindowPrediction[];
    assert.deepEqual(latest, all[2]);
  });

  it('says why there is no answer, and goes on', async () => {
    const samples = Float32Array.from([...new Float32Array(2 * RATE), ...sound.subarray(0, 2 * RATE)]);
    const answers = await heard({ hopSeconds: 2 }, 4096, samples);
    assert.equal(answers.length, 2);
    assert.deepEqual(answers[0], {
      startSeconds: 0,
      endSeconds: 2,
      reason: 'the given samples: silent: no sample reaches -60 dB of full scale',
    });
    assert.ok('emotion' in answers[1]);
  });

  it('keeps no more than it needs', async () => {
    const running = new RunningPrediction(model, { sampleRateHz: RATE });
    for (let at = 0; at < sound.length; at += 4096) await running.hear(sound.subarray(at, at + 4096));
    const { kept } = running as unknown as { kept: Float32Array };
    assert.ok(kept.length <= 2 * RATE, `${kept.length} samples`);
    assert.equal(kept.buffer.byteLength, 4 * kept.length);
  });

  it('refuses options out of range as predict() does', () => {
    assert.throws(() => new RunningPrediction(model, { sampleRateHz: RATE, windowSeconds: 9 }), {
      name: 'UsageError',
      message:
        'Cannot cut windows: the window must be between 0.1 s and what the network takes, 2.02 s, current value is 9',
    });
  });
});
