import assert from 'node:assert/strict';
import { cutFrames } from '../../src/features/cut.js';

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
