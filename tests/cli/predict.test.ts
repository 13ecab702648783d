import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Papa from 'papaparse';
import { decodeFile } from '../../src/audio/decode-file.js';
import { wav } from '../audio/wav.js';
import { BACKEND, EMODB, ser, shell, smallCorpus } from './ser.js';

const ESCAPE = String.fromCharCode(27);
const rowsOf = (csv: string) =>
  Papa.parse<Record<string, string>>(csv, { header: true, skipEmptyLines: true, dynamicTyping: false }).data;

describe('ser predict and ser features', function () {
  this.timeout(60000);
  let cwd: string;
  let clip: Float32Array;
  const at = (...names: string[]) => join(cwd, ...names);
  before(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'ser-'));
    smallCorpus(at('corpus'));
    for (const [name, seed] of [
      ['first', '1'],
      ['newest', '2'],
    ]) {
      const run = [
        'run',
        '--data',
        'corpus',
        '--network',
        'original',
        '--epochs',
        '1',
        '--seed',
        seed,
        '--out',
        join('runs', name),
      ];
      const { code, stderr } = await ser([...run, '--backend', BACKEND], { cwd });
      assert.equal(code, 0, stderr);
    }
    mkdirSync(at('runs', 'unfinished'));
    clip = (await decodeFile(join(EMODB, '03a01Fa.flac'))).samples;
    mkdirSync(at('files'));
    copyFileSync(join(EMODB, '03a01Fa.flac'), at('files', '-x ä.flac'));
    writeFileSync(
      at('files', 'long.wav'),
      wav([...clip, ...clip, ...clip.subarray(0, 11025)], { sampleRateHz: 22050 }),
    );
    writeFileSync(at('files', 'text.wav'), 'no recording');
  });
  after(() => rmSync(cwd, { recursive: true }));

  const predict = (...args: string[]) => ser(['predict', ...args, '--backend', BACKEND], { cwd });

  it("predict --csv gives exactly what the run's evaluation gave, by the newest run's model", async () => {
    const { code, stdout, stderr } = await predict('corpus', '--csv');
    assert.equal(code, 0, stderr);
    const rows = rowsOf(stdout);
    const evaluated = rowsOf(readFileSync(at('runs', 'newest', 'predictions.csv'), 'utf8'));
    assert.equal(rows.length, evaluated.length);
    const labels = ['anger', 'happiness', 'sadness'];
    assert.deepEqual(Object.keys(rows[0]), ['path', 'seconds', 'emotion', 'probability', ...labels, 'problem']);
    for (const [i, row] of rows.entries()) {
      const { path, predicted } = evaluated[i];
      assert.deepEqual([row.path, row.emotion, row.probability], [path, predicted, evaluated[i][predicted]]);
      for (const label of labels) assert.equal(row[label], evaluated[i][label]);
    }
  });

  it('predict takes the model that is named, by its folder or by its run', async () => {
    const [expected] = rowsOf(readFileSync(at('runs', 'first', 'predictions.csv'), 'utf8'));
    for (const model of ['runs/first/model', 'runs/first']) {
      const { stdout } = await predict('corpus/03a01Fa.flac', '--csv', '--model', model);
      assert.equal(rowsOf(stdout)[0].anger, expected.anger);
    }
  });

  it('predict lists unusable and missing files, and predicts the others', async () => {
    const { code, stdout, stderr } = await predict('files', 'nowhere.wav', '--json');
    assert.equal(code, 1);
    assert.match(stderr, /^ser: files\/text\.wav: not a recording/m);
    assert.match(stderr, /^ser: nowhere\.wav: there is no such file/m);
    const results = JSON.parse(stdout);
    assert.deepEqual(
      results.map((result: { path: string; reason?: string }) => [result.path, 'reason' in result]),
      [
        ['files/-x ä.flac', false],
        ['files/long.wav', false],
        ['files/text.wav', true],
        ['nowhere.wav', true],
      ],
    );
    const csv = rowsOf((await predict('files', '--csv')).stdout);
    assert.match(csv[2].problem, /not a recording/);
    assert.equal(csv[0].problem, '');
  });

  it('predict shows a long recording over time, in windows that --window and --hop set', async () => {
    const seconds = async (...args: string[]) => {
      const { code, stdout } = await predict('files/long.wav', '--json', ...args);
      assert.equal(code, 0);
      const [{ endSeconds, windows }] = JSON.parse(stdout);
      assert.equal(endSeconds, 4.5);
      return windows.map((w: { startSeconds: number; endSeconds: number }) => [w.startSeconds, w.endSeconds]);
    };
    assert.deepEqual(await seconds(), [
      [0, 2],
      [1, 3],
      [2, 4],
      [2.5, 4.5],
    ]);
    assert.deepEqual(await seconds('--window', '1.5', '--hop', '1.5'), [
      [0, 1.5],
      [1.5, 3],
      [3, 4.5],
    ]);
    // A hop longer than a window would leave something unheard.
    assert.deepEqual(await seconds('--window', '1.5', '--hop', '5'), await seconds('--window', '1.5', '--hop', '1.5'));
    const { stdout } = await predict('files/long.wav');
    for (const span of ['0.00 to 4.50', '0.00 to 2.00', '2.50 to 4.50']) assert.ok(stdout.includes(span), span);
    assert.ok(!stdout.includes(ESCAPE));
    const tooLong = await predict('files/long.wav', '--window', '3');
    assert.deepEqual([tooLong.code, tooLong.stdout], [2, '']);
    assert.match(tooLong.stderr, /the window must be between 0.1 s and what the network takes, 2\.02 s/);
  });

  it('predict hears the anger after two calm seconds, and refuses what is too short for an emotion', async () => {
    const sound = async (name: string) => (await decodeFile(join(EMODB, name))).samples;
    const [calm, angry] = [await sound('03a01Nc.flac'), (await sound('03a01Wa.flac')).subarray(0, 0.95 * 22050)];
    writeFileSync(at('calm then angry.wav'), wav([...calm, ...angry], { sampleRateHz: 22050 }));
    writeFileSync(at('one sample.wav'), wav([0.5], { sampleRateHz: 22050 }));
    const { code, stdout, stderr } = await predict('calm then angry.wav', 'one sample.wav', '--json');
    assert.equal(code, 1);
    assert.match(stderr, /^ser: one sample\.wav: too short: a recording must be longer than 0\.1 s/m);
    const [{ endSeconds, windows }, short] = JSON.parse(stdout);
    assert.deepEqual(Object.keys(short), ['path', 'reason']);
    assert.deepEqual([windows.length, windows[1].endSeconds], [2, endSeconds]);
    assert.ok(Math.abs(endSeconds - 2.95) < 0.001);
    assert.notDeepEqual(windows[0].probabilities, windows[1].probabilities);
  });

  it('predict --uncertain-below says which answers are not probable enough, and what they would have been', async () => {
    const plain = rowsOf((await predict('corpus', '--csv')).stdout);
    const probabilities = plain.map(({ probability }) => Number(probability)).sort((a, b) => a - b);
    const threshold = String(probabilities[12]);
    const { code, stdout, stderr } = await predict('corpus', '--csv', '--uncertain-below', threshold);
    assert.equal(code, 0, stderr);
    const rows = rowsOf(stdout);
    const columns = [
      'path',
      'seconds',
      'emotion',
      'likeliest',
      'probability',
      'anger',
      'happiness',
      'sadness',
      'problem',
    ];
    assert.deepEqual(Object.keys(rows[0]), columns);
    for (const [i, { emotion, likeliest, ...row }] of rows.entries()) {
      const { emotion: before, ...same } = plain[i];
      const uncertain = Number(same.probability) < Number(threshold);
      assert.deepEqual([emotion, likeliest], uncertain ? ['uncertain', before] : [before, '']);
      assert.deepEqual(row, same);
    }
    assert.equal(rows.filter(({ emotion }) => emotion === 'uncertain').length, 12);
    const json = JSON.parse((await predict('corpus', '--json', '--uncertain-below', '1')).stdout);
    assert.deepEqual([json[0].emotion, json[0].likeliest], ['uncertain', plain[0].emotion]);
    const table = await predict('corpus/03a01Fa.flac', '--uncertain-below', '1');
    assert.match(table.stdout, new RegExp(`│ uncertain \\(${plain[0].emotion}\\) +│`));
  });

  it('predict takes a name with a leading dash after --', async () => {
    const { code, stdout, stderr } = await ser(
      ['predict', '--csv', '--model', '../runs/first/model', '--backend', BACKEND, '--', '-x ä.flac'],
      { cwd: at('files') },
    );
    assert.equal(code, 0, stderr);
    // Spreadsheets would take it for a formula.
    assert.equal(rowsOf(stdout)[0].path, "'-x ä.flac");
    const option = await ser(['predict', '-x ä.flac'], { cwd: at('files') });
    assert.equal(option.code, 2);
    assert.equal(option.stderr, "ser: unknown option '-x ä.flac'\n(If the file is meant: ./-x ä.flac)\n");
  });

  it('predict asks the model that comes with the project until there is a run, and says which one answered', async () => {
    const hello = join(__dirname, '../../data/hello.flac');
    const first = await ser(['predict', hello, '--json', '--backend', BACKEND], { cwd: at('files') });
    assert.equal(first.code, 0, first.stderr);
    assert.equal(
      first.stderr,
      'Answered by the model that comes with the project (emodb-encoder), which has learnt from 535 clips of emodb: 10 speakers, in German.\n',
    );
    const [{ emotion, probabilities }] = JSON.parse(first.stdout);
    assert.deepEqual([emotion, Object.keys(probabilities).length], ['happiness', 7]);
    const { stderr } = await predict(hello);
    assert.match(stderr, /^Answered by the model in runs\/newest\/model, which has learnt from /);
  });

  it('predict says what is missing: a model, recordings', async () => {
    const noModel = await predict('files/long.wav', '--model', 'files');
    assert.equal(noModel.code, 1);
    assert.match(noModel.stderr, /Cannot load a model from files/);
    const empty = await predict('runs/unfinished');
    assert.equal(empty.code, 1);
    assert.match(empty.stderr, /There are no recordings in runs\/unfinished/);
  });

  it('predict refuses a recording of 10 hours from its header', async () => {
    writeFileSync(at('ten hours.wav'), wav([0.5], { dataSize: 10 * 3600 * 16000 * 2 }));
    truncateSync(at('ten hours.wav'), 44 + 10 * 3600 * 16000 * 2);
    const begun = performance.now();
    const { code, stderr } = await predict('ten hours.wav');
    assert.equal(code, 1);
    assert.match(stderr, /^ser: ten hours\.wav: too long/m);
    assert.ok(performance.now() - begun < 10000);
  });

  it('predict and features take a recording that lacks no more than --allow-truncated, and no other', async () => {
    const whole = wav([...clip], { sampleRateHz: 22050 });
    writeFileSync(at('cut.wav'), whole.subarray(0, 44 + Math.floor(0.9 * (whole.length - 44))));
    const commands = [
      ['predict', 'cut.wav', '--backend', BACKEND, '--csv'],
      ['features', 'cut.wav', '--out', 'cut'],
    ];
    for (const command of commands) {
      const refused = await ser([...command, '--allow-truncated', '0.05'], { cwd });
      assert.equal(refused.code, 1);
      assert.match(
        refused.stderr,
        /^ser: cut\.wav: truncated: the header promises 44100 samples, 39690 could be decoded$/m,
      );
      assert.equal((await ser([...command, '--allow-truncated', '0.11'], { cwd })).code, 0);
      assert.equal((await ser(command, { cwd })).code, 1, 'what was allowed once is not remembered');
    }
  });

  it('predict says where channels cancel out', async () => {
    writeFileSync(
      at('antiphase.wav'),
      wav(
        [...clip].flatMap((x) => [x, -x]),
        { sampleRateHz: 22050, channels: 2 },
      ),
    );
    const { code, stdout, stderr } = await predict('antiphase.wav', '--csv');
    assert.equal(code, 0);
    assert.equal(rowsOf(stdout).length, 1);
    assert.match(
      stderr,
      /^antiphase\.wav: its 2 channels cancel each other out: channel 1 is taken instead of their mean$/m,
    );
  });

  it('predict is content with a reader that has seen enough', async function () {
    if (process.platform === 'win32') this.skip();
    const { stdout } = await shell(
      `ser predict corpus --json --backend ${BACKEND} 2>&1 >/dev/null | true; echo $PIPESTATUS; ser predict corpus --csv --backend ${BACKEND} | head -n 1; echo $PIPESTATUS`,
      { cwd },
    );
    assert.match(stdout, /^0\npath,seconds,.*\n0\n$/);
  });

  /** Reads a .npy file by NumPy's description of the format. */
  function npy(path: string) {
    const bytes = readFileSync(path);
    assert.equal(bytes.toString('latin1', 0, 8), '\x93NUMPY\x01\x00');
    const length = bytes.readUInt16LE(8);
    assert.equal((10 + length) % 64, 0);
    const header = bytes.toString('latin1', 10, 10 + length);
    assert.match(header, /^\{'descr': '<f4', 'fortran_order': False, 'shape': \(\d+, \d+\), \} *\n$/);
    const shape = /\((\d+), (\d+)\)/.exec(header)!.slice(1).map(Number);
    const values = new Float32Array(
      bytes.buffer.slice(bytes.byteOffset + 10 + length, bytes.byteOffset + bytes.length),
    );
    assert.equal(values.length, shape[0] * shape[1]);
    return { shape, values };
  }

  it('features writes a .npy file for each recording, in the same folders', async () => {
    mkdirSync(at('nested', 'deep'), { recursive: true });
    writeFileSync(at('nested', 'deep', 'a.wav'), wav(Array.from(clip), { sampleRateHz: 22050 }));
    writeFileSync(at('nested', 'b.wav'), wav(Array.from(clip.subarray(0, 22050)), { sampleRateHz: 22050 }));
    copyFileSync(join(EMODB, '03a01Fa.flac'), at('nested', 'b.flac'));
    const { code, stdout, stderr } = await ser(['features', 'nested', '--out', 'out', '--workers', '1'], { cwd });
    assert.equal(code, 0, stderr);
    assert.equal(stdout, '3 files in out\n');
    const deep = npy(at('out', 'deep', 'a.npy'));
    assert.deepEqual(deep.shape, [128, 87]);
    assert.ok(Math.abs(Math.max(...deep.values) - Math.min(...deep.values) - 80) < 0.1);
    // Two of one name: neither is lost.
    assert.deepEqual(npy(at('out', 'b.wav.npy')).shape, [128, 44]);
    assert.deepEqual(npy(at('out', 'b.flac.npy')).shape, [128, 87]);
  });

  it("features --normalised writes the network's input", async () => {
    const { code, stderr } = await ser(['features', 'nested/b.wav', '--out', 'normalised', '--normalised'], { cwd });
    assert.equal(code, 0, stderr);
    const { shape, values } = npy(at('normalised', 'b.npy'));
    assert.deepEqual(shape, [128, 87]);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    assert.ok(Math.abs(mean) < 1e-4);
    assert.equal(values[86], 0);
  });

  it('features lists unusable files, and does the others', async () => {
    const { code, stdout, stderr } = await ser(['features', 'files', '--out', 'some'], { cwd });
    assert.equal(code, 1);
    assert.equal(stdout, '2 files in some\n');
    assert.match(stderr, /^ser: files\/text\.wav: not a recording/m);
    const none = await ser(['features', 'nowhere', '--out', 'some'], { cwd });
    assert.equal(none.code, 1);
    assert.match(none.stderr, /No such file or folder: nowhere/);
    const unwritable = await ser(['features', 'nested', '--out', 'files/text.wav/x'], { cwd });
    assert.equal(unwritable.code, 1);
    assert.match(unwritable.stderr, /Cannot write .*a part of the path is a file/);
  });
});
