import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { JSDOM } from 'jsdom';
import { readCsv } from '../../src/common/csv.js';
import { BACKEND, EMODB, ser } from './ser.js';

const QUICK = ['--network', 'original', '--epochs', '1', '--backend', BACKEND];

/** Kaggle's folder of four corpora, a little of each: emotions in the names are not those that are heard. */
const MIXED = [
  ...[1001, 1002, 1003].flatMap((actor) => ['ANG', 'HAP'].map((code) => `Crema/${actor}_DFA_${code}_XX.wav`)),
  ...['01', '02', '03'].flatMap((actor) => ['03', '05'].map((code) => `Ravdess/03-01-${code}-01-01-01-${actor}.wav`)),
  ...['DC', 'JE'].flatMap((speaker) => ['a', 'h'].map((code) => `Savee/${speaker}_${code}01.wav`)),
  ...['OAF', 'YAF'].flatMap((speaker) => ['angry', 'happy'].map((emotion) => `Tess/${speaker}_back_${emotion}.wav`)),
];

describe('ser, on folders as they are', function () {
  this.timeout(180_000);
  const root = mkdtempSync(join(tmpdir(), 'ser-'));
  after(() => rmSync(root, { recursive: true }));

  /** A folder of recordings, each another clip of EMO-DB. */
  function folderOf(name: string, paths: readonly string[]): string {
    const clips = readdirSync(EMODB).filter((file) => file.endsWith('.flac'));
    for (const [i, path] of paths.entries()) {
      mkdirSync(dirname(join(root, name, path)), { recursive: true });
      symlinkSync(join(EMODB, clips[i]), join(root, name, path));
    }
    return join(root, name);
  }

  const reportIn = (out: string) =>
    (new JSDOM(readFileSync(join(out, 'report.html'), 'utf8')).window.document.body.textContent ?? '').replace(
      /\s+/g,
      ' ',
    );

  it('run reads several corpora in one folder, and says before training and in the report what that means', async () => {
    const out = join(root, 'of mixed');
    const { code, stderr } = await ser(['run', '--data', folderOf('mixed', MIXED), '--out', out, ...QUICK]);
    assert.equal(code, 0, stderr);
    assert.match(
      stderr,
      /^4 corpora together: cremad \(6 clips\), .*\n20 clips of cremad \+ ravdess \+ savee \+ tess in /,
    );
    assert.doesNotMatch(stderr, /Left out/);
    const rows = readCsv(join(out, 'clips.csv'));
    assert.deepEqual(
      [rows.length, [...new Set(rows.map(({ corpus }) => corpus))].sort()],
      [20, ['cremad', 'ravdess', 'savee', 'tess']],
    );
    const sides = new Map<string, Set<string>>();
    for (const { speaker, set } of rows) sides.set(speaker, (sides.get(speaker) ?? new Set()).add(set));
    assert.deepEqual(
      [...sides.values()].map(({ size }) => size),
      Array(10).fill(1),
    );
    const report = reportIn(out);
    assert.match(report, /4 corpora together: .*a figure over all of them is that of none/);
    assert.match(report, /Result by corpus \(test set\)/);
    const card = readFileSync(join(out, 'model', 'MODEL_CARD.md'), 'utf8');
    for (const licence of ['ODbL 1.0', 'CC BY-NC-SA 4.0', 'for research only', 'CC BY-NC-ND 4.0'])
      assert.ok(card.includes(`passes its licence on: ${licence}`), licence);
  });

  it('run stops where more than --max-skipped follows no naming, and with more allowed says what is left out', async () => {
    const data = folderOf('with others', [...MIXED, 'holiday.mp4', 'Crema/1001_DFA_ANG_XX (1).wav']);
    const out = join(root, 'of others');
    const args = ['run', '--data', data, '--out', out, ...QUICK];
    const stopped = await ser(args);
    assert.equal(stopped.code, 1);
    assert.match(
      stopped.stderr,
      /^ser: 2 of 22 recordings in .*with others would be left out, and at most 1 % may be \(--max-skipped\):\n {2}2 files: does not follow the naming of cremad .*\n.*XX \(1\)\.wav\n.*holiday\.mp4\nTo use them, rename them, .*CSV manifest/,
    );
    assert.ok(!existsSync(out));
    const { code, stderr } = await ser([...args, '--max-skipped', '0.1']);
    assert.equal(code, 0, stderr);
    assert.match(
      stderr.slice(0, stderr.indexOf('epoch')),
      /Left out: 2 recordings\n.*\n.*\n.*holiday\.mp4\n {2}To use them/,
    );
    const left = readCsv(join(out, 'clips.csv')).filter(({ set }) => set === 'left out');
    assert.deepEqual(
      left.map(({ path, problem }) => [path.slice(data.length + 1), problem]),
      ['Crema/1001_DFA_ANG_XX (1).wav', 'holiday.mp4'].map((path) => [
        path,
        'does not follow the naming of cremad + ravdess + savee + tess',
      ]),
    );
    assert.match(reportIn(out), /Not all recordings that are there were taken: 2 \(does not follow the naming of/);
  });

  it('run takes folders named after emotions, where random is asked for, and says what cannot be measured', async () => {
    const data = folderOf(
      'by emotion',
      ['happy', 'angry', 'sad'].flatMap((emotion) => [1, 2, 3, 4].map((number) => `${emotion}/${number}.wav`)),
    );
    const out = join(root, 'of emotions');
    const args = ['run', '--data', data, '--out', out, ...QUICK];
    const refused = await ser(args);
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      /^Read as a folder for each emotion .*: angry = anger \(4\), .*\n[\s\S]*ser: Cannot split by speaker: .*protocol random/,
    );
    assert.ok(!existsSync(out));
    const { code, stderr } = await ser([...args, '--protocol', 'random']);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^Read as a folder for each emotion .*\nThe speakers are not known: .*cannot be measured\.\n/);
    const report = reportIn(out);
    assert.match(report, /Read as a folder for each emotion/);
    assert.match(report, /how well unknown speakers are recognised cannot be measured/);
  });

  it('features and inspect name every file that looks like a recording and is not used, once for each reason', async () => {
    const data = folderOf('broken', ['03a01Fa.wav', '03a01Nc.wav']);
    for (let i = 0; i < 30; i++)
      writeFileSync(join(data, `08a01W${String.fromCharCode(97 + (i % 26))}.${i < 26 ? 'wav' : 'flac'}`), '');
    for (const name of ['memo.wma', 'film.avi', 'notes.txt']) writeFileSync(join(data, name), 'no sound at all');
    const out = join(root, 'features');
    const features = await ser(['features', data, '--out', out]);
    assert.equal(features.code, 1);
    assert.match(features.stderr, /^ser: 30 files: the file is empty \(0 bytes\)$/m);
    for (const name of ['memo.wma', 'film.avi']) assert.ok(features.stderr.includes(name), features.stderr);
    assert.doesNotMatch(features.stderr, /notes\.txt/);
    assert.match(features.stderr, /^ser: … and \d+ more files; all are in .*problems\.csv$/m);
    const listed = readCsv(join(out, 'problems.csv'));
    assert.equal(listed.length, 32);
    const inspected = await ser(['inspect', data]);
    assert.equal(inspected.code, 0, inspected.stderr);
    assert.match(inspected.stdout, /│ unreadable +│ 26 recordings +│ the file is empty \(0 bytes\) +│/);
    for (const name of ['memo.wma', 'film.avi']) assert.ok(inspected.stdout.includes(name), inspected.stdout);
    assert.match(inspected.stdout, /│ and 7 more, see --json +│/);
  });

  it('says of a folder without recordings what is not unpacked', async () => {
    mkdirSync(join(root, 'packed'));
    writeFileSync(join(root, 'packed', 'TESS.zip'), '');
    const { code, stderr } = await ser(['inspect', join(root, 'packed')]);
    assert.equal(code, 1);
    assert.match(stderr, /^ser: There are no recordings in .*packed, but an archive; unpack it first: .*TESS\.zip\n$/);
  });
});
