import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeJson } from '../../src/common/files.js';
import { RUN_DEFAULTS, readConfig } from '../../src/run/config.js';

describe('run config', () => {
  const directory = mkdtempSync(join(tmpdir(), 'ser-'));
  const path = join(directory, 'config.json');
  after(() => rmSync(directory, { recursive: true }));

  it('readConfig() gives back what was saved', () => {
    const config = { ...RUN_DEFAULTS, corpus: 'tess', testSpeakers: ['OAF'], sizes: { filters: [8, 8] } };
    writeJson(path, config);
    assert.deepEqual(readConfig(path), config);
  });

  it('readConfig() names what is missing, damaged, out of range or unknown', () => {
    const bad: [content: string, message: RegExp][] = [
      ['{"data"', /config.json is damaged/],
      [JSON.stringify({ ...RUN_DEFAULTS, epochs: 0 }), /epochs/],
      [JSON.stringify({ ...RUN_DEFAULTS, protocol: 'magic' }), /protocol/],
      [JSON.stringify({ ...RUN_DEFAULTS, colour: 'red' }), /colour/],
      [JSON.stringify({ ...RUN_DEFAULTS, seed: undefined }), /seed/],
    ];
    for (const [content, message] of bad) {
      writeFileSync(path, content);
      assert.throws(() => readConfig(path), { name: 'InputError', message });
    }
    assert.throws(() => readConfig(join(directory, 'none.json')), { name: 'InputError', message: /is missing/ });
  });
});
