import assert from 'node:assert/strict';
import type { JsonObject } from '../../src/plots/figure.js';
import { intervalsFigure } from '../../src/plots/intervals.js';

describe('intervalsFigure()', () => {
  const options = { title: 'UAR', xTitle: 'UAR in %', chance: 0.25 };

  it('draws a dot for each configuration, its interval where there is one, and what guessing gives', () => {
    const estimates = [
      { name: 'a', value: 0.5, interval: { low: 0.4, high: 0.7 } },
      { name: '<b>', value: 0.3 },
    ];
    const { data, layout } = intervalsFigure(estimates, options);
    const [{ x, y, error_x }] = data;
    assert.deepEqual(
      [x, y],
      [
        [50, 30],
        ['a', '&lt;b&gt;'],
      ],
    );
    const { array, arrayminus } = error_x as JsonObject;
    assert.deepEqual(
      [array, arrayminus],
      [
        [20, 0],
        [10, 0],
      ],
    );
    const [line] = layout.shapes as JsonObject[];
    assert.deepEqual([line.x0, line.x1], [25, 25]);
    assert.ok(Number(intervalsFigure([...estimates, ...estimates], options).layout.height) > Number(layout.height));
  });

  it('refuses to draw nothing', () => {
    assert.throws(() => intervalsFigure([], options), { name: 'RangeError', message: /there must be at least one/ });
  });
});
