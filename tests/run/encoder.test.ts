import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeFile } from '../../src/audio/decode-file.js';
import { mean } from '../../src/common/statistics.js';
import { underCondition } from '../../src/conditions/under-condition.js';
import { loadCorpus } from '../../src/corpora/corpora.js';
import { vectorsOf } from '../../src/dataset/dataset.js';
import { loadEncoder } from '../../src/encoder/load.js';
import { extractorFor } from '../../src/features/features.js';
import { loadBundle } from '../../src/model/bundle-files.js';
import { EmotionModel } from '../../src/model/emotion-model.js';
import { loadModel } from '../../src/model/load.js';
import { configFor, RUN_DEFAULTS, type RunConfig } from '../../src/run/config.js';
import { readRun } from '../../src/run/finished.js';
import { prepare } from '../../src/run/prepare.js';
import { type RunOptions, run } from '../../src/run/run.js';
import { stress } from '../../src/run/stress.js';
import { BACKEND, ser, smallCorpus } from '../cli/ser.js';

describe('a run with the encoder', function () {
  this.timeout(120_000);
  const root = mkdtempSync(join(tmpdir(), 'ser-'));
  const [data, directory] = [join(root, 'small'), join(root, 'run')];
  const options: RunOptions = { directory, backend: BACKEND, cacheDirectory: join(root, 'cache') };
  const speakers = ['03', '08', '09', '10', '13', '14'];
  before(async () => {
    smallCorpus(data, { speakers, emotions: ['F', 'N', 'T', 'W'], each: 3 });
    await run(configFor('encoder', { data }), options);
  });
  after(() => rmSync(root, { recursive: true }));

  it('has no epochs, and recognises voices that it has never heard', () => {
    const { metrics, history, bestEpoch, split, clips } = readRun(directory);
    assert.deepEqual([history, bestEpoch], [[], 0]);
    const of = (set: readonly number[]) => new Set(set.map((i) => clips[i].speaker));
    assert.ok([...of(split.test)].every((speaker) => !of(split.train).has(speaker)));
    // Guessing has a quarter; LOSO over all of EMO-DB's emotions has nine in ten.
    assert.ok(metrics.test.uar > 0.6, `${metrics.test.uar}`);
    for (const name of ['history.csv', 'figures/history.png', 'checkpoint'])
      assert.ok(!existsSync(join(directory, name)), name);
    assert.match(readFileSync(join(directory, 'report.html'), 'utf8'), /Fitted at once, by a formula/);
    assert.match(readFileSync(join(directory, 'model/MODEL_CARD.md'), 'utf8'), /^base_model: "openai\/whisper-base"$/m);
    for (const extension of ['png', 'html']) assert.ok(existsSync(join(directory, `figures/clip-map.${extension}`)));
  });

  it('leaves a model that answers a recording as it was evaluated, within rounding', async () => {
    const { clips, labels, probabilities, split } = readRun(directory);
    const model = await loadModel(join(directory, 'model'), { backend: BACKEND });
    for (const i of [...split.train.slice(0, 2), ...split.test.slice(0, 2)]) {
      const prediction = await model.predict(clips[i].path);
      assert.equal(prediction.windows.length, 1);
      for (const [c, label] of labels.entries())
        assert.ok(Math.abs(prediction.probabilities[label] - probabilities[i * labels.length + c]) < 1e-3);
    }
    // It has learnt from the validation set in the end, whose figures come from one that had not.
    const differences = [];
    for (const i of split.validation) {
      const { probabilities: now } = await model.predict(clips[i].path);
      const own = labels.indexOf(clips[i].emotion);
      differences.push(now[clips[i].emotion] - probabilities[i * labels.length + own]);
    }
    assert.ok(mean(differences) > 0.01, `${differences}`);
    model.dispose();
  });

  it('answers a long recording as a whole in one pass, and window by window', async () => {
    const { clips, labels } = readRun(directory);
    const some = await Promise.all(clips.slice(0, 3).map(({ path }) => decodeFile(path)));
    const samples = Float32Array.from(some.flatMap((each) => [...each.samples]));
    const model = await loadModel(join(directory, 'model'), { backend: BACKEND });
    const { windows, ...whole } = await model.predict({ samples, sampleRateHz: some[0].sampleRateHz });
    assert.deepEqual([whole.startSeconds, Math.round(whole.endSeconds)], [0, 6]);
    assert.equal(windows.length, 5);
    const sum = (probabilities: Readonly<Record<string, number>>) =>
      labels.reduce((a, label) => a + probabilities[label], 0);
    for (const each of [whole, ...windows]) assert.ok(Math.abs(sum(each.probabilities) - 1) < 1e-5);
    // The network takes windows of any length.
    const wide = await model.predict({ samples, sampleRateHz: some[0].sampleRateHz }, { windowSeconds: 4 });
    assert.deepEqual(
      wide.windows.map(({ startSeconds, endSeconds }) => [startSeconds, endSeconds]),
      [
        [0, 4],
        [1, 5],
        [2, 6],
      ],
    );
    model.dispose();
  });

  it('keeps its vectors in the cache, apart from other features', async () => {
    const again = await run(configFor('encoder', { data }), { ...options, directory: join(root, 'again') });
    const original = { ...RUN_DEFAULTS, data, epochs: 1, sizes: { filters: [4], denseUnits: [] } };
    await run(original, { ...options, directory: join(root, 'original') });
    const { metrics } = readRun(directory);
    assert.deepEqual(again.metrics, metrics);
  });

  it('learns from copies at other speeds, and averages its answers over them', async () => {
    const config = configFor('encoder', { data, speeds: [0.85, 1.18] });
    await run(config, { ...options, directory: join(root, 'copies') });
    const { clips, labels, probabilities, split } = readRun(join(root, 'copies'));
    const [single, model] = await Promise.all(
      [directory, join(root, 'copies')].map((each) => loadModel(join(each, 'model'), { backend: BACKEND })),
    );
    assert.deepEqual([single.settings.speeds, model.settings.speeds], [undefined, [0.85, 1.18]]);
    for (const i of split.test.slice(0, 3)) {
      const prediction = await model.predict(clips[i].path);
      for (const [c, label] of labels.entries())
        assert.ok(Math.abs(prediction.probabilities[label] - probabilities[i * labels.length + c]) < 1e-3);
    }
    // Windows of all copies are of the same stretch of sound: a recording twice over sounds the same in both halves.
    const { samples, sampleRateHz } = await decodeFile(clips[split.test[0]].path);
    const twice = Float32Array.from([...samples, ...samples]);
    const { windows } = await model.predict({ samples: twice, sampleRateHz }, { hopSeconds: 2 });
    assert.equal(windows.length, 2);
    assert.equal(windows[0].emotion, windows[1].emotion);
    single.dispose();
    model.dispose();
  });

  it('learns from copies under conditions, beside those at other speeds, and answers recordings as they are', async () => {
    const conditions = ['telephone', 'white-noise-10dB'];
    const config = configFor('encoder', { data, speeds: [1.18], conditions, seed: 3 });
    const corpus = await loadCorpus(data);
    const { cacheDirectory } = options;
    const [without, one, two] = [
      await prepare({ ...config, conditions: [] }, corpus, { cacheDirectory }),
      await prepare(config, corpus, { cacheDirectory: join(root, 'cache of one'), workers: 1 }),
      await prepare(config, corpus, { cacheDirectory, workers: 2 }),
    ];
    const cached = await prepare(config, corpus, { cacheDirectory });
    const { values, size } = vectorsOf(two.copies!);
    // Speeds and conditions, but no speed under a condition; from the cache, they are the same to the last bit.
    const block = two.clips.length * size;
    assert.equal(values.length, 4 * block);
    assert.deepEqual(vectorsOf(cached.copies!).values, values);
    assert.deepEqual(vectorsOf(two.dataset), vectorsOf(without.dataset));
    assert.deepEqual(values.subarray(0, 2 * block), vectorsOf(without.copies!).values);
    // The backend rounds by the order of its work; what was drawn is the same.
    const close = (a: Float32Array, b: Float32Array) =>
      assert.ok(a.every((value, i) => Math.abs(value - b[i]) < 1e-3) && a.length === b.length);
    close(vectorsOf(one.copies!).values, values);
    const encoder = await loadEncoder('whisper-base-3');
    const extract = extractorFor(config.features);
    for (const [c, name] of conditions.entries()) {
      const recording = await decodeFile(two.clips[5].path);
      const [{ matrix }] = encoder.vectors([extract(underCondition(recording, { name, seed: 3 }))]);
      close(matrix.values, values.subarray((2 + c) * block + 5 * size, (2 + c) * block + 6 * size));
    }
    encoder.dispose();
  });

  it('tells of the conditions that it has learnt from', async () => {
    const conditions = ['telephone', 'white-noise-10dB'];
    const folder = join(root, 'conditions');
    await run(configFor('encoder', { data, conditions }), { ...options, directory: folder });
    const { clips, labels, probabilities, split } = readRun(folder);
    const model = await loadModel(join(folder, 'model'), { backend: BACKEND });
    assert.deepEqual([model.settings.trainedOn.conditions, model.settings.speeds], [conditions, undefined]);
    const plain = readRun(directory);
    assert.deepEqual(plain.split, split);
    assert.notDeepEqual(plain.probabilities, probabilities);
    for (const i of split.test.slice(0, 2)) {
      const prediction = await model.predict(clips[i].path);
      for (const [c, label] of labels.entries())
        assert.ok(Math.abs(prediction.probabilities[label] - probabilities[i * labels.length + c]) < 1e-3);
    }
    model.dispose();
    const text = (path: string) => readFileSync(join(folder, path), 'utf8');
    const copies =
      /copies of it under these conditions: telephone \(300 to 3,400 Hz at 8 kHz, µ-law\), white-noise-10dB \(white noise 10 dB below the speech\)\./;
    for (const path of ['report.html', 'model/MODEL_CARD.md']) {
      assert.match(text(path), copies);
      assert.match(text(path), /--network encoder --conditions telephone,white-noise-10dB --out/);
    }
    await stress(folder, { only: ['telephone'], backend: BACKEND });
    assert.match(text('stress.html'), /learnt from copies under telephone, white-noise-10dB, too/);
    await stress(directory, { only: ['telephone'], backend: BACKEND });
    assert.doesNotMatch(readFileSync(join(directory, 'stress.html'), 'utf8'), /learnt from copies/);
  });

  it('normalises by speaker, copies by those of their kind, and then answers several recordings of a speaker alone', async () => {
    const folder = join(root, 'by speaker');
    const config = configFor('encoder', { data, normalise: 'speaker', speeds: [1.18], conditions: ['telephone'] });
    await run(config, { ...options, directory: folder });
    const { clips, labels, probabilities, split } = readRun(folder);
    const { copies } = await prepare(config, await loadCorpus(data), options);
    const { values, size } = vectorsOf(copies!);
    for (let kind = 0; kind < 3; kind++)
      for (const speaker of speakers) {
        const rows = [...clips.keys()].filter((i) => clips[i].speaker === speaker);
        for (const k of [0, 100, size - 1]) {
          const numbers = rows.map((i) => values[(kind * clips.length + i) * size + k]);
          assert.ok(Math.abs(mean(numbers)) < 1e-4);
          assert.ok(Math.abs(mean(numbers.map((number) => number ** 2)) - 1) < 1e-4);
        }
      }
    const model = await loadModel(join(folder, 'model'), { backend: BACKEND });
    const own = split.test.filter((i) => clips[i].speaker === clips[split.test[0]].speaker);
    const answers = [];
    for await (const answer of model.predictFiles(own.map((i) => clips[i].path))) answers.push(answer);
    for (const [a, i] of own.entries()) {
      const answer = answers[a];
      assert.ok('probabilities' in answer);
      for (const [c, label] of labels.entries())
        assert.ok(Math.abs(answer.probabilities[label] - probabilities[i * labels.length + c]) < 1e-2);
    }
    await assert.rejects(model.predict(clips[own[0]].path), {
      name: 'InputError',
      message: /^Cannot normalise by speaker: .* there must be at least 2 in one call, current number is 1$/,
    });
    model.dispose();
  });

  it('refuses copies for a network without an encoder', async () => {
    const asked: readonly [Partial<RunConfig>, string][] = [
      [{ speeds: [0.9] }, 'at other speeds'],
      [{ conditions: ['telephone'] }, 'under conditions'],
    ];
    for (const [copies, which] of asked)
      for (const refused of [configFor('compact', copies), configFor('encoder', { ...copies, normalise: 'train' })])
        await assert.rejects(run({ ...refused, data }, { ...options, directory: join(root, 'refused') }), {
          name: 'UsageError',
          message: new RegExp(
            `only a network with an encoder, normalised by none or by speaker, learns from copies ${which}; current`,
          ),
        });
    await assert.rejects(
      run(configFor('encoder', { data, conditions: ['rain'] }), { ...options, directory: join(root, 'refused') }),
      {
        name: 'UsageError',
        message: /expected one of white-noise-20dB, .*, current value is rain .*conditions\[0\]/,
      },
    );
    await assert.rejects(
      run(configFor('encoder', { data, speeds: [3] }), { ...options, directory: join(root, 'refused') }),
      {
        name: 'UsageError',
        message: /speeds/,
      },
    );
  });

  it('refuses other features than the encoder takes, and a model without its encoder', async () => {
    await assert.rejects(
      run({ ...RUN_DEFAULTS, data, network: 'encoder' }, { ...options, directory: join(root, 'x') }),
      {
        name: 'UsageError',
        message: /the network encoder takes the features logMel, current value is mel; see configFor\(\)/,
      },
    );
    const bundle = await loadBundle(join(directory, 'model'));
    assert.throws(() => new EmotionModel(bundle, { name: 'wasm', tfjs: '', threads: 1 }), {
      name: 'UsageError',
      message: 'Cannot use this model without its encoder: whisper-base-3 must be given',
    });
    assert.throws(() => configFor('deep'), {
      name: 'UsageError',
      message: /no network deep; there are original, time/,
    });
  });

  it('is one option of the command', async () => {
    const args = ['run', '--data', data, '--network', 'encoder', '--out', join(root, 'command'), '--backend', BACKEND];
    args.push('--conditions', 'telephone,tilt+3dB');
    const { code, stdout, stderr } = await ser(args);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^train: /);
    const { config } = readRun(join(root, 'command'));
    assert.deepEqual(config, configFor('encoder', { data, conditions: ['telephone', 'tilt+3dB'] }));
    const predicted = await ser(['predict', join(data, '03a01Fa.flac'), '--model', join(root, 'command'), '--csv']);
    assert.equal(predicted.code, 0, predicted.stderr);
    assert.match(predicted.stdout, /03a01Fa\.flac,2,happiness,/);
  });
});
