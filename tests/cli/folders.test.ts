import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
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
      copyFileSync(join(EMODB, clips[i]), join(root, name, path));
    }
    return join(root, name);
  }

  it('run reads several corpora in one folder, and says what that means and what is left out', async () => {
    const data = folderOf('mixed', [...MIXED, 'holiday.mp4', 'Crema/1001_DFA_ANG_XX (1).wav']);
    const out = join(root, 'of mixed');
    const args = ['run', '--data', data, '--out', out, ...QUICK];
    const stopped = await ser(args);
    assert.equal(stopped.code, 1);
    assert.match(
      stopped.stderr,
      /^ser: 2 of 22 recordings in .*mixed would be left out, and at most 1 % may be \(--max-skipped\):\n {2}2 files: does not follow the naming of cremad .*\n.*XX \(1\)\.wav\n.*holiday\.mp4\nTo use them, rename them, .*CSV manifest/,
    );
    assert.ok(!existsSync(out));

    const { code, stderr } = await ser([...args, '--max-skipped', '0.1']);
    assert.equal(code, 0, stderr);
    const before = stderr.slice(0, stderr.indexOf('epoch 1'));
    assert.match(before, /^4 corpora together: cremad \(6 clips\), /);
    assert.match(before, /\nLeft out: 2 recordings\n.*\n.*\n.*holiday\.mp4\n {2}To use them/);
    assert.match(before, /\n20 clips of cremad \+ ravdess \+ savee \+ tess in /);
    const rows = readCsv(join(out, 'clips.csv'));
    const left = rows.filter(({ set }) => set === 'left out');
    assert.deepEqual(
      left.map(({ path, problem }) => [path.slice(data.length + 1), problem]),
      ['Crema/1001_DFA_ANG_XX (1).wav', 'holiday.mp4'].map((path) => [
        path,
        'does not follow the naming of cremad + ravdess + savee + tess',
      ]),
    );
    const used = rows.filter((row) => !left.includes(row));
    assert.deepEqual([...new Set(used.map(({ corpus }) => corpus))].sort(), ['cremad', 'ravdess', 'savee', 'tess']);
    const sides = new Map<string, Set<string>>();
    for (const { speaker, set } of used) sides.set(speaker, (sides.get(speaker) ?? new Set()).add(set));
    assert.deepEqual(
      [...sides.values()].map(({ size }) => size),
      Array(10).fill(1),
    );
    const page = new JSDOM(readFileSync(join(out, 'report.html'), 'utf8')).window.document.body;
    const report = (page.textContent ?? '').replace(/\s+/g, ' ');
    assert.match(report, /4 corpora together: .*a figure over all of them is that of none/);
    assert.match(report, /Result by corpus \(test set\)/);
    assert.match(report, /Not all recordings that are there were taken: 2 \(does not follow the naming of/);
    const card = readFileSync(join(out, 'model', 'MODEL_CARD.md'), 'utf8');
    for (const licence of ['ODbL 1.0', 'CC BY-NC-SA 4.0', 'for research only', 'CC BY-NC-ND 4.0'])
      assert.ok(card.includes(`passes its licence on: ${licence}`), licence);
  });

  it('run says how folders were understood, and that random must be asked for', async () => {
    const data = folderOf(
      'by emotion',
      ['happy', 'angry', 'sad'].flatMap((emotion) => [1, 2, 3, 4].map((number) => `${emotion}/${number}.wav`)),
    );
    const out = join(root, 'of emotions');
    const { code, stderr } = await ser(['run', '--data', data, '--out', out, ...QUICK]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^Read as a folder for each emotion .*: angry = anger \(4\), .*\nThe speakers are not known: .*cannot be measured\.\n[\s\S]*ser: Cannot split by speaker: .*protocol random/,
    );
    assert.ok(!existsSync(out));
  });

  it('features and inspect name every file that looks like a recording and is not used, once for each reason', async () => {
    const data = folderOf('broken', ['03a01Fa.wav', '03a01Nc.wav']);
    for (let i = 0; i < 30; i++)
      writeFileSync(join(data, `08a01W${String.fromCharCode(97 + (i % 26))}.${i < 26 ? 'wav' : 'flac'}`), '');
    for (const name of ['memo.wma', 'film.avi', 'notes.txt']) writeFileSync(join(data, name), 'no sound at all');
    const out = join(root, 'features');
    const features = await ser(['features', data, '--out', out]);
    assert.equal(features.code, 1);
    assert.match(features.stderr, /^ser: 30 files: the file is empty \(0 bytes\): copy it again/m);
    for (const name of ['memo.wma', 'film.avi']) assert.ok(features.stderr.includes(name), features.stderr);
    assert.doesNotMatch(features.stderr, /notes\.txt/);
    assert.match(features.stderr, /^ser: … and \d+ more files; all are in .*problems\.csv$/m);
    const listed = readCsv(join(out, 'problems.csv'));
    assert.equal(listed.length, 32);
    const inspected = await ser(['inspect', data]);
    assert.equal(inspected.code, 0, inspected.stderr);
    assert.match(inspected.stdout, /│ unreadable +│ 26 recordings +│ the file is empty \(0 bytes\)/);
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
