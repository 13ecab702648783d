import assert from 'node:assert/strict';
import {
  closeSync,
  copyFileSync,
  existsSync,
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
import { sha256 } from '../../../src/common/sha256.js';
import { cacheKey, FeatureCache } from '../../../src/features/extraction/cache.js';
import { FEATURE_DEFAULTS, type FeatureSettings } from '../../../src/features/features.js';
import { MEL_DEFAULTS, type MelOptions } from '../../../src/features/mel.js';

const melWith = (change: Partial<MelOptions>): FeatureSettings => ({
  name: 'mel',
  options: { ...MEL_DEFAULTS, ...change },
});

describe('feature cache', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ser-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const content = sha256('a recording');
  const key = cacheKey(content, FEATURE_DEFAULTS);
  const features = {
    matrix: { values: Float32Array.from({ length: 6 }, (_, i) => -i / 3), bands: 2, frames: 3 },
    statistics: { mean: [-0.1], std: [1 / 3] },
    sampleRateHz: 24414,
    durationSeconds: 1.7,
  };
  const other = cacheKey(sha256('another recording'), FEATURE_DEFAULTS);
  const otherFeatures = { ...features, matrix: { values: Float32Array.of(-7, 0), bands: 2, frames: 1 } };

  it('cacheKey() depends on the content and on every option, not on their order', () => {
    const keys = [key, cacheKey(sha256('another'), FEATURE_DEFAULTS)];
    for (const option of Object.keys(MEL_DEFAULTS) as (keyof typeof MEL_DEFAULTS)[])
      keys.push(cacheKey(content, melWith({ [option]: MEL_DEFAULTS[option] + 1 })));
    keys.push(...[0.1, 0.2].map((allowTruncated) => cacheKey(content, FEATURE_DEFAULTS, { allowTruncated })));
    keys.push(cacheKey(content, FEATURE_DEFAULTS, { derivation: 'an encoder' }));
    for (const condition of [
      { name: 'telephone', seed: 1 },
      { name: 'telephone', seed: 2 },
      { name: 'clipping-10%', seed: 1 },
    ])
      keys.push(cacheKey(content, FEATURE_DEFAULTS, { condition }));
    assert.equal(new Set(keys).size, keys.length);
    assert.equal(cacheKey(content, FEATURE_DEFAULTS, { allowTruncated: 0 }), key);
    const reversed = Object.fromEntries(Object.entries(MEL_DEFAULTS).reverse()) as unknown as MelOptions;
    assert.equal(cacheKey(content, { name: 'mel', options: reversed }), key);
  });

  it('gives back what was written, at once and in another process', () => {
    const cache = new FeatureCache(directory);
    assert.equal(cache.read(key), undefined);
    cache.write(new Map([[key, features]]));
    assert.deepEqual(cache.read(key), features);
    assert.deepEqual(cache.read(key), features, 'a second time');
    assert.deepEqual(new FeatureCache(directory).read(key), features);
    assert.equal(new FeatureCache(directory).read(other), undefined);
  });

  it('closes what it reads', () => {
    new FeatureCache(directory).write(new Map([[key, features]]));
    const nextDescriptor = () => {
      const file = openSync(directory, 'r');
      closeSync(file);
      return file;
    };
    const before = nextDescriptor();
    for (let i = 0; i < 20; i++) assert.ok(new FeatureCache(directory).read(key));
    assert.equal(nextDescriptor(), before);
  });

  it('keeps what is written at once in one file, and writes nothing twice', () => {
    const cache = new FeatureCache(directory);
    cache.write(
      new Map([
        [key, features],
        [other, otherFeatures],
      ]),
    );
    cache.write(new Map());
    assert.equal(readdirSync(directory).length, 1);
    const again = new FeatureCache(directory);
    assert.deepEqual([again.read(key), again.read(other)], [features, otherFeatures]);
  });

  it('notices every damaged byte and every missing one, gives no damaged entry, and writes it again', () => {
    const write = () => {
      const cache = new FeatureCache(directory);
      cache.write(
        new Map([
          [key, features],
          [other, otherFeatures],
        ]),
      );
    };
    write();
    const path = join(directory, readdirSync(directory)[0]);
    const bytes = readFileSync(path);
    const check = (content: Uint8Array, name: string) => {
      writeFileSync(path, content);
      const cache = new FeatureCache(directory);
      const [one, two] = [cache.read(key), cache.read(other)];
      if (one) assert.deepEqual(one, features, name);
      if (two) assert.deepEqual(two, otherFeatures, name);
      assert.ok(!one || !two, name);
      // Read once more, by whoever has found it damaged and by who comes later.
      assert.ok(!cache.read(key) || !cache.read(other), name);
      write();
      assert.deepEqual(new FeatureCache(directory).read(other), otherFeatures, name);
    };
    for (let i = 0; i < bytes.length; i++) {
      const damaged = Buffer.from(bytes);
      damaged[i] ^= 0x11;
      check(damaged, `byte ${i}`);
    }
    for (let length = bytes.length - 1; length >= 0; length--) check(bytes.subarray(0, length), `${length} bytes`);
  });

  it('removes a file that is cut short, wherever that is', () => {
    new FeatureCache(directory).write(new Map([[key, features]]));
    const path = join(directory, readdirSync(directory)[0]);
    const bytes = readFileSync(path);
    for (const length of [1, 39, 40, 87, 88, bytes.length - 1]) {
      writeFileSync(path, bytes.subarray(0, length));
      assert.equal(new FeatureCache(directory).read(other), undefined);
      assert.ok(!existsSync(path), `${length} bytes`);
    }
  });

  it('removes a file whose entries claim an impossible length', () => {
    new FeatureCache(directory).write(new Map([[key, features]]));
    const path = join(directory, readdirSync(directory)[0]);
    const bytes = readFileSync(path);
    // Bands and frames; each entry would be as long as nothing, less, part of a byte, or no number.
    for (const [bands, frames] of [
      [-22, 1],
      [-30, 1],
      [0.1, 1],
      [Number.NaN, 1],
      [Number.POSITIVE_INFINITY, 1],
      [1e9, 1e9],
    ]) {
      const damaged = Buffer.from(bytes);
      damaged.writeDoubleLE(bands, 24);
      damaged.writeDoubleLE(frames, 32);
      writeFileSync(path, damaged);
      assert.equal(new FeatureCache(directory).read(other), undefined);
      assert.ok(!existsSync(path), `${bands} bands`);
    }
  });

  it('gives no features of another recording where a file was replaced after it was looked through', () => {
    const cache = new FeatureCache(directory);
    cache.write(new Map([[key, features]]));
    assert.equal(cache.read(other), undefined);
    const path = join(directory, readdirSync(directory)[0]);
    const elsewhere = join(directory, 'elsewhere');
    new FeatureCache(elsewhere).write(new Map([[other, features]]));
    copyFileSync(join(elsewhere, readdirSync(elsewhere)[0]), path);
    assert.equal(cache.read(key), undefined);
  });

  it('takes no notice of other files in its folder', () => {
    new FeatureCache(directory).write(new Map([[key, features]]));
    const [name] = readdirSync(directory);
    renameSync(join(directory, name), join(directory, 'notes.txt'));
    assert.equal(new FeatureCache(directory).read(key), undefined);
    assert.deepEqual(readdirSync(directory), ['notes.txt']);
  });

  it('does without files that disappear, and without a folder', () => {
    const cache = new FeatureCache(directory);
    cache.write(new Map([[key, features]]));
    rmSync(join(directory, readdirSync(directory)[0]));
    assert.equal(cache.read(key), undefined);
    assert.equal(new FeatureCache(join(directory, 'nowhere')).read(key), undefined);
  });

  it('write() throws where it cannot write, and writes nothing for nothing', () => {
    const file = join(directory, 'a file');
    writeFileSync(file, '');
    const cache = new FeatureCache(file);
    assert.throws(() => cache.write(new Map([[key, features]])), { name: 'InputError', message: /Cannot write/ });
    cache.write(new Map());
  });
});
