import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCorpus } from '../../src/corpora/corpora.js';

describe('repeated utterances', () => {
  it('loadCorpus() keeps the lossless one of the two formats that CREMA-D comes in', async () => {
    const root = mkdtempSync(join(tmpdir(), 'ser-'));
    const [mp3, wav] = ['AudioMP3/1001_DFA_ANG_XX.mp3', 'AudioWAV/1001_DFA_ANG_XX.wav'].map((path) => join(root, path));
    for (const folder of ['AudioMP3', 'AudioWAV']) mkdirSync(join(root, folder));
    for (const path of [mp3, wav]) writeFileSync(path, '');
    const { clips, repeated } = await loadCorpus(root);
    rmSync(root, { recursive: true });
    assert.deepEqual(
      clips.map((clip) => clip.path),
      [wav],
    );
    assert.deepEqual(repeated, [mp3]);
  });
});
