import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clip } from '../../src/corpora/clip.js';
import { overlapNote, requireNoneOnTwoSides } from '../../src/corpora/duplicates.js';

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

  it('refuses segments of one recording on two sides that overlap by half or more', () => {
    const segment = (speaker: string, startSeconds: number, endSeconds?: number): Clip => ({
      ...clip('talk', speaker, 'talk'),
      segment: { startSeconds, ...(endSeconds !== undefined && { endSeconds }) },
    });
    const accepted = (...clips: Clip[]) => requireNoneOnTwoSides(clips, (c) => c.speaker);
    const refused = (...clips: Clip[]) =>
      assert.throws(() => accepted(...clips), { name: 'InputError', message: /talk.* and .*talk.* overlap, so that/ });
    accepted(segment('ann', 0, 2), segment('ben', 2, 4), segment('ann', 1, 2.5), segment('cem', 4));
    accepted(segment('ann', 0, 2), segment('ben', 1.1, 4));
    accepted(segment('ann', 0, 2), segment('ann', 0, 2));
    refused(segment('ann', 0, 2), segment('ben', 1, 4));
    refused(segment('ann', 0, 9), segment('ben', 8, 9));
    refused(segment('ann', 3), segment('ben', 5));
    refused(segment('ann', 3, 5), clip('talk', 'ben', 'talk'));
    // What is between them does not hide it.
    refused(segment('ann', 0, 9), segment('ann', 1, 2), segment('ben', 5, 8));
  });

  it('overlapNote() counts segments that overlap, and says nothing of others', () => {
    const segment = (startSeconds: number, endSeconds: number): Clip => ({
      ...clip('talk', 'ann', 'talk'),
      segment: { startSeconds, endSeconds },
    });
    assert.equal(overlapNote([clip('a', 'ann', 'x'), segment(0, 2), segment(2, 4), segment(3.5, 6)]), undefined);
    assert.match(overlapNote([segment(4, 6), segment(0, 2), segment(1, 3), segment(2, 4)])!, /^3 segments overlap /);
  });

  it('names a file that cannot be read', () => {
    assert.throws(() => requireNoneOnTwoSides([clip('none', 'ann')], (c) => c.speaker), {
      name: 'InputError',
      message: /Cannot read .*none: ENOENT/,
    });
  });
});
