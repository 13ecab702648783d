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

  it('takes a frame for silent only where every band is at the lowest value of all', () => {
    // The lowest value is the first one of all; the last frame is above it in one band alone, whichever that is.
    for (const band of [0, 1, 2]) {
      const rows = [0, 1, 2].map((row) => [-80, 0, row === band ? -79 : -80, -80]);
      assert.equal(paddedFrames(spectrogram(...rows), 4), 1, `band ${band}`);
    }
    assert.equal(paddedFrames(spectrogram([-80, 0, 0]), 3), 0);
  });

  it('takes a clip that is the same throughout for silent, whatever the window', () => {
    const flat = spectrogram([-80, -80, -80], [-80, -80, -80]);
    assert.deepEqual(
      [1, 2, 3, 5].map((frames) => paddedFrames(flat, frames)),
      [1, 2, 3, 5],
    );
  });

  it('refuses an impossible window', () => {
    for (const frames of [0, -1, 1.5, Number.NaN])
      assert.throws(() => paddedFrames(spectrogram([0]), frames), {
        name: 'RangeError',
        message: `Cannot count padding: frames must be a positive integer, current value is ${frames}`,
      });
  });
});
