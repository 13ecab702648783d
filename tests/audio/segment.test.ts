import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeClip, decodeFile } from '../../src/audio/decode-file.js';
import { bySource, cutSegment, type Segment, sourceName } from '../../src/audio/segment.js';
import { wav } from './wav.js';

describe('segments', () => {
  const recording = {
    samples: Float32Array.from({ length: 100 }, (_, i) => i),
    ...{ sampleRateHz: 10, channels: 1, durationSeconds: 10 },
  };
  const cut = (segment: Segment) => [...cutSegment(recording, segment, 'x.wav').samples];

  it('sourceName() names a recording by its path, and a segment by its times, too', () => {
    assert.equal(sourceName({ path: 'a.wav' }), 'a.wav');
    assert.equal(sourceName({ path: 'a.wav', segment: { startSeconds: 1.5, endSeconds: 3 } }), 'a.wav [1.5 s to 3 s]');
    assert.equal(sourceName({ path: 'a.wav', segment: { startSeconds: 2 } }), 'a.wav [2 s to the end]');
  });

  it('bySource() sorts by path, then by time, whole recordings last of those that begin at once', () => {
    const sources = [
      { path: 'a' },
      { path: 'a', segment: { startSeconds: 10, endSeconds: 11 } },
      { path: 'a', segment: { startSeconds: 0, endSeconds: 2 } },
      { path: 'A' },
      { path: 'a', segment: { startSeconds: 9, endSeconds: 11 } },
      { path: 'a', segment: { startSeconds: 9, endSeconds: 10 } },
    ];
    assert.deepEqual(
      [...sources].sort(bySource),
      [3, 2, 0, 5, 4, 1].map((i) => sources[i]),
    );
    assert.deepEqual([...sources].reverse().sort(bySource), [...sources].sort(bySource));
  });

  it('cutSegment() takes the samples from the start up to the end, and says how long that is', () => {
    assert.deepEqual(cut({ startSeconds: 1, endSeconds: 1.5 }), [10, 11, 12, 13, 14]);
    assert.deepEqual(cut({ startSeconds: 9.8 }), [98, 99]);
    // To the nearest sample.
    assert.deepEqual(cut({ startSeconds: 1.04, endSeconds: 1.16 }), [10, 11]);
    // Parts that follow one another leave nothing out, and have nothing in common.
    const times = [0, 0.33, 1.27, 5.55, 10];
    const parts = times.slice(1).map((endSeconds, i) => cut({ startSeconds: times[i], endSeconds }));
    assert.deepEqual(parts.flat(), [...recording.samples]);
    assert.equal(cutSegment(recording, { startSeconds: 1, endSeconds: 1.5 }, 'x.wav').durationSeconds, 0.5);
  });

  it('cutSegment() allows for rounded times at the end, and refuses what is behind it', () => {
    assert.deepEqual(cut({ startSeconds: 9.8, endSeconds: 10.09 }), [98, 99]);
    const refused = (segment: Segment, what: string) =>
      assert.throws(() => cut(segment), { name: 'InputError', message: `x.wav: the segment from ${what}` });
    const behind = 'reaches behind the end of the recording, at 10 s';
    refused({ startSeconds: 9.8, endSeconds: 10.2 }, `9.8 s to 10.2 s ${behind}`);
    refused({ startSeconds: 10 }, `10 s to the end ${behind}`);
    refused({ startSeconds: 1, endSeconds: 1.01 }, '1 s to 1.01 s is shorter than a sample');
  });

  it('cutSegment() takes a segment for complete where the end of its recording is missing', () => {
    const truncated = { ...recording, truncated: 'the end is missing' };
    assert.equal(cutSegment(truncated, { startSeconds: 1, endSeconds: 2 }, 'x').truncated, undefined);
    assert.equal(cutSegment(truncated, { startSeconds: 1 }, 'x').truncated, 'the end is missing');
  });

  it('decodeClip() decodes a recording, or a segment of it', async () => {
    const root = mkdtempSync(join(tmpdir(), 'ser-'));
    try {
      const path = join(root, 'a.wav');
      writeFileSync(path, wav(Array.from({ length: 800 }, (_, i) => Math.sin(i))));
      const whole = await decodeFile(path);
      assert.deepEqual(await decodeClip({ path }), whole);
      const part = await decodeClip({ path, segment: { startSeconds: 0.01, endSeconds: 0.02 } });
      assert.deepEqual(part.samples, whole.samples.slice(160, 320));
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
