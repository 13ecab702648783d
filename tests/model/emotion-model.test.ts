import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { decodeFile } from '../../src/audio/decode-file.js';
import { useBackend } from '../../src/backend/backend.js';
import type { BackendInfo } from '../../src/backend/info.js';
import { arrayExamples } from '../../src/dataset/examples.js';
import { createFeatureExtractor } from '../../src/features/clip-features.js';
import { cutFrames } from '../../src/features/cut.js';
import { MEL_DEFAULTS } from '../../src/features/mel.js';
import { bandStatistics, type Normalisation, normalisedInput } from '../../src/features/normalise.js';
import { saveBundle } from '../../src/model/bundle-files.js';
import { EmotionModel, type Prediction } from '../../src/model/emotion-model.js';
import { loadModel } from '../../src/model/load.js';
import { originalNetwork } from '../../src/networks/original.js';
import { clipProbabilities } from '../../src/networks/probabilities.js';
import { wav } from '../audio/wav.js';

const LABELS = ['anger', 'happiness', 'sadness'];
const FRAMES = 87;
const RATE = MEL_DEFAULTS.sampleRateHz;
const CLIPS = ['03a01Fa', '08a01Wa', '10a05Tb'].map((name) => join(__dirname, `../../data/emodb/${name}.flac`));

describe('predict', function () {
  this.timeout(60000);
  const root = mkdtempSync(join(tmpdir(), 'ser-'));
  let backend: BackendInfo;
  let long: Float32Array;
  before(async () => {
    backend = await useBackend('wasm');
    const parts = await Promise.all(CLIPS.map((path) => decodeFile(path)));
    long = Float32Array.from(parts.flatMap(({ samples }) => [...samples]));
  });
  after(() => rmSync(root, { recursive: true }));

  const settings = (normalisation: Normalisation = 'clip') => ({
    format: 2 as const,
    labels: LABELS,
    features: { name: 'mel' as const, options: MEL_DEFAULTS },
    input: 'picture' as const,
    frames: FRAMES,
    answers: 'windows' as const,
    normalisation,
    trainStatistics: normalisation === 'train' ? { mean: Array(128).fill(-40), std: Array(128).fill(17) } : undefined,
    trainedOn: { corpus: 'test', protocol: 'speaker', seed: 1, network: 'original', clips: 3 },
    versions: {},
    weightsSha256: '',
  });
  const sizes = { filters: [8, 4], denseUnits: [6] };
  const network = () => originalNetwork({ bands: 128, frames: FRAMES, classes: 3, seed: 4 }, sizes);
  const modelOf = (normalisation?: Normalisation) =>
    new EmotionModel({ network: network(), settings: settings(normalisation) }, backend, { decode: decodeFile });
  const values = ({ probabilities }: Pick<Prediction, 'probabilities'>) => LABELS.map((label) => probabilities[label]);

  const answerTo = (net: LayersModel, input: Float32Array) => [
    ...clipProbabilities(net, arrayExamples([{ values: input, shape: [128, FRAMES] }])),
  ];

  /** What evaluation computes for a clip, or for the frames of it from `first` on. */
  function evaluated(samples: Float32Array, first = 0, count = Number.POSITIVE_INFINITY): number[] {
    const { matrix, statistics } = createFeatureExtractor(MEL_DEFAULTS)({
      samples,
      sampleRateHz: RATE,
      channels: 1,
      durationSeconds: samples.length / RATE,
    });
    const net = network();
    const output = answerTo(net, normalisedInput(cutFrames(matrix, first, count), statistics, { frames: FRAMES }));
    net.dispose();
    return output;
  }

  it('takes a recording exactly as evaluation does, up to what the network takes', async () => {
    const model = modelOf();
    for (const seconds of [0.101, 1, 2, 2.02]) {
      const samples = long.subarray(3000, 3000 + seconds * RATE);
      const prediction = await model.predict({ samples, sampleRateHz: RATE });
      assert.deepEqual(values(prediction), evaluated(samples));
      assert.equal(prediction.windows.length, 1);
      assert.deepEqual([prediction.startSeconds, prediction.endSeconds], [0, samples.length / RATE]);
    }
    model.dispose();
  });

  it('names the most probable emotion; probabilities sum to 1', async () => {
    const model = modelOf();
    const { emotion, probability, probabilities } = await model.predict(CLIPS[0]);
    assert.equal(probability, Math.max(...Object.values(probabilities)));
    assert.equal(probabilities[emotion], probability);
    assert.ok(Math.abs(Object.values(probabilities).reduce((a, b) => a + b) - 1) < 1e-6);
    model.dispose();
  });

  it('cuts a long recording into windows at every hop, the last flush with the end; overall is their mean', async () => {
    const model = modelOf();
    const samples = long.subarray(0, 4.7 * RATE);
    const { windows, ...overall } = await model.predict(
      { samples, sampleRateHz: RATE },
      { windowSeconds: 1.5, hopSeconds: 0.8 },
    );
    const starts = windows.map((w) => +w.startSeconds.toFixed(6));
    assert.deepEqual(starts, [0, 0.8, 1.6, 2.4, 3.2]);
    assert.ok(windows.every((w) => Math.abs(w.endSeconds - w.startSeconds - 1.5) < 1e-9));
    assert.equal(windows[4].endSeconds, samples.length / RATE);
    // Cut out of the whole recording's features, 1.5 s being 65 frames, with the whole recording's statistics.
    for (const w of windows)
      assert.deepEqual(values(w), evaluated(samples, Math.round((w.startSeconds * RATE) / 512), 65));
    for (const [i, mean] of values(overall).entries())
      assert.ok(Math.abs(mean - windows.reduce((sum, w) => sum + values(w)[i], 0) / 5) < 1e-12);
    // With a rest, one more.
    const rest = await model.predict({ samples: long.subarray(0, 3.25 * RATE), sampleRateHz: RATE });
    assert.deepEqual(
      rest.windows.map((w) => [+w.startSeconds.toFixed(3), +w.endSeconds.toFixed(3)]),
      [
        [0, 2],
        [1, 3],
        [1.25, 3.25],
      ],
    );
    model.dispose();
  });

  it('hears all of a recording, whatever the window, the hop, its length and what the network takes', async () => {
    for (const frames of [40, FRAMES, 130]) {
      const shape = { bands: 128, frames, classes: 3, seed: 4 };
      const model = new EmotionModel(
        { network: originalNetwork(shape, sizes), settings: { ...settings(), frames } },
        backend,
      );
      const longest = (frames * 512) / RATE;
      for (const options of [
        {},
        { hopSeconds: 5 },
        { windowSeconds: 0.5, hopSeconds: 0.7 },
        { windowSeconds: longest },
      ])
        for (const seconds of [1.7, 2.1, 2.95, 6]) {
          const samples = long.slice(0, Math.round(seconds * RATE));
          const { windows, endSeconds } = await model.predict({ samples, sampleRateHz: RATE }, options);
          const about = JSON.stringify({ frames, seconds, options });
          // Together, windows cover the recording: none begins after the one before has ended.
          const ends = [0, ...windows.map((w) => w.endSeconds)];
          for (const [i, w] of windows.entries()) assert.ok(w.startSeconds <= ends[i] + 1e-9, about);
          assert.equal(windows[windows.length - 1].endSeconds, endSeconds, about);
          // No window is longer than what the network takes of it.
          for (const w of windows) assert.ok(w.endSeconds - w.startSeconds <= longest + 1e-4, about);
        }
      model.dispose();
    }
  });

  it('answers otherwise where only the end, or the middle, is another', async () => {
    const model = modelOf();
    const samples = long.slice(0, 6 * RATE);
    const answer = async (audio: Float32Array, options = {}) =>
      values(await model.predict({ samples: audio, sampleRateHz: RATE }, options));
    for (const [from, length, options] of [
      [2.2, 2.9, {}],
      [3, 6, { hopSeconds: 5 }],
      [5.5, 6, { hopSeconds: 5 }],
      [2.1, 2.3, { hopSeconds: 0.01 }],
    ] as const) {
      const plain = samples.slice(0, length * RATE);
      const other = Float32Array.from(plain, (x, i) => (i >= from * RATE && i < (from + 0.3) * RATE ? -0.4 * x : x));
      assert.notDeepEqual(await answer(other, options), await answer(plain, options), `${from} of ${length}`);
    }
    model.dispose();
  });

  it('answers the first window of a long clip as evaluation answered the clip', async () => {
    const model = modelOf();
    for (const seconds of [3, 4.7, 6]) {
      const samples = long.subarray(0, seconds * RATE);
      const { windows } = await model.predict({ samples, sampleRateHz: RATE });
      assert.ok(windows.length > 1);
      assert.deepEqual(values(windows[0]), evaluated(samples));
    }
    model.dispose();
  });

  it('takes windows as wide as its network, whatever that takes', async () => {
    for (const [frames, longest] of [
      [40, '0.93'],
      [130, '3.02'],
    ] as const) {
      const shape = { bands: 128, frames, classes: 3, seed: 4 };
      const model = new EmotionModel(
        { network: originalNetwork(shape, sizes), settings: { ...settings(), frames } },
        backend,
      );
      const audio = { samples: long.subarray(0, 5 * RATE), sampleRateHz: RATE };
      const { windows } = await model.predict(audio);
      const width = Math.floor((10 * frames * 512) / RATE) / 10;
      for (const w of windows) assert.ok(Math.abs(w.endSeconds - w.startSeconds - width) < 1e-4, `${width}`);
      await assert.rejects(model.predict(audio, { windowSeconds: Number(longest) + 0.01 }), {
        name: 'UsageError',
        message: new RegExp(`what the network takes, ${longest} s`),
      });
      model.dispose();
    }
  });

  it('gives answers below a threshold as uncertain, with what they would have been, those about windows too', async () => {
    const model = modelOf();
    const audio = { samples: long, sampleRateHz: RATE };
    const plain = await model.predict(audio);
    const all = [plain, ...plain.windows];
    assert.ok(all.every((answer) => !('likeliest' in answer)));
    // A threshold between the answers, at one of them: this one is not below it.
    const threshold = all.map(({ probability }) => probability).sort((a, b) => a - b)[2];
    const judged = await model.predict(audio, { uncertainBelow: threshold });
    for (const [i, answer] of [judged, ...judged.windows].entries()) {
      const { emotion, probability, probabilities } = all[i];
      const expected = probability < threshold ? ['uncertain', emotion] : [emotion, undefined];
      assert.deepEqual([answer.emotion, answer.likeliest], expected);
      assert.deepEqual([answer.probability, answer.probabilities], [probability, probabilities]);
    }
    assert.equal([judged, ...judged.windows].filter(({ emotion }) => emotion === 'uncertain').length, 2);
    assert.deepEqual(await model.predict(audio, { uncertainBelow: 0 }), plain);
    const [certain] = [await model.predict(audio, { uncertainBelow: 1 })];
    assert.equal(certain.emotion, 'uncertain');
    for await (const answer of model.predictFiles([CLIPS[0]], { uncertainBelow: 1 }))
      assert.ok('emotion' in answer && answer.emotion === 'uncertain' && LABELS.includes(answer.likeliest!));
    model.dispose();
  });

  it('refuses a path where it has no decoder', async () => {
    const model = new EmotionModel({ network: network(), settings: settings() }, backend);
    await assert.rejects(model.predict(CLIPS[0]), {
      name: 'UsageError',
      message: /made without a decoder; give samples/,
    });
    model.dispose();
  });

  it('refuses options out of range, before it reads anything', async () => {
    const model = modelOf();
    const cases: [options: object, message: RegExp][] = [
      [
        { windowSeconds: 0.05 },
        /window must be between 0\.1 s and what the network takes, 2\.02 s, current value is 0/,
      ],
      [{ windowSeconds: 2.1 }, /current value is 2\.1/],
      [{ windowSeconds: Number.NaN }, /current value is NaN/],
      [{ hopSeconds: 0 }, /hop must be at least 0\.01 s, current value is 0/],
      [{ hopSeconds: Number.POSITIVE_INFINITY }, /current value is Infinity/],
      [{ uncertainBelow: 1.1 }, /the threshold must be a probability from 0 to 1, current value is 1\.1/],
      [{ uncertainBelow: Number.NaN }, /current value is NaN/],
    ];
    for (const [options, message] of cases) {
      await assert.rejects(model.predict('none.wav', options), { name: 'UsageError', message });
      await assert.rejects(model.predictFiles(['none.wav'], options).next(), { name: 'UsageError', message });
    }
    model.dispose();
  });

  it('gives the same for a file and for its samples, and for two equal channels', async () => {
    const model = modelOf();
    const samples = Array.from(long.subarray(0, RATE), (x) => Math.round(x * 32767) / 32767);
    const [mono, stereo] = [join(root, 'mono.wav'), join(root, 'stereo.wav')];
    writeFileSync(mono, wav(samples, { sampleRateHz: RATE }));
    writeFileSync(
      stereo,
      wav(
        samples.flatMap((x) => [x, x]),
        { sampleRateHz: RATE, channels: 2 },
      ),
    );
    const expected = await model.predict(await decodeFile(mono));
    assert.deepEqual(await model.predict(mono), expected);
    assert.deepEqual(values(await model.predict(stereo)), values(expected));
    model.dispose();
  });

  it('resamples: a tone at 44,100 Hz gives nearly what it gives at 22,050 Hz', async () => {
    const model = modelOf();
    const tone = (rate: number) => Float32Array.from({ length: 1.5 * rate }, (_, i) => Math.sin((i * 3000) / rate) / 2);
    const a = await model.predict({ samples: tone(RATE), sampleRateHz: RATE });
    const b = await model.predict({ samples: tone(44100), sampleRateHz: 44100 });
    assert.equal(b.endSeconds, 1.5);
    for (const [i, p] of values(a).entries()) assert.ok(Math.abs(p - values(b)[i]) < 0.02);
    model.dispose();
  });

  it('refuses samples that are none: empty, silent, not finite, of an impossible rate', async () => {
    const model = modelOf();
    const samples = long.subarray(0, 3000);
    const cases: [audio: { samples: Float32Array; sampleRateHz: number }, message: RegExp][] = [
      [{ samples: new Float32Array(), sampleRateHz: RATE }, /the given samples: there are none/],
      [{ samples: new Float32Array(3000), sampleRateHz: RATE }, /the given samples: silent/],
      [
        { samples: long.subarray(0, RATE / 10), sampleRateHz: RATE },
        /the given samples: too short: a recording must be longer than 0\.1 s to hold an emotion, this one has 0\.10 s/,
      ],
      [{ samples: Float32Array.of(0.5), sampleRateHz: RATE }, /too short: .*this one has 0\.000045 s/],
      [{ samples: Float32Array.of(0.5, Number.NaN), sampleRateHz: RATE }, /sample 1 is not a finite number.*NaN/],
      [{ samples, sampleRateHz: 0 }, /the sample rate must be from 4000 to 384000 Hz, current value is 0/],
      [{ samples, sampleRateHz: 3999 }, /current value is 3999/],
      [{ samples, sampleRateHz: 400_000 }, /current value is 400000/],
      [{ samples, sampleRateHz: Number.NaN }, /current value is NaN/],
    ];
    for (const [audio, message] of cases) await assert.rejects(model.predict(audio), { name: 'InputError', message });
    await assert.rejects(model.predict('none.wav'), { name: 'InputError', message: /there is no such file/ });
    model.dispose();
  });

  it('takes arrays of numbers, typed arrays of floats and what browsers decode, and gives the same', async () => {
    const model = modelOf();
    const samples = long.slice(0, RATE);
    const expected = await model.predict({ samples, sampleRateHz: RATE });
    for (const others of [Array.from(samples), Float64Array.from(samples)])
      assert.deepEqual(await model.predict({ samples: others, sampleRateHz: RATE }), expected);
    const buffer = (...channels: Float32Array[]) => ({
      numberOfChannels: channels.length,
      sampleRate: RATE,
      getChannelData: (channel: number) => channels[channel],
    });
    assert.deepEqual(await model.predict(buffer(samples)), expected);
    // Two channels are mixed to their mean.
    const [left, right] = [samples.map((x) => 1.5 * x), samples.map((x) => 0.5 * x)];
    for (const [i, p] of values(await model.predict(buffer(left, right))).entries())
      assert.ok(Math.abs(p - values(expected)[i]) < 1e-5);
    const [lazy] = [await model.predictEach([() => buffer(samples)]).next()];
    assert.deepEqual(lazy.value, expected);
    model.dispose();
  });

  it('refuses integers, and what is no array of numbers', async () => {
    const model = modelOf();
    const integers = Int16Array.from(long.subarray(0, RATE), (x) => Math.round(x * 32767));
    const FLOATS = 'the given samples: they must be floats in [-1, 1]';
    const peak = Math.max(...integers.map(Math.abs));
    for (const [samples, message] of [
      [
        integers,
        `${FLOATS}, as an array of numbers or a typed array of floats, current kind is Int16Array; divide integers of 16 bits by 32768`,
      ],
      [Uint8Array.from([128, 130]), /current kind is Uint8Array; divide/],
      [Array.from(integers), `${FLOATS}, current ones are integers up to ${peak}; divide integers of 16 bits by 32768`],
      [Float32Array.from(integers), /current ones are integers up to/],
      ['hello', /current kind is String$/],
      [undefined, /current kind is Undefined$/],
      [new ArrayBuffer(8), /current kind is ArrayBuffer$/],
      [['a', 0.5], /sample 0 is not a finite number, its value is a$/],
      [[0.5, undefined], /sample 1 is not a finite number, its value is undefined$/],
    ] as const)
      await assert.rejects(model.predict({ samples, sampleRateHz: RATE } as never), { name: 'InputError', message });
    await assert.rejects(model.predict({ numberOfChannels: 0, sampleRate: RATE, getChannelData: () => long }), {
      name: 'InputError',
      message: 'the given samples: there must be at least one channel, current number is 0',
    });
    model.dispose();
  });

  it("uses the training set's statistics where the model is normalised by them", async () => {
    const [byTrain, byClip] = [modelOf('train'), modelOf()];
    const samples = long.subarray(0, RATE);
    const { matrix } = createFeatureExtractor(MEL_DEFAULTS)({
      samples,
      sampleRateHz: RATE,
      channels: 1,
      durationSeconds: 1,
    });
    const net = network();
    const input = normalisedInput(matrix, settings('train').trainStatistics!, { frames: FRAMES });
    const expected = answerTo(net, input);
    assert.deepEqual(values(await byTrain.predict({ samples, sampleRateHz: RATE })), expected);
    assert.notDeepEqual(values(await byClip.predict({ samples, sampleRateHz: RATE })), expected);
    for (const one of [byTrain, byClip, net]) one.dispose();
  });

  it("predictFiles() takes all recordings as one speaker's where the model is normalised by speaker", async () => {
    const model = modelOf('speaker');
    const results = [];
    for await (const result of model.predictFiles(CLIPS)) results.push(result);
    const extract = createFeatureExtractor(MEL_DEFAULTS);
    const matrix = await Promise.all(CLIPS.map(async (path) => extract(await decodeFile(path)).matrix));
    const statistics = bandStatistics(matrix);
    const net = network();
    for (const [i, result] of results.entries()) {
      const input = normalisedInput(matrix[i], statistics, { frames: FRAMES });
      assert.ok('emotion' in result);
      assert.deepEqual(values(result), answerTo(net, input));
    }
    // Alone, a recording is its own speaker.
    assert.notDeepEqual(values(await model.predict(CLIPS[0])), values(results[0] as Prediction));
    net.dispose();
    model.dispose();
  });

  it('refuses to answer where the network cannot be computed, or answers with something else than numbers', async () => {
    const audio = { samples: long, sampleRateHz: RATE };
    const broken = network();
    broken.setWeights(broken.getWeights().map((weight) => tf.fill(weight.shape, Number.NaN)));
    await assert.rejects(new EmotionModel({ network: broken, settings: settings() }, backend).predict(audio), {
      name: 'InputError',
      message: 'Cannot use the model: it answers with something else than numbers; its weights are damaged',
    });
    broken.dispose();
    await assert.rejects(new EmotionModel({ network: broken, settings: settings() }, backend).predict(audio), {
      name: 'InputError',
      message: /^Cannot use the model: its network cannot be computed: .*disposed/,
    });
  });

  it('predictFiles() yields reasons in place, whatever the normalisation', async () => {
    writeFileSync(join(root, 'bad.wav'), 'no recording');
    for (const normalisation of ['clip', 'speaker'] as const) {
      const model = modelOf(normalisation);
      const results = [];
      for await (const result of model.predictFiles([join(root, 'bad.wav'), CLIPS[0], join(root, 'none.wav')]))
        results.push('reason' in result ? result.reason.replace(root, '') : result.emotion.length > 0);
      assert.match(String(results[0]), /^[\\/]bad\.wav: not a recording/);
      assert.equal(results[1], true);
      assert.match(String(results[2]), /^\/none\.wav: there is no such file/);
      const [none] = [await model.predictFiles([join(root, 'none.wav')]).next()];
      assert.ok('reason' in none.value!);
      model.dispose();
    }
  });

  it('predictFiles() gives each of many recordings what predict() gives it alone', async () => {
    const [bad, minute] = [join(root, 'no sound.wav'), join(root, 'long.wav')];
    writeFileSync(bad, 'no recording');
    writeFileSync(minute, wav([...long], { sampleRateHz: RATE }));
    // More than the network takes together, with a long one and unusable ones among them, first, and last.
    const paths = [bad, ...CLIPS, minute, ...Array.from({ length: 19 }, (_, i) => CLIPS[i % 3]), bad, CLIPS[2], bad];
    const model = modelOf();
    const results = [];
    for await (const result of model.predictFiles(paths, { hopSeconds: 0.5 })) results.push(result);
    assert.deepEqual(
      results.map(({ path }) => path),
      paths,
    );
    for (const { path, ...result } of results) {
      if (path === bad) assert.ok('reason' in result && result.reason.includes('not a recording'));
      else assert.deepEqual(result, await model.predict(path, { hopSeconds: 0.5 }));
    }
    model.dispose();
  });

  it('predictEach() asks for each recording when its turn comes, and gives what predict() gives', async () => {
    for (const normalisation of ['clip', 'speaker'] as const) {
      const model = modelOf(normalisation);
      const asked: number[] = [];
      const audio = (i: number) => ({ samples: long.subarray(i * 1000, i * 1000 + 2 * RATE), sampleRateHz: RATE });
      const recordings = Array.from({ length: 40 }, (_, i) => () => {
        asked.push(i);
        return i % 2 === 0 ? audio(i) : Promise.resolve(i === 7 ? CLIPS[0] : audio(i));
      });
      const answers = [];
      for await (const answer of model.predictEach([CLIPS[1], ...recordings])) {
        // The first answer comes before all are asked for: sixteen go through the network together.
        if (answers.length === 0 && normalisation === 'clip') assert.equal(asked.length, 15);
        answers.push(answer);
      }
      // By speaker, statistics need a first pass.
      const order = recordings.map((_, i) => i);
      assert.deepEqual(asked, normalisation === 'clip' ? order : [...order, ...order]);
      if (normalisation === 'clip')
        for (const i of [0, 6, 39]) assert.deepEqual(answers[i + 1], await model.predict(audio(i)));
      const files = [];
      for await (const file of model.predictFiles([CLIPS[1], CLIPS[0]])) files.push(file);
      if (normalisation === 'clip') assert.deepEqual(files[1], { path: CLIPS[0], ...answers[8] });
      model.dispose();
    }
  });

  it('predictEach() yields a reason for what is no sound, and passes on any other error', async () => {
    const model = modelOf();
    const silent = () => ({ samples: new Float32Array(3000), sampleRateHz: RATE });
    const [answer] = [await model.predictEach([silent]).next()];
    assert.match((answer.value as { reason: string }).reason, /the given samples: silent/);
    const broken = () => {
      throw new TypeError('broken');
    };
    await assert.rejects(model.predictEach([broken]).next(), { name: 'TypeError', message: 'broken' });
    model.dispose();
  });

  it('loadModel() gives a model that predicts as before it was saved, and leaks no tensors', async () => {
    const net = network();
    const { format, weightsSha256, ...given } = settings();
    await saveBundle(join(root, 'model'), net, given);
    const before = await new EmotionModel({ network: net, settings: settings() }, backend, {
      decode: decodeFile,
    }).predict(CLIPS[1]);
    net.dispose();
    const tensors = tf.memory().numTensors;
    const model = await loadModel(join(root, 'model'), { backend: 'wasm' });
    assert.deepEqual(await model.predict(CLIPS[1]), before);
    assert.deepEqual([model.backend.name, model.settings.labels], ['wasm', LABELS]);
    model.dispose();
    assert.equal(tf.memory().numTensors, tensors);
    // By its run's folder, and by its model.json, as well.
    for (const path of [root, join(root, 'model', 'model.json'), `${join(root, 'model')}/`]) {
      const same = await loadModel(path, { backend: 'wasm' });
      assert.deepEqual(await same.predict(CLIPS[1]), before);
      same.dispose();
    }
    await assert.rejects(loadModel(join(root, 'none'), { backend: 'wasm' }), {
      name: 'InputError',
      message: /there is no model\.json; give the folder of a finished run, or of its model$/,
    });
    await assert.rejects(loadModel(join(root, 'none', 'model.json'), { backend: 'wasm' }), {
      name: 'InputError',
      message: /no model\.json/,
    });
  });
});
