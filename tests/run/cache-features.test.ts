import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Piscina from 'piscina';
import { cacheFeatures, configAt } from '../../src/run/cache-features.js';
import { configFor, memberConfigs, writeConfig } from '../../src/run/config.js';
import { resume, run } from '../../src/run/run.js';
import { BACKEND, smallCorpus } from '../cli/ser.js';

describe('cacheFeatures()', function () {
  this.timeout(120_000);
  const root = mkdtempSync(join(tmpdir(), 'ser-'));
  const at = (...names: string[]) => join(root, ...names);
  const { run: extract } = Piscina.prototype;
  before(() => smallCorpus(at('small')));
  afterEach(() => {
    Piscina.prototype.run = extract;
  });
  after(() => rmSync(root, { recursive: true }));

  it('leaves nothing to extract to a run with both networks and copies, whose result is the same', async () => {
    const config = configFor('both', {
      ...{ data: at('small'), protocol: 'random', epochs: 1 },
      ...{ speeds: [0.9], conditions: ['telephone'] },
    });
    const options = { backend: BACKEND, workers: 1, report: false } as const;
    writeConfig(at('filled', 'config.json'), config);
    const cacheDirectory = at('cache');
    for (const part of [2, 3, 1]) {
      const { clips, skipped } = await cacheFeatures(configAt(at('filled')), {
        ...options,
        cacheDirectory,
        shard: { part, of: 3 },
      });
      assert.deepEqual([clips.length, skipped.length], [8, 0]);
    }
    const kept = readdirSync(cacheDirectory, { recursive: true }).sort();
    Piscina.prototype.run = () => {
      throw new Error('something is extracted');
    };
    assert.ok((await resume(at('filled'), { ...options, cacheDirectory })).finished);
    assert.deepEqual(readdirSync(cacheDirectory, { recursive: true }).sort(), kept);
    // The member alone, from a cache of its own; the other one's answers do not depend on this one's.
    const [, encoder] = memberConfigs(config);
    const alone = { ...options, cacheDirectory: at('own') };
    await assert.rejects(run(encoder, { ...alone, directory: at('none') }), /something is extracted/);
    Piscina.prototype.run = extract;
    await run(encoder, { ...alone, directory: at('alone') });
    const [filled, own] = ['filled/encoder', 'alone'].map((name) => readFileSync(at(name, 'predictions.csv'), 'utf8'));
    assert.equal(filled, own);
  });
});
