import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheKey, readEntry, writeEntry } from '../../src/features/cache.js';
import { MEL_DEFAULTS } from '../../src/features/mel.js';

describe('feature cache', () => {
  const directory = mkdtempSync(join(tmpdir(), 'ser-'));
  after(() => rmSync(directory, { recursive: true }));

  const content = Buffer.from('a recording');
  const key = cacheKey(content, MEL_DEFAULTS);
  const features = {
    decibels: { values: Float32Array.from({ length: 6 }, (_, i) => -i / 3), bands: 2, frames: 3 },
    statistics: { mean: [-0.1], std: [1 / 3] },
    sampleRateHz: 24414,
    durationSeconds: 1.7,
  };
  const path = () => join(directory, key.slice(0, 2), readdirSync(join(directory, key.slice(0, 2)))[0]);

  it('cacheKey() depends on the content and on every option, not on their order', () => {
    const keys = [key, cacheKey(Buffer.from('another'), MEL_DEFAULTS)];
    for (const option of Object.keys(MEL_DEFAULTS) as (keyof typeof MEL_DEFAULTS)[])
      keys.push(cacheKey(content, { ...MEL_DEFAULTS, [option]: MEL_DEFAULTS[option] + 1 }));
    assert.equal(new Set(keys).size, keys.length);
    const reversed = Object.fromEntries(Object.entries(MEL_DEFAULTS).reverse()) as unknown as typeof MEL_DEFAULTS;
    assert.equal(cacheKey(content, reversed), key);
  });

  it('readEntry() gives back what writeEntry() wrote, and knows what is not there', () => {
    assert.equal(readEntry(directory, key), undefined);
    writeEntry(directory, key, features);
    assert.deepEqual(readEntry(directory, key), features);
  });

  it('readEntry() notices every damaged byte and every missing one', () => {
    writeEntry(directory, key, features);
    const bytes = readFileSync(path());
    for (let i = 0; i < bytes.length; i++) {
      const damaged = Buffer.from(bytes);
      damaged[i] ^= 0x11;
      writeFileSync(path(), damaged);
      assert.equal(readEntry(directory, key), undefined, `byte ${i}`);
    }
    writeFileSync(path(), bytes);
    for (let length = bytes.length - 1; length >= 0; length -= 7) {
      truncateSync(path(), length);
      assert.equal(readEntry(directory, key), undefined, `${length} bytes`);
    }
  });

  it('writeEntry() throws where it cannot write', () => {
    assert.throws(() => writeEntry(path(), key, features), { name: 'InputError', message: /Cannot write/ });
  });
});
