import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock } from 'node:test';
import { sha256 } from '../../../src/common/sha256.js';
import { FeatureCache } from '../../../src/features/extraction/cache.js';
import {
  batchFiles,
  type CacheSetting,
  cachedSettings,
  defaultLimit,
  removeEmptySettings,
  removeFiles,
  shrink,
} from '../../../src/features/extraction/cache-folder.js';
import { FEATURE_DEFAULTS } from '../../../src/features/features.js';
import { BOUND_BY_PERMISSIONS } from '../../setup/system.js';
import type { Done, Work } from './cache-user.js';

const SETTING: CacheSetting = { features: FEATURE_DEFAULTS };
const OTHER: CacheSetting = { ...SETTING, condition: { name: 'telephone', seed: 1 } };
const DAY = 24 * 3600;

/** Of each of several processes. */
const ROUNDS = 4;
const RECORDINGS = 200;

describe('folder of the feature caches', function () {
  this.timeout(60_000);
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ser-'));
  });
  afterEach(() => {
    mock.restoreAll();
    rmSync(directory, { recursive: true });
  });

  const features = {
    matrix: { values: new Float32Array(250), bands: 10, frames: 25 },
    statistics: { mean: [0], std: [1] },
    sampleRateHz: 8000,
    durationSeconds: 1,
  };

  /** Writes a file of one entry as another process has, so many days ago; returns its path. */
  function earlier(name: string, days: number, setting = SETTING): string {
    const elsewhere = join(directory, 'elsewhere');
    const cache = new FeatureCache(elsewhere, setting, { limitBytes: Number.POSITIVE_INFINITY });
    cache.write(new Map([[sha256(name), features]]));
    cache.flush();
    const [{ path, setting: folder }] = batchFiles(elsewhere);
    mkdirSync(join(directory, folder!), { recursive: true });
    const place = join(directory, folder!, `${name}.features`);
    writeFileSync(place, readFileSync(path));
    rmSync(elsewhere, { recursive: true });
    aged(place, days);
    return place;
  }

  function aged(path: string, days: number): void {
    const seconds = Date.now() / 1000 - days * DAY;
    utimesSync(path, seconds, seconds);
  }

  const BYTES = 72 + 1000 + 20 + 16;

  it('shrink() removes what was used least recently, of whatever setting, until the bound is kept', () => {
    const [one, two, three] = [earlier('one', 3), earlier('two', 9, OTHER), earlier('three', 1)];
    assert.deepEqual(shrink(directory, 3 * BYTES), { limitBytes: 3 * BYTES, bytes: 3 * BYTES });
    assert.ok([one, two, three].every((path) => existsSync(path)));
    assert.deepEqual(shrink(directory, 3 * BYTES - 1), { limitBytes: 3 * BYTES - 1, bytes: 2 * BYTES });
    assert.deepEqual([one, two, three].map(existsSync), [true, false, true]);
    shrink(directory, BYTES);
    assert.deepEqual([one, three].map(existsSync), [false, true]);
    assert.equal(shrink(directory, 0).bytes, 0);
    assert.ok(!existsSync(three));
  });

  it('shrink() leaves what any process has used within the last hour', () => {
    const [one, two] = [earlier('one', 0.9 / 24), earlier('two', 1.1 / 24)];
    assert.equal(shrink(directory, 0).bytes, BYTES);
    assert.deepEqual([one, two].map(existsSync), [true, false]);
  });

  it('shrink() counts what an earlier version and a killed process have left, and removes it', () => {
    const left = [
      join(directory, `${sha256('some')}.features`),
      join(directory, 'mel-0123456789ab', 'x.features.1-2.tmp'),
    ];
    const growing = join(directory, 'mel-0123456789ab', 'y.features.1-2.tmp');
    mkdirSync(join(left[1], '..'));
    for (const path of [...left, growing]) writeFileSync(path, 'whatever it is');
    for (const path of left) aged(path, 2);
    assert.deepEqual(
      batchFiles(directory)
        .map(({ path }) => path)
        .sort(),
      [...left].sort(),
    );
    shrink(directory, 0);
    assert.deepEqual(left.map(existsSync), [false, false]);
    assert.ok(existsSync(growing), 'it is being written');
  });

  it('takes no notice of what is not of the cache, and removes none of it', () => {
    const notes = [
      join(directory, 'notes.txt'),
      join(directory, 'my recordings', 'some.features'),
      join(directory, 'mel-0123456789ab', 'notes.txt'),
    ];
    for (const path of notes) {
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, 'of the user');
    }
    mkdirSync(join(directory, 'mel-0123456789ab', 'folder.features'));
    assert.deepEqual(batchFiles(directory), []);
    shrink(directory, 0);
    removeEmptySettings(directory);
    assert.ok(notes.every((path) => existsSync(path)));
  });

  it('a cache removes what others have used least recently, but nothing that it has read or written, and says so once', () => {
    const [own, old, older] = [earlier('own', 30), earlier('old', 3), earlier('older', 9, OTHER)];
    const said: string[] = [];
    const options = { limitBytes: 3 * BYTES, say: (line: string) => said.push(line) };
    const cache = new FeatureCache(directory, SETTING, options);
    assert.ok(cache.read(cache.find(sha256('own'))!));
    const write = (name: string) => {
      cache.write(new Map([[sha256(name), features]]));
      cache.flush();
    };
    write('first');
    assert.deepEqual([own, old, older].map(existsSync), [true, true, false]);
    write('second');
    assert.deepEqual([own, old].map(existsSync), [true, false]);
    assert.deepEqual(said, []);
    write('third');
    write('fourth');
    assert.deepEqual(said, [
      `The features kept in ${directory} take 4.4 kB, more than the 3.3 kB that they may (\`cacheLimitBytes\`): all of them are in use`,
    ]);
    for (const name of ['own', 'first', 'second', 'third', 'fourth'])
      assert.ok(cache.read(cache.find(sha256(name))!), name);
    cache.close();
  });

  it('marks a file as used when it is first read, and every ten minutes as long as any is', () => {
    const [one, two] = [earlier('one', 30), earlier('two', 30)];
    const age = (path: string) => Math.round((Date.now() - statSync(path).mtimeMs) / 1000 / DAY);
    const cache = new FeatureCache(directory, SETTING);
    const [first, second] = ['one', 'two'].map((name) => cache.find(sha256(name))!);
    assert.deepEqual([one, two].map(age), [30, 30], 'being found is no use');
    cache.read(first);
    assert.deepEqual([one, two].map(age), [0, 30]);
    cache.read(second);
    for (const path of [one, two]) aged(path, 30);
    cache.read(first);
    assert.deepEqual([one, two].map(age), [30, 30]);
    const then = Date.now() + 11 * 60_000;
    mock.method(Date, 'now', () => then);
    cache.read(first);
    assert.deepEqual([one, two].map(age), [0, 0]);
    cache.close();
  });

  it('defaultLimit() is a tenth of the disk, also for a folder that is not there yet', () => {
    const limit = defaultLimit(directory);
    assert.ok(limit > 1e6);
    assert.equal(defaultLimit(join(directory, 'none', 'none')), limit);
  });

  it('cachedSettings() tells of each setting, the one that was used last first', () => {
    for (const [name, days, setting] of [
      ['one', 3, SETTING],
      ['two', 9, SETTING],
      ['three', 1, OTHER],
    ] as const)
      earlier(name, days, setting);
    const old = join(directory, `${sha256('some')}.features`);
    writeFileSync(old, 'old');
    aged(old, 99);
    const settings = cachedSettings(directory, batchFiles(directory));
    assert.deepEqual(
      settings.map(({ entries, files, bytes }) => [entries, files, bytes]),
      [
        [1, 1, BYTES],
        [2, 2, 2 * BYTES],
        [undefined, 1, 3],
      ],
    );
    assert.match(settings[0].setting!, /^mel-[0-9a-f]{12}$/);
    assert.equal(settings[0].what, 'unknown: about.json is missing, or damaged');
    assert.equal(settings[2].setting, undefined);
    assert.deepEqual(
      settings.map(({ usedAt }) => Math.round((Date.now() - usedAt) / 1000 / DAY)),
      [1, 3, 99],
    );
  });

  it('removeFiles() tells what it cannot remove', function () {
    if (!BOUND_BY_PERMISSIONS) return this.skip();
    const path = earlier('one', 1);
    chmodSync(join(path, '..'), 0o500);
    try {
      const [problem, ...others] = removeFiles(batchFiles(directory));
      assert.deepEqual([problem.path, others], [path, []]);
      assert.match(problem.reason, /^cannot be removed: EACCES/);
      assert.equal(shrink(directory, 0).bytes, BYTES);
    } finally {
      chmodSync(join(path, '..'), 0o700);
    }
  });

  it('gives right features to several processes that read, write and remove at once', async () => {
    const execArgv = ['--require', require.resolve('tsx/cjs')];
    const children = [1, 3, 7].map(() => fork(join(__dirname, 'cache-user.ts'), { execArgv }));
    const answer = (child: ChildProcess) =>
      new Promise((resolve, reject) => {
        child.once('message', resolve).once('error', reject);
        child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
      });
    await Promise.all(children.map(answer));
    const work = { directory, limitBytes: 200_000, rounds: ROUNDS, recordings: RECORDINGS };
    // Each recording needs 2.5 kB: there is room for 80 of 200.
    const done = (await Promise.all(
      children.map((child, i) => {
        child.send({ ...work, step: [1, 3, 7][i] } satisfies Work);
        return answer(child);
      }),
    )) as Done[];
    assert.deepEqual(
      done.map(({ wrong }) => wrong),
      [undefined, undefined, undefined],
    );
    for (const { found, made } of done) assert.equal(found + made, ROUNDS * RECORDINGS);
    const sum = (count: (each: Done) => number) => done.reduce((total, each) => total + count(each), 0);
    // What they have found, and made more than once, because another had removed it.
    assert.ok(sum(({ found }) => found) > 0);
    assert.ok(sum(({ made }) => made) > children.length * RECORDINGS);
  });
});
