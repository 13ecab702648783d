import assert from 'node:assert/strict';
import { coverageFigure, reliabilitiesFigure, reliabilityFigure } from '../../src/plots/figures.js';

describe('reliabilityFigure()', () => {
  it('draws how often answers are right, beside the diagonal', () => {
    const bins = [
      { confidence: 0.35, accuracy: 0, clips: 1 },
      { confidence: 0.92, accuracy: 0.75, clips: 4 },
    ];
    const [diagonal, found] = reliabilityFigure(bins).data;
    assert.deepEqual([diagonal.x, diagonal.y], [diagonal.y, diagonal.x]);
    assert.deepEqual(
      [found.x, found.y, found.customdata],
      [
        [35, 92],
        [0, 75],
        [1, 4],
      ],
    );
  });

  it('refuses no bins', () => {
    assert.throws(() => reliabilityFigure([]), { name: 'RangeError', message: /at least one bin/ });
  });
});

describe('coverageFigure()', () => {
  const curve = [
    { threshold: 0.91, coverage: 0.25, accuracy: 1 },
    { threshold: 0.4, coverage: 1, accuracy: 0.5 },
  ];

  it('draws accuracy by coverage in per cent, and tells the threshold', () => {
    const { data, layout } = coverageFigure(curve, 'Test');
    assert.equal(data.length, 1);
    assert.deepEqual(
      [data[0].mode, data[0].x, data[0].y, data[0].customdata],
      ['lines', [25, 100], [100, 50], [0.91, 0.4]],
    );
    assert.equal((layout.title as { text: string }).text, 'Test');
  });

  it('shows a single point', () => {
    assert.equal(coverageFigure(curve.slice(1)).data[0].mode, 'markers');
  });

  it('refuses no points', () => {
    assert.throws(() => coverageFigure([]), { name: 'RangeError', message: /at least one point/ });
  });
});

describe('reliabilitiesFigure()', () => {
  it('draws how often each network was right by how sure it was, beside the diagonal', () => {
    const { data } = reliabilitiesFigure({ ours: [{ confidence: 0.25, accuracy: 0.5, clips: 4 }] });
    assert.deepEqual(
      data.map(({ name, x, y }) => [name, x, y]),
      [
        ['as sure as right', [0, 100], [0, 100]],
        ['ours', [25], [50]],
      ],
    );
    assert.throws(() => reliabilitiesFigure({ ours: [] }), {
      name: 'RangeError',
      message: /ours must have at least one/,
    });
  });
});
