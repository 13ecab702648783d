import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Papa from 'papaparse';
import { useBackend } from '../../src/backend/backend.js';
import { evaluate } from '../../src/evaluation/metrics.js';
import { FEATURE_DEFAULTS } from '../../src/features/features.js';
import type { Normalisation } from '../../src/features/normalise.js';
import { saveBundle } from '../../src/model/bundle-files.js';
import { loadModel } from '../../src/model/load.js';
import { originalNetwork } from '../../src/networks/original.js';
import { evaluateModel } from '../../src/run/evaluate-model.js';
import { SILENT } from '../../src/run/reporter.js';
import { wav } from '../audio/wav.js';
import { HAS_LINKS, HAS_SIGNALS } from '../setup/system.js';
import { EMODB, type Outcome, ser, smallCorpus, start } from './ser.js';

const LABELS = ['anger', 'happiness', 'neutral', 'sadness'];

describe('ser evaluate', function () {
  this.timeout(180_000);
  const root = mkdtempSync(join(tmpdir(), 'ser-'));
  const at = (...names: string[]) => join(root, ...names);
  const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
  const command = (...args: string[]) => ser(['evaluate', ...args, '--backend', 'wasm'], { cwd: root });
  const failed = ({ code, stdout, stderr }: Outcome, status: number, message: RegExp) => {
    assert.deepEqual([code, stdout], [status, ''], stderr);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /\n {4}at |fault of the program/);
  };

  /** A network with its first weights, as a run of another corpus keeps one. */
  async function model(name: string, normalisation: Normalisation = 'clip'): Promise<void> {
    const shape = { bands: 128, frames: 87, classes: LABELS.length, seed: 4 };
    const network = originalNetwork(shape, { filters: [8, 4], denseUnits: [6] });
    await saveBundle(at(name, 'model'), network, {
      labels: LABELS,
      features: FEATURE_DEFAULTS,
      input: 'picture',
      frames: shape.frames,
      normalisation,
      answers: 'windows',
      trainedOn: { corpus: 'tess', protocol: 'speaker', seed: 4, network: 'original', clips: 1120 },
      versions: {},
    });
    network.dispose();
  }
  before(async () => {
    await useBackend('wasm');
    await model('first');
    // Boredom is not known to the model; neutral is not in the corpus.
    smallCorpus(at('other'), { speakers: ['11', '12', '13'], emotions: ['F', 'L', 'T', 'W'], each: 2 });
    writeFileSync(at('other', '14a01Wa.wav'), 'no recording');
  });
  after(() => rmSync(root, { recursive: true }));

  it("tests a model with the emotions that both have, names the rest, and writes a run's figures and report", async () => {
    const args = ['first', '--data', 'other', '--max-skipped', '0.1', '--out', 'results/other'];
    const { code, stdout, stderr } = await command(...args);
    assert.equal(code, 0, stderr);
    const result = json(at('results/other/metrics.json'));
    const rows = Papa.parse<Record<string, string>>(readFileSync(at('results/other/predictions.csv'), 'utf8'), {
      header: true,
      skipEmptyLines: true,
    }).data;
    assert.deepEqual(Object.keys(rows[0]), ['path', 'set', 'true', 'predicted', ...LABELS]);
    const tested = readdirSync(at('other')).filter((name) => name.endsWith('.flac') && name[5] !== 'L');
    assert.deepEqual(rows.map(({ path }) => path).sort(), tested.map((name) => `other/${name}`).sort());
    // The figures are those of the answers in the table, which are those of predict.
    const targets = rows.map((row) => LABELS.indexOf(row.true));
    const probabilities = Float32Array.from(rows.flatMap((row) => LABELS.map((label) => Number(row[label]))));
    assert.deepEqual(result.test, evaluate(targets, probabilities, LABELS));
    const loaded = await loadModel(at('first'), { backend: 'wasm' });
    for (const row of [rows[0], rows[9]]) {
      const answer = await loaded.predict(at(row.path));
      assert.equal(row.predicted, answer.emotion);
      for (const label of LABELS)
        assert.equal(Math.fround(Number(row[label])), Math.fround(answer.probabilities[label]));
    }
    loaded.dispose();
    const boredom = readdirSync(at('other')).filter((name) => name[5] === 'L').length;
    assert.deepEqual([result.labels, result.unknown, result.absent], [LABELS, { boredom }, ['neutral']]);
    assert.deepEqual(
      result.skipped.map(({ path }: { path: string }) => path),
      ['other/14a01Wa.wav'],
    );
    // What is said: on the terminal, and in the report.
    assert.match(stdout, /UAR \d+\.\d % {2}accuracy/);
    assert.match(
      stdout,
      new RegExp(`\n${rows.length} clips: emodb in other\\. Guessing would have a UAR of 33\\.3 %\\.\n`),
    );
    assert.match(stdout, new RegExp(`\nLeft out: boredom \\(${boredom} clips\\), which the model does not know\n`));
    assert.match(stdout, /\nNot tested, for want of clips: neutral; such an answer counts as wrong\n/);
    assert.match(stdout, /\nLeft out, as unusable \(1\):\n {2}other\/14a01Wa\.wav: not a recording/);
    assert.match(stdout, /\nReport: results\/other\/report\.html\n$/);
    const report = readFileSync(at('results/other/report.html'), 'utf8');
    for (const text of [
      'first, tested with emodb',
      'trained with 1,120 clips of tess (network original, protocol speaker)',
      `does not know them: boredom (${boredom} clips)`,
      'also knows neutral',
      'ser evaluate first --data other --max-skipped 0.1 --backend wasm --out results/other',
      // Links tell where the recordings are from; Windows has copies in their place.
      ...(HAS_LINKS ? ['cut or padded to exactly 2 s'] : []),
      'other/14a01Wa.wav',
    ])
      assert.ok(report.includes(text), text);
    const figures = readdirSync(at('results/other/figures'));
    for (const name of ['confusion', 'confusion-normalised', 'recall', 'reliability', 'coverage', 'class-balance'])
      for (const ending of ['html', 'png']) assert.ok(figures.includes(`${name}.${ending}`), name);
    assert.deepEqual(readdirSync(at('results/other')).sort(), [
      'environment.json',
      'figures',
      'metrics.json',
      'predictions.csv',
      'report.html',
    ]);
  });

  it('says nothing of the copy that comes with the project of other recordings of that corpus', async () => {
    mkdirSync(at('own'));
    const tone = (hertz: number) =>
      wav(Array.from({ length: 16000 }, (_, i) => Math.sin((i * hertz * 2 * Math.PI) / 16000) / 2));
    for (const [i, name] of ['03a01Fa', '03a01Wa', '08a01Ta'].entries())
      writeFileSync(at('own', `${name}.wav`), tone(200 + 100 * i));
    await evaluateModel(at('first'), { data: at('own'), backend: 'wasm', directory: at('own result') });
    const report = readFileSync(at('own result', 'report.html'), 'utf8');
    assert.ok(report.includes('tested with emodb'));
    assert.doesNotMatch(report, /data\/emodb|exactly 2 s/);
  });

  it("takes a speaker's clips together where the model is normalised by speaker", async () => {
    await model('by speaker', 'speaker');
    const options = { data: at('other'), maxSkipped: 1, backend: 'wasm' } as const;
    const { metrics } = await evaluateModel(at('by speaker'), { ...options, directory: at('together') });
    const loaded = await loadModel(at('by speaker'), { backend: 'wasm' });
    const [names] = [readdirSync(at('other')).filter((name) => name.startsWith('11') && name[5] !== 'L')];
    const rows = Papa.parse<Record<string, string>>(readFileSync(at('together', 'predictions.csv'), 'utf8'), {
      header: true,
      skipEmptyLines: true,
    }).data;
    for await (const answer of loaded.predictFiles(names.map((name) => at('other', name)))) {
      const row = rows.find(({ path }) => path === answer.path)!;
      assert.ok('emotion' in answer && answer.emotion === row.predicted);
    }
    loaded.dispose();
    assert.equal(metrics.perClass.anger.support, 6);
  });

  it('says what is wrong, and leaves nothing behind', async () => {
    failed(await command('first'), 2, /required option '--data <path>' not specified/);
    failed(await command('nowhere', '--data', 'other'), 1, /Cannot load a model from nowhere/);
    failed(await command('first', '--data', 'nowhere'), 1, /No such folder: nowhere/);
    const many = await command('first', '--data', 'other', '--out', 'never');
    failed(many, 1, /1 of \d+ clips are unusable, and at most 1 % may be \(--max-skipped\)/);
    assert.ok(!existsSync(at('never')));
    smallCorpus(at('boring'), { speakers: ['11'], emotions: ['L'], each: 2 });
    await assert.rejects(evaluateModel(at('first'), { data: at('boring'), backend: 'wasm', directory: at('never') }), {
      name: 'InputError',
      message:
        /they must have an emotion in common; the model knows anger, happiness, neutral, sadness, the corpus has boredom$/,
    });
    assert.ok(!existsSync(at('never')));
    const full = evaluateModel(at('first'), { data: at('other'), backend: 'wasm', directory: at('other') });
    await assert.rejects(full, { name: 'InputError', message: /it is not empty; choose another `directory`$/ });
  });

  it('ends cleanly when interrupted, and writes nothing', async function () {
    if (!HAS_SIGNALS) this.skip();
    const controller = new AbortController();
    const reporter = { ...SILENT, progress: () => ({ update: () => controller.abort(), stop() {} }) };
    const options = { data: EMODB, backend: 'wasm', directory: at('interrupted') } as const;
    await assert.rejects(evaluateModel(at('first'), { ...options, reporter, signal: controller.signal }), {
      name: 'AbortError',
    });
    assert.ok(!existsSync(at('interrupted')));
    const running = start(['evaluate', 'first', '--data', EMODB, '--out', 'interrupted', '--backend', 'wasm'], {
      cwd: root,
    });
    await running.until((stderr) => stderr.includes('clips of emodb in'));
    running.kill('SIGINT');
    const { code, stdout, stderr } = await running.done;
    assert.deepEqual([code, stdout], [1, ''], stderr);
    assert.match(stderr, /Interrupted; nothing was written\n$/);
    assert.ok(!existsSync(at('interrupted')));
  });
});
