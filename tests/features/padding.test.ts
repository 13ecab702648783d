import assert from 'node:assert/strict';
import { paddedFrames } from '../../src/features/padding.js';

/** Two bands: values by band. */
const spectrogram = (...rows: number[][]) => ({
  values: Float32Array.from(rows.flat()),
  bands: rows.length,
  frames: rows[0].length,
});

describe('paddedFrames()', () => {
  it('counts missing frames, silent ones at the end, and both', () => {
    const loud = spectrogram([0, -5, 0], [-80, 0, -3]);
    const silent = spectrogram([0, -80, -5, -80, -80], [-80, -80, 0, -80, -80]);
    assert.equal(paddedFrames(loud, 3), 0);
    assert.equal(paddedFrames(loud, 10), 7);
    assert.equal(paddedFrames(silent, 5), 2);
    assert.equal(paddedFrames(silent, 7), 4);
  });

  it('looks at the window only', () => {
    assert.equal(paddedFrames(spectrogram([0, -80, -5], [-80, -80, 0]), 2), 1);
    assert.equal(paddedFrames(spectrogram([0, 1, -80], [0, 1, -80]), 2), 0);
  });

  it('refuses a window that is none', () => {
    assert.throws(() => paddedFrames(spectrogram([0]), 0), {
      name: 'RangeError',
      message: 'Cannot count padding: frames must be a positive integer, current value is 0',
    });
  });
});
