import assert from 'node:assert/strict';
import { descriptorsFigure, type JsonObject } from '../../src/plots/figures.js';

const LABELS = ['anger', 'sadness'];
// What each adds to a class in its own clips: 0.5, 2, 0.01, and nothing.
const DESCRIPTORS = [
  { name: 'pitch: mean', weights: [0.5, -0.5], means: [1, -1] },
  { name: 'a < b', weights: [-1, 1], means: [-0.2, 2] },
  { name: 'energy: mean', weights: [0.1, -0.1], means: [0.1, 0] },
  { name: 'contrary', weights: [3, -3], means: [-1, 1] },
];

describe('descriptorsFigure()', () => {
  const cellsOf = (most?: number) => {
    const { data, layout } = descriptorsFigure(DESCRIPTORS, LABELS, { most });
    const [{ x, y, z, zmin, zmax, text, customdata }] = data;
    return { x, y: y as string[], z, zmin, zmax, text: text as string[][], customdata, height: Number(layout.height) };
  };

  it('draws the strongest descriptors, in the order of the classes that they speak for', () => {
    const { y, z, x, customdata } = cellsOf(3);
    assert.deepEqual(y, ['pitch: mean', 'energy: mean', 'a &lt; b']);
    assert.deepEqual(x, LABELS);
    assert.deepEqual(z, [
      [0.5, -0.5],
      [0.1, -0.1],
      [-1, 1],
    ]);
    assert.deepEqual(customdata, [
      [1, -1],
      [0.1, 0],
      [-0.2, 2],
    ]);
  });

  it('has the colour of nothing in the middle, and grows with its rows', () => {
    const [few, all] = [cellsOf(1), cellsOf()];
    assert.deepEqual([few.y, few.zmin, few.zmax], [['a &lt; b'], -1, 1]);
    assert.deepEqual([all.y.length, all.zmin, all.zmax], [4, -3, 3]);
    assert.ok(all.height > few.height);
    assert.ok(!all.text.flat().includes('−0.0'));
  });

  it('has a title, its own unless another is given', () => {
    const titleOf = (title?: string) =>
      (descriptorsFigure(DESCRIPTORS, LABELS, { title }).layout.title as JsonObject).text;
    assert.deepEqual([titleOf(), titleOf('Mine')], ['Descriptors by emotion', 'Mine']);
  });

  it('refuses nothing to draw, values that are not one for each class, and no rows', () => {
    const cases: [() => unknown, string][] = [
      [() => descriptorsFigure([], LABELS), 'there must be at least one, current number is 0'],
      [() => descriptorsFigure(DESCRIPTORS, []), 'there must be at least one class, current number is 0'],
      [
        () => descriptorsFigure(DESCRIPTORS, [...LABELS, 'fear']),
        'pitch: mean must have a value for each of 3 classes, current number is 2',
      ],
      [
        () => descriptorsFigure([{ name: 'x', weights: [1, 2], means: [1] }], LABELS),
        'x must have a value for each of 2 classes, current number is 1',
      ],
      [
        () => descriptorsFigure(DESCRIPTORS, LABELS, { most: 1.5 }),
        'most must be a positive integer, current value is 1.5',
      ],
    ];
    for (const [draw, rule] of cases)
      assert.throws(draw, { name: 'RangeError', message: `Cannot draw descriptors: ${rule}` });
  });
});
