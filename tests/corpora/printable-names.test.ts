import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCorpus } from '../../src/corpora/corpora.js';

describe('names in a corpus', () => {
  it('are refused before anything is trained where they cannot be printed', async () => {
    const root = mkdtempSync(join(tmpdir(), 'ser-'));
    const manifest = join(root, 'own.csv');
    writeFileSync(join(root, 'a.wav'), '');
    for (const [emotion, speaker, what] of [
      ['an\u001b[31mger', 'x', 'emotion'],
      ['anger', 'x\u0001', 'speaker'],
      ['"an\nger"', 'x', 'label'],
    ]) {
      writeFileSync(manifest, `path,emotion,speaker\na.wav,${emotion},${speaker}\n`);
      await assert.rejects(loadCorpus(manifest), {
        name: 'InputError',
        message: new RegExp(`each ${what} must be a line of printable characters, that of .*a\\.wav is "`),
      });
    }
    rmSync(root, { recursive: true });
  });
});
