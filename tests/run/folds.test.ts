import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Papa from 'papaparse';
import { evaluate } from '../../src/evaluation/metrics.js';
import { configFor, RUN_DEFAULTS } from '../../src/run/config.js';
import { holdsFolds, resumeFolds, runFolds } from '../../src/run/folds.js';
import type { RunOptions } from '../../src/run/run.js';
import { readRun } from '../../src/run/saved.js';
import { BACKEND, ser, smallCorpus } from '../cli/ser.js';

describe('runFolds()', function () {
  this.timeout(120_000);
  const root = mkdtempSync(join(tmpdir(), 'ser-'));
  const data = join(root, 'small');
  const speakers = ['03', '08', '09', '10'];
  const options: RunOptions = { backend: BACKEND, cacheDirectory: join(root, 'cache') };
  before(() => {
    smallCorpus(data, { speakers, emotions: ['F', 'T', 'W'], each: 2 });
  });
  after(() => rmSync(root, { recursive: true }));

  it('tests with every speaker once, with a network that has not heard this one, and puts the answers together', async () => {
    const directory = join(root, 'folds');
    const { folds, pooled } = await runFolds(configFor('encoder', { data }), { ...options, directory });
    assert.ok(holdsFolds(directory));
    assert.deepEqual(
      folds.map(({ speaker }) => speaker),
      speakers,
    );
    for (const { speaker, test } of folds) {
      const { clips, split, metrics } = readRun(join(directory, speaker));
      assert.ok(split.test.every((i) => clips[i].speaker === speaker));
      assert.ok([...split.train, ...split.validation].every((i) => clips[i].speaker !== speaker));
      assert.deepEqual(test, metrics.test);
    }
    // The pooled figures, computed again from the answers.
    const text = readFileSync(join(directory, 'predictions.csv'), 'utf8');
    const rows = Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true }).data;
    const labels = ['anger', 'happiness', 'sadness'];
    assert.equal(rows.length, 24);
    assert.equal(new Set(rows.map(({ path }) => path)).size, 24);
    const probabilities = Float32Array.from(rows.flatMap((row) => labels.map((label) => Number(row[label]))));
    assert.deepEqual(
      evaluate(
        rows.map((row) => labels.indexOf(row.true)),
        probabilities,
        labels,
      ),
      pooled!.metrics,
    );
    assert.ok(pooled!.metrics.uar > 0.5, `${pooled!.metrics.uar}`);
    assert.ok(pooled!.calibrationError >= 0 && pooled!.calibrationError < 0.5);
    const saved = JSON.parse(readFileSync(join(directory, 'metrics.json'), 'utf8'));
    assert.deepEqual(saved.metrics, pooled!.metrics);
    const report = readFileSync(join(directory, 'report.html'), 'utf8');
    assert.match(report, /4 networks, each trained without one speaker/);
    for (const heading of ['Reliability', 'Accuracy by coverage']) assert.ok(report.includes(`<h2>${heading}</h2>`));
  });

  it('goes on after an interruption with what is missing, and gives the same', async () => {
    const directory = join(root, 'interrupted');
    const config = { ...RUN_DEFAULTS, data, epochs: 2, sizes: { filters: [4], denseUnits: [] } };
    const whole = await runFolds(config, { ...options, directory: join(root, 'whole') });
    const controller = new AbortController();
    const reporter = {
      say: (line: string) => line.startsWith('Fold 3 of 4') && controller.abort(),
      progress: () => ({ update() {}, stop() {} }),
      epoch() {},
    };
    const first = await runFolds(config, { ...options, directory, reporter, signal: controller.signal });
    assert.deepEqual([first.folds.length, first.pooled], [2, undefined]);
    assert.ok(!existsSync(join(directory, 'metrics.json')));
    const model = join(directory, '03', 'model', 'model.json');
    const before = statSync(model).mtimeMs;
    const second = await resumeFolds(directory, options);
    assert.deepEqual(second.pooled, whole.pooled);
    assert.equal(statSync(model).mtimeMs, before);
  });

  it('refuses other protocols, chosen speakers, and a single speaker', async () => {
    for (const change of [{ protocol: 'text' as const }, { testSpeakers: ['03'] }])
      await assert.rejects(
        runFolds({ ...RUN_DEFAULTS, data, ...change }, { ...options, directory: join(root, 'no') }),
        {
          name: 'UsageError',
          message: /the protocol must be speaker, and neither test speakers nor sets be given/,
        },
      );
    const alone = join(root, 'alone');
    smallCorpus(alone, { speakers: ['03'], emotions: ['F', 'T'], each: 2 });
    await assert.rejects(runFolds({ ...RUN_DEFAULTS, data: alone }, { ...options, directory: join(root, 'no') }), {
      name: 'InputError',
      message: /there must be at least 2, and there is only 03/,
    });
    assert.ok(!existsSync(join(root, 'no')));
  });

  it('is an option of the command, which names each speaker and all', async () => {
    const out = join(root, 'command');
    const args = ['run', '--data', data, '--network', 'encoder', '--folds', '--backend', BACKEND, '--out', out];
    const { code, stdout, stderr } = await ser(args);
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /^03: +UAR .*\n08: .*\n09: .*\n10: .*\nall: +UAR [\d.]+ % .*calibration error [\d.]+ %\nEvery clip was/,
    );
    assert.deepEqual(readdirSync(out).sort(), [
      ...speakers,
      'folds.json',
      'metrics.json',
      'predictions.csv',
      'report.html',
    ]);
    const again = await ser(['run', '--resume', out, '--backend', BACKEND]);
    assert.deepEqual([again.code, again.stdout], [0, stdout], again.stderr);
  });
});
