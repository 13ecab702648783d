import assert from 'node:assert/strict';
import { coverageCurve } from '../../src/evaluation/coverage.js';
import golden from '../golden/coverage.json';

describe('coverageCurve()', () => {
  for (const { name, truth, probabilities, points } of golden.cases)
    it(`equals scikit-learn: ${name}`, () => {
      const curve = coverageCurve(truth, Float32Array.from(probabilities.flat()), probabilities[0].length);
      assert.equal(curve.length, points.length);
      for (const [i, { threshold, coverage, accuracy }] of curve.entries())
        for (const [found, expected] of [threshold, coverage, accuracy].map((value, k) => [value, points[i][k]]))
          assert.ok(Math.abs(found - expected) < 1e-9, `${found} != ${expected}`);
    });

  it('ends with all answers and their accuracy', () => {
    const curve = coverageCurve([0, 1, 1], Float32Array.of(0.9, 0.1, 0.8, 0.2, 0.3, 0.7), 2);
    assert.deepEqual(
      curve.map(({ coverage, accuracy }) => [coverage, accuracy]),
      [
        [1 / 3, 1],
        [2 / 3, 1 / 2],
        [1, 2 / 3],
      ],
    );
  });

  it('keeps equally probable answers together', () => {
    const [point, ...others] = coverageCurve([0, 1], Float32Array.of(0.75, 0.25, 0.75, 0.25), 2);
    assert.deepEqual([point, others], [{ threshold: 0.75, coverage: 1, accuracy: 0.5 }, []]);
  });

  it('refuses no clips', () => {
    assert.throws(() => coverageCurve([], new Float32Array(), 2), {
      name: 'RangeError',
      message: /there are no clips/,
    });
  });
});
