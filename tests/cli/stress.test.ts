import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Papa from 'papaparse';
import { decodeFile } from '../../src/audio/decode-file.js';
import { deriveSeed, seededRandom } from '../../src/common/random.js';
import { CONDITIONS } from '../../src/conditions/conditions.js';
import { evaluate } from '../../src/evaluation/metrics.js';
import { loadModel } from '../../src/model/load.js';
import { readRun } from '../../src/run/finished.js';
import { stress } from '../../src/run/stress.js';
import { wav } from '../audio/wav.js';
import { HAS_SIGNALS } from '../setup/system.js';
import { BACKEND, type Outcome, ser, smallCorpus, start } from './ser.js';

const ESCAPE = String.fromCharCode(27);
const NAMES = Object.keys(CONDITIONS);
const FILES = ['stress.csv', 'stress.html', 'stress.json'];

describe('ser stress', function () {
  this.timeout(120_000);
  const root = mkdtempSync(join(tmpdir(), 'ser-'));
  const at = (...names: string[]) => join(root, ...names);
  const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
  const command = (...args: string[]) => ser(['stress', ...args, '--backend', BACKEND], { cwd: root });
  const failed = ({ code, stdout, stderr }: Outcome, status: number, message: RegExp) => {
    assert.deepEqual([code, stdout], [status, ''], stderr);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /\n {4}at |fault of the program/);
  };
  before(async () => {
    smallCorpus(at('corpus'));
    for (const [name, normalise] of [
      ['clip', 'clip'],
      ['speaker', 'speaker'],
    ]) {
      const args = ['run', '--data', 'corpus', '--epochs', '3', '--normalise', normalise, '--out', name];
      const { code, stderr } = await ser([...args, '--backend', BACKEND], { cwd: root });
      assert.equal(code, 0, stderr);
    }
  });
  after(() => rmSync(root, { recursive: true }));

  /** In the folder of the runs, whose clips' paths are relative. */
  async function inRoot<T>(action: () => Promise<T>): Promise<T> {
    const before = process.cwd();
    process.chdir(root);
    try {
      return await action();
    } finally {
      process.chdir(before);
    }
  }

  it("tests a run's test part under every condition: a table, no wider than a terminal, and three files", async () => {
    const { code, stdout, stderr } = await command('clip');
    assert.equal(code, 0, stderr);
    const { metrics } = await inRoot(async () => readRun('clip'));
    const lines = stdout.split('\n');
    for (const line of lines) assert.ok([...line].length <= 80, line);
    for (const name of ['clean', ...NAMES]) assert.ok(stdout.includes(`│ ${name} `), name);
    assert.match(stdout, /\n6 clips: test part of clip\n/);
    assert.match(stdout, /\nReport: clip\/stress\.html\n$/);
    assert.ok(!`${stdout}${stderr}`.includes(ESCAPE));
    assert.match(stderr, /recordings 138\/138 /);
    const { clean, conditions, clips, seed, model, backend, leftOut } = json(at('clip', 'stress.json'));
    assert.deepEqual([clips, seed, model, backend.name, leftOut], [6, 42, 'clip', BACKEND, []]);
    assert.equal(clean.uar, metrics.test.uar);
    assert.equal(clean.accuracy, metrics.test.accuracy);
    assert.equal(clean.calibrationError, json(at('clip', 'metrics.json')).calibrationError);
    assert.deepEqual(Object.keys(conditions), NAMES);
    const rows = Papa.parse<Record<string, string>>(readFileSync(at('clip', 'stress.csv'), 'utf8'), {
      header: true,
      skipEmptyLines: true,
    }).data;
    assert.deepEqual(
      rows.map(({ condition, kind }) => [condition, kind]),
      [['clean', ''], ...NAMES.map((name) => [name, CONDITIONS[name].kind])],
    );
    for (const { condition, kind, clips: _, worstClass, ...figures } of rows.slice(1)) {
      const { worstClass: expected, ...numbers } = conditions[condition];
      assert.equal(worstClass, expected);
      assert.deepEqual(
        Object.fromEntries(Object.entries(figures).map(([name, text]) => [name, Number(text)])),
        numbers,
      );
    }
    assert.match(readFileSync(at('clip', 'stress.html'), 'utf8'), /Protocol speaker: no speaker is on two sides/);
  });

  it('gives the same for the same seed, and other noise for another', async () => {
    const noise = async (seed: number) => {
      const out = at(`seed ${seed}`);
      const args = ['--only', 'noise', '--seed', `${seed}`, '--out', out];
      const { code, stderr } = await command('clip', ...args);
      assert.equal(code, 0, stderr);
      return json(join(out, 'stress.json')).conditions;
    };
    const all = json(at('clip', 'stress.json')).conditions;
    const again = await noise(42);
    assert.deepEqual(again, Object.fromEntries(Object.keys(again).map((name) => [name, all[name]])));
    assert.notDeepEqual(await noise(43), again);
  });

  it('answers a clip under a condition as predict() does', async () => {
    const name = 'white-noise-0dB';
    await inRoot(async () => {
      const { conditions } = await stress('clip', { only: [name], backend: BACKEND, out: 'one' });
      const { clips, split, labels } = readRun('clip');
      const model = await loadModel('clip/model', { backend: BACKEND });
      const rows: number[] = [];
      for (const [i, index] of split.test.entries()) {
        const recording = await decodeFile(clips[index].path);
        const random = seededRandom(deriveSeed(42, `${name} ${i}`));
        const samples = CONDITIONS[name].perturb(recording, random);
        const { probabilities } = await model.predict({ samples, sampleRateHz: recording.sampleRateHz });
        rows.push(...labels.map((label) => probabilities[label]));
      }
      model.dispose();
      const targets = split.test.map((index) => labels.indexOf(clips[index].emotion));
      const { uar, accuracy } = evaluate(targets, Float32Array.from(rows), labels);
      assert.deepEqual([conditions[name].uar, conditions[name].accuracy], [uar, accuracy]);
    });
  });

  it("takes a speaker's clips together where the model is normalised by speaker, as its run did", async () => {
    const { code, stderr } = await command('speaker', '--only', 'gain', '--only', 'cut-10ms');
    assert.equal(code, 0, stderr);
    const { clean, conditions } = json(at('speaker', 'stress.json'));
    assert.equal(clean.uar, json(at('speaker', 'metrics.json')).test.uar);
    assert.deepEqual(Object.keys(conditions), ['gain+6dB', 'gain+20dB', 'gain-6dB', 'gain-20dB', 'cut-10ms']);
  });

  it('takes a model and another corpus, and says what it leaves out', async () => {
    smallCorpus(at('other'), { speakers: ['11', '12'], emotions: ['F', 'W', 'L'], each: 1 });
    writeFileSync(at('other', '13a01Wa.wav'), 'no recording');
    // Loud enough as it is, and too soft at a tenth.
    const soft = Array.from({ length: 16000 }, (_, i) => 0.005 * Math.sin(i / 5));
    writeFileSync(at('other', '14a01Wa.wav'), wav(soft, { sampleRateHz: 16000 }));
    const args = ['--data', 'other', '--only', 'gain-20dB', '--out', 'results/other'];
    const { code, stdout, stderr } = await command('clip/model', ...args);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /\n4 clips: emodb in other\n/);
    assert.match(stdout, /\nLeft out \(4\):\n/);
    assert.match(
      stdout,
      /\n {2}2 files: the model does not know its emotion, boredom\n {4}other\/11\S*L\S*\n {4}other\/12\S*L\S*\n/,
    );
    assert.match(stdout, /\n {2}other\/13a01Wa\.wav: not a recording/);
    assert.match(stdout, /\n {2}other\/14a01Wa\.wav: with gain-20dB: silent/);
    assert.deepEqual(readdirSync(at('results', 'other')).sort(), FILES);
    assert.match(readFileSync(at('results/other/stress.html'), 'utf8'), /trained with clips of this corpus \(emodb\)/);
    assert.deepEqual(
      readdirSync(at('clip', 'model')).filter((name) => FILES.includes(name)),
      [],
    );
  });

  it('says what is wrong: conditions, folders, recordings', async () => {
    failed(
      await command('clip', '--only', 'nois'),
      2,
      /There is no condition nois \(did you mean noise\?\); there are/,
    );
    failed(await command('clip/model'), 1, /Cannot test clip\/model: it is not the folder of a run, .*--data/);
    failed(await command('nowhere', '--data', 'corpus'), 1, /Cannot load a model from nowhere/);
    failed(await command('clip', '--data', 'nowhere'), 1, /No such folder: nowhere/);
    cpSync(at('clip'), at('unfinished'), { recursive: true });
    rmSync(at('unfinished', 'metrics.json'));
    failed(await command('unfinished'), 1, /it is not finished; go on with ser run --resume unfinished\n/);
    writeFileSync(at('file'), '');
    failed(await command('clip', '--out', 'file/x'), 1, /Cannot write file\/x: a part of the path is a file/);
    mkdirSync(at('boring'));
    smallCorpus(at('boring', 'x'), { speakers: ['11'], emotions: ['L'], each: 2 });
    const none = await command('clip', '--data', 'boring/x', '--out', 'none');
    failed(none, 1, /Cannot test clip: none of the 2 recordings can be used: .*does not know its emotion, boredom/);
    assert.ok(!existsSync(at('none')));
  });

  it('ends cleanly when interrupted, and writes nothing', async function () {
    if (!HAS_SIGNALS) this.skip();
    smallCorpus(at('many'), { speakers: ['08', '09', '10'], emotions: ['F', 'T', 'W'], each: 20 });
    const args = ['stress', 'clip', '--data', 'many', '--out', 'interrupted', '--backend', BACKEND];
    const running = start(args, { cwd: root });
    await running.until((stderr) => stderr.includes('clips: emodb in many; 22 conditions'));
    running.kill('SIGINT');
    const { code, signal, stdout, stderr } = await running.done;
    assert.deepEqual([code, signal, stdout], [1, null, ''], stderr);
    assert.match(stderr, /Interrupted: finishing the step at hand.*\n(.*\n)*Interrupted; nothing was written\n$/);
    assert.ok(!existsSync(at('interrupted')));
  });
});
