import assert from 'node:assert/strict';
import { robustnessFigure } from '../../src/plots/figures.js';

describe('robustnessFigure()', () => {
  it('draws the drop in points and the share of flipped answers of each condition', () => {
    const { data, layout } = robustnessFigure({
      'noise <b>': { drop: 0.125, flipped: 0.5 },
      gain: { drop: -0.02, flipped: 0 },
    });
    assert.deepEqual(
      data.map(({ x, y, text }) => [x, y, text]),
      [
        [
          [12.5, -2],
          ['noise &lt;b&gt;', 'gain'],
          ['12.5', '-2.0'],
        ],
        [
          [50, 0],
          ['noise &lt;b&gt;', 'gain'],
          ['50.0', '0.0'],
        ],
      ],
    );
    const [low, high] = (layout.xaxis as { range: number[] }).range;
    assert.ok(low < -2 && high > 12.5);
  });

  it('refuses no conditions', () => {
    assert.throws(() => robustnessFigure({}), { name: 'RangeError', message: /at least one condition/ });
  });
});
