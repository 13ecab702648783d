import assert from 'node:assert/strict';
import { calibrationError, reliability } from '../../src/evaluation/calibration.js';

describe('calibration', () => {
  // Five clips of two classes: confidences 0.9, 0.9, 0.6, 0.65 and 1, of which the second and the last are wrong.
  const probabilities = Float32Array.of(0.9, 0.1, 0.1, 0.9, 0.6, 0.4, 0.35, 0.65, 1, 0);
  const targets = [0, 0, 0, 1, 1];

  it('reliability() puts clips together by how sure the network was, in tenths', () => {
    const bins = reliability(targets, probabilities, 2);
    const rounded = bins.map(({ confidence, accuracy, clips }) => [
      +confidence.toFixed(4),
      +accuracy.toFixed(4),
      clips,
    ]);
    // float32's 0.6 is a little above 0.6, its 0.9 a little below 0.9; a probability of 1 is in the last tenth.
    assert.deepEqual(rounded, [
      [0.625, 1, 2],
      [0.9, 0.5, 2],
      [1, 0, 1],
    ]);
  });

  it('calibrationError() is the mean difference of confidence and accuracy, over the clips', () => {
    const bins = reliability(targets, probabilities, 2);
    const expected = (2 * Math.abs(0.625 - 1) + 2 * Math.abs(0.9 - 0.5) + 1 * Math.abs(1 - 0)) / 5;
    assert.ok(Math.abs(calibrationError(bins) - expected) < 1e-6);
    assert.equal(calibrationError(reliability([0, 1], Float32Array.of(1, 0, 0, 1), 2)), 0);
  });

  it('calibrationError() refuses no clips', () => {
    assert.throws(() => calibrationError([]), { name: 'RangeError', message: /there are no clips/ });
  });
});
