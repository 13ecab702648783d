import assert from 'node:assert/strict';
import { cutFrames, speechOf } from '../../src/features/cut.js';

describe('cutFrames()', () => {
  const spectrogram = { values: Float32Array.of(1, 2, 3, 4, 5, 6), bands: 2, frames: 3 };

  it('takes some frames of each band', () => {
    assert.deepEqual(cutFrames(spectrogram, 0, 2), { values: Float32Array.of(1, 2, 4, 5), bands: 2, frames: 2 });
    assert.deepEqual(cutFrames(spectrogram, 1, 1), { values: Float32Array.of(2, 5), bands: 2, frames: 1 });
  });

  it('takes no more frames than there are, and the spectrogram itself for all of them', () => {
    assert.deepEqual(cutFrames(spectrogram, 2, 9), { values: Float32Array.of(3, 6), bands: 2, frames: 1 });
    assert.equal(cutFrames(spectrogram, 0, 3), spectrogram);
    assert.equal(cutFrames(spectrogram, 0, Number.POSITIVE_INFINITY), spectrogram);
  });
});

describe('speechOf()', () => {
  /** Two bands: the level of each frame in the second one, 20 dB less in the first. */
  const levels = (...decibels: number[]) => ({
    values: Float32Array.from([...decibels.map((level) => level - 20), ...decibels]),
    bands: 2,
    frames: decibels.length,
  });

  it('takes out frames at both ends that are 35 dB or more below the loudest value, and none between', () => {
    const kept = speechOf(levels(-60, -35, -34.9, -60, 0, -10, -36));
    assert.deepEqual(kept, { values: Float32Array.of(-54.9, -80, -20, -30, -34.9, -60, 0, -10), bands: 2, frames: 4 });
  });

  it('gives the spectrogram itself where there is no silence, and always a frame', () => {
    const all = levels(0, -5);
    assert.equal(speechOf(all), all);
    assert.deepEqual(speechOf(levels(-50, 0, -50)), levels(0));
    const constant = levels(-7, -7);
    assert.equal(speechOf(constant), constant);
  });
});
