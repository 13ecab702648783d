import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Papa from 'papaparse';
import { loadCorpus } from '../../src/corpora/corpora.js';
import { vectorsOf } from '../../src/dataset/dataset.js';
import { subsetOf } from '../../src/dataset/examples.js';
import { evaluate } from '../../src/evaluation/metrics.js';
import { loadBundle } from '../../src/model/bundle-files.js';
import { discriminantLayer } from '../../src/networks/discriminant.js';
import { fittedTemperature } from '../../src/networks/temperature.js';
import { configFor, RUN_DEFAULTS } from '../../src/run/config.js';
import { holdsFolds, readFolds, resumeFolds, runFolds, testedNames } from '../../src/run/folds.js';
import { prepare } from '../../src/run/prepare.js';
import type { RunOptions } from '../../src/run/run.js';
import { BACKEND, EMODB, ser, smallCorpus } from '../cli/ser.js';

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
      folds.map(({ tested }) => tested),
      speakers.map((speaker) => [speaker]),
    );
    for (const [i, { clips, split, metrics }] of readFolds(directory).entries()) {
      const {
        tested: [speaker],
        test,
      } = folds[i];
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

  it('leaves a model that is fitted to all clips, as sure of itself as the answers to those left out allow', async () => {
    const directory = join(root, 'folds');
    const { settings, network } = await loadBundle(join(directory, 'model'));
    const { clips, speakers: heard, languages } = settings.trainedOn;
    assert.deepEqual([clips, heard, languages], [24, 4, ['de']]);
    const card = readFileSync(join(directory, 'model', 'MODEL_CARD.md'), 'utf8');
    assert.match(
      card,
      /fitted to all clips, so that there are no figures of its own.*with one speaker left out at a time/,
    );
    assert.match(card, /\| left out \| [\d.]+ % \|/);
    assert.match(card, /voices of 4 speakers/);
    assert.match(card, /ser run .*--network encoder --folds /);
    assert.ok(!card.includes('undefined'));
    // The same again, from the folds: discriminants of all other speakers, and the temperature that suits their answers.
    const folds = readFolds(directory);
    const prepared = await prepare(folds[0].config, await loadCorpus(data), options);
    const vectors = vectorsOf(prepared.dataset);
    const { targets } = prepared.dataset;
    const layerOf = (rows: readonly number[]) => discriminantLayer(subsetOf(prepared.dataset, rows), 0.3);
    const all = [...targets.keys()];
    const [logits, answers]: [number[], number[]] = [[], []];
    for (const speaker of speakers) {
      const { kernel, bias } = layerOf(all.filter((i) => prepared.clips[i].speaker !== speaker));
      for (const i of all.filter((i) => prepared.clips[i].speaker === speaker)) {
        const vector = vectors!.values.subarray(512 * i, 512 * (i + 1));
        for (const [c, shift] of bias.entries())
          logits.push(vector.reduce((sum, value, k) => sum + value * kernel[3 * k + c], shift));
        answers.push(targets[i]);
      }
    }
    const temperature = fittedTemperature(Float64Array.from(logits), answers);
    const [kernel] = network.getWeights();
    const expected = layerOf(all).kernel;
    const largest = Math.max(...expected.map(Math.abs));
    for (const [i, value] of kernel.dataSync().entries())
      assert.ok(Math.abs(value * temperature - expected[i]) < 1e-5 * largest, `${i}: ${value}`);
    network.dispose();
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
    const model = join(directory, 'fold-01', 'model', 'model.json');
    const before = statSync(model).mtimeMs;
    const second = await resumeFolds(directory, options);
    assert.deepEqual(second.pooled, whole.pooled);
    assert.equal(statSync(model).mtimeMs, before);
  });

  it('leaves none where the network is trained by steps, which a validation set has to end', async () => {
    assert.ok(!existsSync(join(root, 'whole', 'model')));
  });

  it('leaves groups of texts out, and writes no report for each fold', async () => {
    const [texts, directory] = [join(root, 'texts'), join(root, 'text-folds')];
    const names = smallCorpus(texts, { speakers, emotions: ['F', 'T', 'W'], each: 4 });
    const config = { ...configFor('encoder', { data: texts, protocol: 'text' }), groups: 2 };
    const { by, folds, pooled } = await runFolds(config, { ...options, directory });
    assert.equal(by, 'text');
    assert.equal(folds.length, 2);
    assert.equal(new Set(folds.flatMap(({ tested }) => tested)).size, folds.flatMap(({ tested }) => tested).length);
    for (const [i, { clips, split }] of readFolds(directory).entries()) {
      const { tested } = folds[i];
      assert.ok(split.test.every((c) => tested.includes(clips[c].text)));
      assert.ok([...split.train, ...split.validation].every((c) => !tested.includes(clips[c].text)));
    }
    assert.equal(
      pooled!.metrics.confusion.flat().reduce((sum, clips) => sum + clips),
      names.length,
    );
    const report = readFileSync(join(directory, 'report.html'), 'utf8');
    assert.match(report, /one of 2 groups of texts left out at a time/);
    assert.match(report, /2 networks, each trained without some texts and tested with these/);
    assert.ok(!existsSync(join(directory, 'fold-01', 'report.html')));
  });

  it('refuses to go on where the folds are no longer those that were begun', async () => {
    const [small, directory] = [join(root, 'growing'), join(root, 'grown')];
    smallCorpus(small, { speakers: ['08', '09', '10'], emotions: ['F', 'T', 'W'], each: 2 });
    await runFolds(configFor('encoder', { data: small }), { ...options, directory });
    smallCorpus(small, { speakers: ['03'], emotions: ['F', 'T', 'W'], each: 2 });
    await assert.rejects(resumeFolds(directory, options), {
      name: 'InputError',
      message: /fold-01: it was begun with another configuration, e\.g\. because there are other speakers/,
    });
  });

  it('refuses a recording that is on both sides of a fold, before anything is written', async () => {
    const copied = join(root, 'copied');
    smallCorpus(copied);
    copyFileSync(join(EMODB, '03a01Fa.flac'), join(copied, '08a01Fz.flac'));
    await assert.rejects(
      runFolds(configFor('encoder', { data: copied }), { ...options, directory: join(root, 'no') }),
      {
        name: 'InputError',
        message: /03a01Fa.flac \(speaker 03\) and .*08a01Fz.flac \(speaker 08\) are the same recording/,
      },
    );
    assert.ok(!existsSync(join(root, 'no')));
  });

  it('testedNames() gives a few names, or the number of many', () => {
    assert.equal(testedNames('speaker', ['a', 'b']), 'a, b');
    assert.equal(testedNames('text', ['a', 'b', 'c', 'd', 'e', 'f']), '6 texts');
  });

  it('refuses other protocols, chosen speakers, and a single speaker', async () => {
    for (const change of [
      { protocol: 'random' as const },
      { testSpeakers: ['03'] },
      { protocol: 'text' as const, testTexts: ['a01'] },
      { sets: {} },
    ])
      await assert.rejects(
        runFolds({ ...RUN_DEFAULTS, data, ...change }, { ...options, directory: join(root, 'no') }),
        {
          name: 'UsageError',
          message: /the protocol must be speaker or text, and neither test speakers, test texts nor sets be given/,
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
      'checksums.txt',
      'cost.json',
      ...['fold-01', 'fold-02', 'fold-03', 'fold-04'],
      'folds.json',
      'metrics.json',
      'model',
      'predictions.csv',
      'report.html',
    ]);
    assert.match(stderr, /\nTook \d+ s, \d+ s of processor time, \d+ MB of memory at most\.\n$/);
    const again = await ser(['run', '--resume', out, '--backend', BACKEND]);
    assert.deepEqual([again.code, again.stdout], [0, stdout], again.stderr);
  });
});
