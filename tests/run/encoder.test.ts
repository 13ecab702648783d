import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeFile } from '../../src/audio/decode-file.js';
import { mean } from '../../src/common/statistics.js';
import { loadBundle } from '../../src/model/bundle-files.js';
import { EmotionModel } from '../../src/model/emotion-model.js';
import { loadModel } from '../../src/model/load.js';
import { configFor, RUN_DEFAULTS } from '../../src/run/config.js';
import { readRun } from '../../src/run/finished.js';
import { type RunOptions, run } from '../../src/run/run.js';
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

  it('refuses copies for a network without an encoder', async () => {
    for (const refused of [
      configFor('compact', { speeds: [0.9] }),
      configFor('encoder', { speeds: [0.9], normalise: 'train' }),
    ])
      await assert.rejects(run({ ...refused, data }, { ...options, directory: join(root, 'refused') }), {
        name: 'UsageError',
        message: /only a network with an encoder, normalised by none, learns from copies at other speeds/,
      });
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
    const { code, stdout, stderr } = await ser(args);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^train: /);
    const { config } = readRun(join(root, 'command'));
    assert.deepEqual(config, { ...configFor('encoder', { data }) });
    const predicted = await ser(['predict', join(data, '03a01Fa.flac'), '--model', join(root, 'command'), '--csv']);
    assert.equal(predicted.code, 0, predicted.stderr);
    assert.match(predicted.stdout, /03a01Fa\.flac,2,happiness,/);
  });
});
