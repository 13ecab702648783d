import assert from 'node:assert/strict';
import { MEL_DEFAULTS } from '../../src/features/mel.js';
import { filterBankFigure, linesFigure } from '../../src/plots/lines.js';

const LABELS = { title: 'Lines', xTitle: 'x', yTitle: 'y' };

describe('linesFigure()', () => {
  it('draws each line in another colour, and names several', () => {
    const { data, layout } = linesFigure(
      [
        { name: 'a', x: [0, 1], y: Float32Array.of(0.1, 2) },
        { name: 'b', x: [0, 1], y: [3, 4] },
      ],
      LABELS,
    );
    assert.deepEqual(
      data.map(({ name, x, y }) => [name, x, y]),
      [
        ['a', [0, 1], [0.1, 2]],
        ['b', [0, 1], [3, 4]],
      ],
    );
    assert.notDeepEqual(data[0].line, data[1].line);
    assert.equal(layout.showlegend, true);
  });

  it('needs no legend for one line, and none for more than ten', () => {
    const lines = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `${i}`, x: [0], y: [i] }));
    assert.deepEqual(
      [1, 2, 10, 11].map((count) => linesFigure(lines(count), LABELS).layout.showlegend),
      [false, true, true, false],
    );
  });

  it('refuses no lines, lines without points, and lengths that differ', () => {
    const cases: [Parameters<typeof linesFigure>[0], string][] = [
      [[], 'there must be at least one, current number is 0'],
      [[{ name: 'a', x: [], y: [] }], 'a must have at least one point, current number is 0'],
      [[{ name: 'a', x: [1, 2], y: [1] }], 'x and y of a differ in length: 2 != 1'],
    ];
    for (const [lines, rule] of cases)
      assert.throws(() => linesFigure(lines, LABELS), { name: 'RangeError', message: `Cannot draw lines: ${rule}` });
  });
});

describe('filterBankFigure()', () => {
  it('draws every n-th triangle, from zero to zero, under its centre', () => {
    const { data, layout } = filterBankFigure(MEL_DEFAULTS, 8);
    assert.equal(data.length, 16);
    assert.equal((layout.title as { text: string }).text, '16 of 128 mel bands');
    const { x, y, name } = data[15] as { x: number[]; y: number[]; name: string };
    assert.deepEqual([y[0], y[y.length - 1]], [0, 0]);
    const top = x[y.indexOf(Math.max(...y))];
    const centre = Number(/band 121: (\d+) Hz/.exec(name)![1]);
    assert.ok(Math.abs(top - centre) < 11, `${top} and ${centre}`);
  });

  it('draws all of them unless told otherwise, and refuses steps that are not positive integers', () => {
    assert.equal(filterBankFigure({ ...MEL_DEFAULTS, bands: 20 }).data.length, 20);
    assert.throws(() => filterBankFigure(MEL_DEFAULTS, 0), {
      name: 'RangeError',
      message: 'Cannot draw a filter bank: every must be a positive integer, current value is 0',
    });
  });
});
