import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheDirectory, FEATURE_CACHE_VARIABLE, featureCacheDirectory } from '../../src/common/cache-directory.js';
import { EMODB, ser } from '../cli/ser.js';

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
    const [home, own] = [join(root, 'home'), join(root, 'own')];
    const env = { HOME: home, XDG_CACHE_HOME: home, LOCALAPPDATA: home };
    const features = (cache: string) =>
      ser(['features', join(EMODB, '03a01Fa.flac'), '--out', join(root, 'out')], {
        env: { ...env, [FEATURE_CACHE_VARIABLE]: cache },
      });
    assert.equal((await features(own)).code, 0);
    assert.equal(readdirSync(own).length, 1);
    assert.deepEqual(readdirSync(root).sort(), ['out', 'own']);

    assert.equal((await features('')).code, 0);
    assert.deepEqual(readdirSync(root).sort(), ['home', 'out', 'own']);
  });
});
