import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clip } from '../../src/corpora/clip.js';
import { requireNoneOnTwoSides } from '../../src/corpora/duplicates.js';

describe('requireNoneOnTwoSides()', () => {
  const root = mkdtempSync(join(tmpdir(), 'ser-'));
  after(() => rmSync(root, { recursive: true }));

  const clip = (name: string, speaker: string, content?: string): Clip => {
    const path = join(root, name);
    if (content !== undefined) writeFileSync(path, content);
    return { path, corpus: 'c', speaker, emotion: 'fear', label: 'f', text: name };
  };

  it('accepts recordings that differ, and copies on one side', () => {
    requireNoneOnTwoSides([clip('a', 'ann', 'x'), clip('b', 'ben', 'y'), clip('c', 'ann', 'x')], (c) => c.speaker);
  });

  it('refuses the same bytes on two sides, and names both', () => {
    const clips = [clip('a', 'ann', 'x'), clip('b', 'ann', 'x'), clip('c', 'ben', 'x')];
    assert.throws(() => requireNoneOnTwoSides(clips, (c) => c.speaker), {
      name: 'InputError',
      message: `Cannot divide the recordings: ${join(root, 'a')} (ann) and ${join(root, 'c')} (ben) are the same recording, so that it could be learnt from and tested with; remove one of them`,
    });
  });

  it('names a file that cannot be read', () => {
    assert.throws(() => requireNoneOnTwoSides([clip('none', 'ann')], (c) => c.speaker), {
      name: 'InputError',
      message: /Cannot read .*none: ENOENT/,
    });
  });
});
