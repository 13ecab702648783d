import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadModel } from '../../src/model/load.js';
import { configFor, RUN_DEFAULTS } from '../../src/run/config.js';
import { readRun } from '../../src/run/finished.js';
import { run } from '../../src/run/run.js';
import { BACKEND, ser, smallCorpus } from '../cli/ser.js';

describe('a run with functionals', function () {
  this.timeout(120_000);
  const root = mkdtempSync(join(tmpdir(), 'ser-'));
  const [data, directory] = [join(root, 'small'), join(root, 'run')];
  const options = { backend: BACKEND, cacheDirectory: join(root, 'cache') } as const;
  before(async () => {
    const speakers = ['03', '08', '09', '10', '13', '14'];
    smallCorpus(data, { speakers, emotions: ['F', 'N', 'T', 'W'], each: 3 });
    await run(configFor('functionals', { data }), { ...options, directory });
  });
  after(() => rmSync(root, { recursive: true }));

  it('has no epochs, and recognises voices that it has never heard better than guessing', () => {
    const { metrics, bestEpoch, split, clips } = readRun(directory);
    assert.equal(bestEpoch, 0);
    const of = (set: readonly number[]) => new Set(set.map((i) => clips[i].speaker));
    assert.ok([...of(split.test)].every((speaker) => !of(split.train).has(speaker)));
    // Guessing has a quarter.
    assert.ok(metrics.test.uar > 0.4, `${metrics.test.uar}`);
  });

  it('shows in its report which descriptors speak for which emotion', () => {
    assert.ok(existsSync(join(directory, 'figures/descriptors.png')));
    const report = readFileSync(join(directory, 'report.html'), 'utf8');
    assert.match(report, /Which descriptors speak for which emotion/);
    assert.match(report, /pitch: (mean|deviation|high|low)/);
  });

  it('leaves a model that answers a recording as it was evaluated, and a long one in windows as well', async () => {
    const { clips, labels, split, probabilities } = readRun(directory);
    const model = await loadModel(join(directory, 'model'), { backend: BACKEND });
    for (const i of split.test.slice(0, 3)) {
      const prediction = await model.predict(clips[i].path);
      for (const [c, label] of labels.entries())
        assert.ok(Math.abs(prediction.probabilities[label] - probabilities[i * labels.length + c]) < 1e-5);
    }
    const samples = Float32Array.from({ length: 5 * 16000 }, (_, i) => Math.sin(i / 12) * Math.sin(i / 900));
    const { windows } = await model.predict({ samples, sampleRateHz: 16000 });
    assert.deepEqual(
      windows.map(({ startSeconds }) => startSeconds),
      [0, 1, 2, 3],
    );
    model.dispose();
  });

  it('refuses other features than functionals', async () => {
    await assert.rejects(
      run({ ...RUN_DEFAULTS, data, network: 'functionals' }, { ...options, directory: join(root, 'x') }),
      {
        name: 'UsageError',
        message: /the network functionals takes the features functionals, current value is mel; see configFor\(\)/,
      },
    );
    assert.ok(!existsSync(join(root, 'x')));
  });

  it('is one option of the command, which its help explains', async () => {
    const { stdout: help } = await ser(['run', '--help']);
    assert.match(help, /functionals +the baseline: a linear layer on statistics/);
    const out = join(root, 'command');
    const args = ['run', '--data', data, '--network', 'functionals', '--out', out, '--backend', BACKEND];
    const { code, stdout, stderr } = await ser(args, { env: { SPEECH_EMOTION_FEATURE_CACHE: options.cacheDirectory } });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^train: /);
    assert.deepEqual(readRun(out).config, configFor('functionals', { data }));
    const predicted = await ser(['predict', join(data, '03a01Fa.flac'), '--model', out, '--csv']);
    assert.equal(predicted.code, 0, predicted.stderr);
    assert.match(predicted.stdout, /03a01Fa\.flac,2,/);
  });
});
