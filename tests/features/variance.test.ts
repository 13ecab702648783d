import assert from 'node:assert/strict';
import { varianceShare, varianceShares } from '../../src/features/variance.js';

/** One band, so that the mean spectrum is the mean of these. */
const clip = (...values: number[]) => ({ values: Float32Array.from(values), bands: 1, frames: values.length });

describe('varianceShare()', () => {
  const clips = [clip(0, 2), clip(3), clip(5, 7), clip(8)];

  it('compares the variance of the groups with that of the clips', () => {
    // Mean spectra 1, 3, 6, 8 around 4.5: 29 in all; groups at 2 and 7: 25.
    assert.ok(Math.abs(varianceShare(clips, ['a', 'a', 'b', 'b']) - 25 / 29) < 1e-12);
  });

  it('takes all bands and all frames into account, and every clip once, however long', () => {
    const two = (low: number[], high: number[]) => ({
      values: Float32Array.from([...low, ...high]),
      bands: 2,
      frames: low.length,
    });
    // Mean spectra (0, 0), (2, 0) and (4, 3) around (2, 1): 4 + 1 + 0 + 1 + 4 + 4 = 14; groups at (1, 0) and (4, 3):
    // 2 · (1 + 1) + (4 + 4) = 12.
    const spectrograms = [two([0], [0]), two([1, 2, 3], [0, 1, -1]), two([4, 4], [2, 4])];
    assert.ok(Math.abs(varianceShare(spectrograms, ['a', 'a', 'b']) - 12 / 14) < 1e-12);
  });

  it('is 1 where every clip is its own group, and 0 where all groups are alike or nothing varies', () => {
    assert.equal(varianceShare(clips, ['a', 'b', 'c', 'd']), 1);
    assert.equal(varianceShare(clips, ['a', 'b', 'b', 'a']), 0);
    assert.equal(varianceShare([clip(5), clip(5)], ['a', 'b']), 0);
  });

  it('refuses no clips, groups that do not fit, and clips with different bands', () => {
    assert.throws(() => varianceShare([], []), {
      name: 'RangeError',
      message: 'Cannot compute variance: there are no spectrograms',
    });
    assert.throws(() => varianceShare(clips, ['a']), {
      name: 'RangeError',
      message: 'Spectrograms and groups differ in length: 4 != 1',
    });
    const two = { values: Float32Array.of(1, 2), bands: 2, frames: 1 };
    assert.throws(() => varianceShare([clip(1), two], ['a', 'b']), {
      name: 'RangeError',
      message: 'Spectrograms differ in their number of mel bands: 1 != 2',
    });
  });
});

describe('varianceShares()', () => {
  it('gives the share of each', () => {
    const known = [
      { speaker: 'a', emotion: 'fear' },
      { speaker: 'a', emotion: 'anger' },
      { speaker: 'b', emotion: 'anger' },
      { speaker: 'b', emotion: 'fear' },
    ];
    const shares = varianceShares([clip(0), clip(0), clip(2), clip(2)], known, ['speaker', 'emotion']);
    assert.deepEqual(shares, { speaker: 1, emotion: 0 });
  });
});
