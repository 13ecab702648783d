import assert from 'node:assert/strict';
import fs, {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock } from 'node:test';
import { sha256 } from '../../../src/common/sha256.js';
import type { ClipFeatures } from '../../../src/features/clip-features.js';
import { type CacheOptions, cacheKey, FeatureCache, segmentKey } from '../../../src/features/extraction/cache.js';
import type { CacheSetting } from '../../../src/features/extraction/cache-folder.js';
import { FEATURE_DEFAULTS, type FeatureSettings } from '../../../src/features/features.js';
import { MEL_DEFAULTS, type MelOptions } from '../../../src/features/mel.js';

const melWith = (change: Partial<MelOptions>): FeatureSettings => ({
  name: 'mel',
  options: { ...MEL_DEFAULTS, ...change },
});

const SETTING: CacheSetting = { features: FEATURE_DEFAULTS };

describe('feature cache', () => {
  let directory: string;
  const caches: FeatureCache[] = [];
  const open = (where = directory, setting = SETTING, options?: CacheOptions) => {
    const cache = new FeatureCache(where, setting, options);
    caches.push(cache);
    return cache;
  };
  const read = (cache: FeatureCache, key: string) => {
    const entry = cache.find(key);
    return entry === undefined ? undefined : cache.read(entry);
  };
  /** Writes at once what others are to find. */
  const write = (entries: [key: string, features: ClipFeatures][], where = directory, setting = SETTING) => {
    const cache = open(where, setting);
    cache.write(new Map(entries));
    cache.flush();
  };
  /** The files of entries, whole or not. */
  const files = (where = directory) =>
    readdirSync(where, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.includes('.features'))
      .map((name) => join(where, name));
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ser-'));
  });
  afterEach(() => {
    mock.restoreAll();
    for (const cache of caches.splice(0)) cache.close();
    rmSync(directory, { recursive: true });
  });

  const content = sha256('a recording');
  const key = cacheKey(content, SETTING);
  const features = {
    matrix: { values: Float32Array.from({ length: 6 }, (_, i) => -i / 3), bands: 2, frames: 3 },
    statistics: { mean: [-0.1], std: [1 / 3] },
    sampleRateHz: 24414,
    durationSeconds: 1.7,
  };
  const other = cacheKey(sha256('another recording'), SETTING);
  const otherFeatures = { ...features, matrix: { values: Float32Array.of(-7, 0), bands: 2, frames: 1 } };

  it('cacheKey() depends on the content and on every option, not on their order', () => {
    const keys = [key, cacheKey(sha256('another'), SETTING)];
    for (const option of Object.keys(MEL_DEFAULTS) as (keyof typeof MEL_DEFAULTS)[])
      keys.push(cacheKey(content, { features: melWith({ [option]: MEL_DEFAULTS[option] + 1 }) }));
    keys.push(...[0.1, 0.2].map((allowTruncated) => cacheKey(content, SETTING, allowTruncated)));
    keys.push(cacheKey(content, { ...SETTING, derivation: 'an encoder' }));
    for (const condition of [
      { name: 'telephone', seed: 1 },
      { name: 'telephone', seed: 2 },
      { name: 'clipping-10%', seed: 1 },
    ])
      keys.push(cacheKey(content, { ...SETTING, condition }));
    assert.equal(new Set(keys).size, keys.length);
    assert.equal(cacheKey(content, SETTING, 0), key);
    const reversed = Object.fromEntries(Object.entries(MEL_DEFAULTS).reverse()) as unknown as MelOptions;
    assert.equal(cacheKey(content, { features: { name: 'mel', options: reversed } }), key);
  });

  it('has a folder for each setting, which says what is in it, and looks into no other', () => {
    const settings: CacheSetting[] = [
      SETTING,
      { features: melWith({ bands: 64 }), condition: { name: 'telephone', seed: 7 } },
      { features: { name: 'logMel', options: { speed: 0.85 } }, derivation: 'an encoder' },
    ];
    for (const setting of settings) write([[key, features]], directory, setting);
    const folders = readdirSync(directory);
    assert.equal(folders.length, settings.length);
    const about = folders.map((name) => JSON.parse(readFileSync(join(directory, name, 'about.json'), 'utf8')));
    assert.deepEqual(about.map(({ what }) => what).sort(), [
      'an encoder of: log-mel spectrogram as Whisper takes it (speed 0.85)',
      'mel spectrogram in decibels',
      'mel spectrogram in decibels (bands 64) under telephone (seed 7)',
    ]);
    const { features: described, condition } = about.find((each) => each.condition);
    assert.deepEqual(described, { ...melWith({ bands: 64 }), version: 2 });
    assert.deepEqual(condition, { name: 'telephone', seed: 7, version: 1 });
    // A key of another setting is not found, even where the same recording is meant.
    assert.equal(open().find(cacheKey(content, settings[1])), undefined);
    for (const path of files())
      if (!path.includes('logMel')) {
        rmSync(path);
        mkdirSync(path);
      }
    assert.deepEqual(read(open(directory, settings[2]), key), features);
  });

  it('gives back what was written, at once and in another process, as often as it is asked', () => {
    const cache = open();
    assert.equal(cache.find(key), undefined);
    cache.write(new Map([[key, features]]));
    assert.equal(open().find(key), undefined, 'not whole yet');
    const entry = cache.find(key)!;
    assert.deepEqual(cache.read(entry), features);
    cache.flush();
    assert.equal(cache.find(key), entry);
    assert.deepEqual(cache.read(entry), features, 'a second time');
    cache.close();
    assert.deepEqual(cache.read(entry), features, 'opened again');
    assert.deepEqual(read(open(), key), features);
    assert.equal(open().find(other), undefined);
  });

  it('finds every one of many entries, whatever their keys have in common', () => {
    const keys = Array.from({ length: 5000 }, (_, i) => {
      const hash = segmentKey(key, { startSeconds: i });
      // The same first word for some, the same first three for others.
      return i % 3 === 0 ? `00000000${hash.slice(8)}` : i % 3 === 1 ? `${'f'.repeat(24)}${hash.slice(24)}` : hash;
    });
    const one = (i: number) => ({ ...features, durationSeconds: i });
    const cache = open();
    for (let from = 0; from < keys.length; from += 1250)
      cache.write(new Map(keys.slice(from, from + 1250).map((each, i) => [each, one(from + i)])));
    cache.flush();
    for (const each of [cache, open()]) assert.ok(keys.every((name, i) => read(each, name)?.durationSeconds === i));
    assert.equal(files().length, 1);
  });

  it('finds the latest of two entries of one key, and still reads the former', () => {
    const cache = open();
    cache.write(new Map([[key, features]]));
    const former = cache.find(key)!;
    cache.write(new Map([[key, otherFeatures]]));
    assert.deepEqual(read(cache, key), otherFeatures);
    assert.deepEqual(cache.read(former), features);
  });

  it('reads from more files than may be open at a time, and closes what it reads', () => {
    const keys = Array.from({ length: 70 }, (_, i) => sha256(`recording ${i}`));
    for (const [i, each] of keys.entries()) write([[each, { ...features, durationSeconds: i }]]);
    /** The last of so many new descriptors: by as much higher, as there are others that are open. */
    const highest = () => {
      const some = keys.map(() => openSync(directory, 'r'));
      for (const each of some) closeSync(each);
      return Math.max(...some);
    };
    const before = highest();
    const cache = open();
    for (let round = 0; round < 2; round++)
      for (const [i, each] of keys.entries()) assert.equal(read(cache, each)?.durationSeconds, i);
    assert.equal(highest(), before + 64);
    cache.close();
    assert.equal(highest(), before);
  });

  it('keeps what follows one another in one file, and writes nothing for nothing', () => {
    const cache = open();
    cache.write(new Map([[key, features]]));
    cache.write(new Map([[other, otherFeatures]]));
    cache.write(new Map());
    cache.flush();
    cache.flush();
    assert.equal(files().length, 1);
    const again = open();
    assert.deepEqual([read(again, key), read(again, other)], [features, otherFeatures]);
  });

  it('begins another file where one is large, or ten seconds old', () => {
    let milliseconds = 1000;
    mock.method(performance, 'now', () => milliseconds);
    const cache = open();
    const large = { ...features, matrix: { values: new Float32Array(2 ** 22), bands: 2, frames: 2 ** 21 } };
    const whole = () => files().filter((path) => path.endsWith('.features')).length;
    for (let i = 0; i < 4; i++) {
      assert.equal(whole(), 0);
      cache.write(new Map([[sha256(`large ${i}`), large]]));
    }
    assert.deepEqual([files().length, whole()], [1, 1]);
    cache.write(new Map([[key, features]]));
    milliseconds += 9_999;
    cache.write(new Map([[key, features]]));
    assert.deepEqual([files().length, whole()], [2, 1]);
    milliseconds += 1;
    cache.write(new Map([[other, otherFeatures]]));
    assert.deepEqual([files().length, whole()], [2, 2]);
    assert.deepEqual(read(open(), other), otherFeatures);
  });

  it('notices every damaged byte and every missing one, gives no damaged entry, and writes it again', () => {
    write([
      [key, features],
      [other, otherFeatures],
    ]);
    const [path] = files();
    const bytes = readFileSync(path);
    const check = (damaged: Uint8Array, name: string) => {
      writeFileSync(path, damaged);
      const cache = open();
      const [one, two] = [read(cache, key), read(cache, other)];
      if (one) assert.deepEqual(one, features, name);
      if (two) assert.deepEqual(two, otherFeatures, name);
      assert.ok(!one || !two, name);
      // Removed, as whoever has found it damaged knows, and who comes later.
      assert.ok(!existsSync(path), name);
      assert.ok(cache.find(key) === undefined && cache.find(other) === undefined, name);
      cache.write(new Map([[other, otherFeatures]]));
      assert.deepEqual(read(cache, other), otherFeatures, name);
    };
    for (let i = 0; i < bytes.length; i++) {
      const damaged = Buffer.from(bytes);
      damaged[i] ^= 0x11;
      check(damaged, `byte ${i}`);
    }
    for (let length = bytes.length - 1; length >= 0; length--) check(bytes.subarray(0, length), `${length} bytes`);
  });

  it('gives no features of another recording where a file was replaced after it was looked through', () => {
    const cache = open();
    cache.write(new Map([[key, features]]));
    cache.flush();
    const elsewhere = join(directory, 'elsewhere');
    write([[other, features]], elsewhere);
    copyFileSync(files(elsewhere)[0], files()[0]);
    assert.equal(read(cache, key), undefined);
  });

  it('takes no notice of other files in its folder', () => {
    write([[key, features]]);
    const [path] = files();
    renameSync(path, join(path, '../notes.txt'));
    assert.equal(open().find(key), undefined);
    assert.deepEqual(readdirSync(join(path, '..')).sort(), ['about.json', 'notes.txt']);
  });

  it('does without files that disappear, and without a folder', () => {
    const cache = open();
    cache.write(new Map([[key, features]]));
    cache.flush();
    const entry = cache.find(key)!;
    rmSync(files()[0]);
    assert.equal(cache.read(entry), undefined, 'between being found and being read');
    assert.equal(cache.find(key), undefined);
    assert.equal(open(join(directory, 'nowhere')).find(key), undefined);
  });

  it('does without a file that is removed while it is written', () => {
    const cache = open();
    cache.write(new Map([[key, features]]));
    rmSync(join(files()[0], '..'), { recursive: true });
    assert.throws(() => cache.flush(), { name: 'InputError', message: /Cannot write/ });
    assert.equal(cache.find(key), undefined);
    cache.write(new Map([[key, features]]));
    cache.flush();
    assert.deepEqual(read(open(), key), features);
  });

  it('keeps what was written before the disk was full, and goes on when it is not', () => {
    const cache = open();
    cache.write(new Map([[key, features]]));
    const whole = fs.writeSync as (...args: unknown[]) => number;
    let room = 50;
    mock.method(fs, 'writeSync', (fd: number, data: Uint8Array, offset: number, length: number, position: number) => {
      if (room === 0) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      const taken = Math.min(length, room);
      room -= taken;
      return whole(fd, data, offset, taken, position);
    });
    for (let i = 0; i < 2; i++)
      assert.throws(() => cache.write(new Map([[other, otherFeatures]])), {
        name: 'InputError',
        message: /the disk is full/,
      });
    assert.equal(cache.find(other), undefined);
    assert.deepEqual(read(cache, key), features);
    mock.restoreAll();
    const third = sha256('a third recording');
    cache.write(new Map([[third, otherFeatures]]));
    cache.flush();
    const found = open();
    assert.deepEqual([read(found, key), read(found, third)], [features, otherFeatures]);
    assert.equal(found.find(other), undefined);
  });

  it('gives up what it has written where no index can be written', () => {
    const cache = open();
    cache.write(new Map([[key, features]]));
    const entry = cache.find(key)!;
    mock.method(fs, 'writeSync', () => {
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    });
    assert.throws(() => cache.flush(), { name: 'InputError', message: /the disk is full/ });
    assert.deepEqual([cache.find(key), cache.read(entry), files()], [undefined, undefined, []]);
  });

  it('makes nothing of a file that cannot be read, and does not remove it', () => {
    write([[key, features]]);
    const cache = open();
    const entry = cache.find(key)!;
    mock.method(fs, 'readSync', () => {
      throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
    });
    assert.deepEqual([cache.read(entry), open().find(key)], [undefined, undefined]);
    mock.restoreAll();
    assert.deepEqual(read(open(), key), features);
  });

  it('write() throws where it cannot write, and writes nothing for nothing', () => {
    const file = join(directory, 'a file');
    writeFileSync(file, '');
    const cache = open(file);
    assert.throws(() => cache.write(new Map([[key, features]])), { name: 'InputError', message: /Cannot write/ });
    assert.equal(cache.find(key), undefined);
    cache.write(new Map());
    cache.flush();
  });
});
