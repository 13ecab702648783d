import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  cacheDirectory,
  cacheLimitOf,
  cacheLimitText,
  FEATURE_CACHE_LIMIT_VARIABLE,
  FEATURE_CACHE_VARIABLE,
  featureCacheDirectory,
  featureCacheLimit,
} from '../../src/common/cache-directory.js';
import { ser, smallCorpus } from '../cli/ser.js';

describe('featureCacheDirectory()', () => {
  let root: string;
  const { [FEATURE_CACHE_VARIABLE]: before } = process.env;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'ser-'));
  });
  afterEach(() => {
    process.env[FEATURE_CACHE_VARIABLE] = before;
    rmSync(root, { recursive: true });
  });

  it("is the variable's folder, or else one in the user's cache folder", () => {
    process.env[FEATURE_CACHE_VARIABLE] = root;
    assert.equal(featureCacheDirectory(), root);
    process.env[FEATURE_CACHE_VARIABLE] = '';
    assert.equal(featureCacheDirectory(), join(cacheDirectory(), 'features'));
    delete process.env[FEATURE_CACHE_VARIABLE];
    assert.equal(featureCacheDirectory(), join(cacheDirectory(), 'features'));
  });

  it("is not the user's while tests run", () => {
    assert.ok(before);
    assert.ok(featureCacheDirectory().startsWith(tmpdir()));
  });

  it('is the only place where a command keeps features', async () => {
    const [home, own, corpus] = ['home', 'own', 'corpus'].map((name) => join(root, name));
    smallCorpus(corpus);
    const args = ['run', '--data', corpus, '--network', 'functionals', '--backend', 'wasm', '--out', join(root, 'run')];
    const env = { HOME: home, XDG_CACHE_HOME: home, LOCALAPPDATA: home, [FEATURE_CACHE_VARIABLE]: own };
    const { code, stderr } = await ser(args, { env });
    assert.equal(code, 0, stderr);
    assert.equal(readdirSync(own).length, 1);
    assert.deepEqual(readdirSync(root).sort(), ['corpus', 'own', 'run']);
  }).timeout(120_000);
});

describe('featureCacheLimit()', () => {
  const { [FEATURE_CACHE_LIMIT_VARIABLE]: before } = process.env;
  afterEach(() => {
    if (before === undefined) delete process.env[FEATURE_CACHE_LIMIT_VARIABLE];
    else process.env[FEATURE_CACHE_LIMIT_VARIABLE] = before;
  });

  it("is the variable's size, none, or nothing where it is not set", () => {
    const limits: [text: string, bytes: number | undefined][] = [
      ['20GB', 20e9],
      ['none', Number.POSITIVE_INFINITY],
      ['', undefined],
    ];
    for (const [text, bytes] of limits) {
      process.env[FEATURE_CACHE_LIMIT_VARIABLE] = text;
      assert.equal(featureCacheLimit(), bytes);
    }
    delete process.env[FEATURE_CACHE_LIMIT_VARIABLE];
    assert.equal(featureCacheLimit(), undefined);
  });

  it('refuses what is no size', () => {
    process.env[FEATURE_CACHE_LIMIT_VARIABLE] = '20';
    assert.throws(featureCacheLimit, {
      name: 'UsageError',
      message: 'SPEECH_EMOTION_FEATURE_CACHE_LIMIT must be a size such as 20GB, or none, current value is 20',
    });
  });

  it('cacheLimitText() writes what cacheLimitOf() reads', () => {
    for (const bytes of [0, 123_456_789, 20e9, Number.POSITIVE_INFINITY])
      assert.equal(cacheLimitOf(cacheLimitText(bytes)), bytes);
  });
});
