import assert from 'node:assert/strict';
import { clipMapFigure, principalComponents } from '../../src/plots/figures.js';
import golden from '../golden/components.json';

describe('principalComponents()', () => {
  for (const { size, count, values, coordinates, shares } of golden)
    it(`equals scikit-learn's for ${values.length / size} vectors of ${size} numbers`, () => {
      const actual = principalComponents({ values, size }, count);
      assert.equal(actual.coordinates.length, coordinates.length);
      for (const [i, row] of coordinates.entries())
        for (const [k, value] of row.entries()) assert.ok(Math.abs(actual.coordinates[i][k] - value) < 1e-6);
      for (const [k, share] of shares.entries()) assert.ok(Math.abs(actual.shares[k] - share) < 1e-9);
    });

  it('puts equal vectors in one place', () => {
    const { coordinates, shares } = principalComponents({ values: [1, 2, 1, 2], size: 2 }, 2);
    assert.deepEqual(
      coordinates.flat().map((value) => Math.abs(value)),
      [0, 0, 0, 0],
    );
    assert.deepEqual(shares, [0, 0]);
  });

  it('refuses vectors that are not whole, none, and a number of directions that there is not', () => {
    const refuse = (values: number[], count: number, message: RegExp) =>
      assert.throws(() => principalComponents({ values, size: 2 }, count), { name: 'RangeError', message });
    refuse([1, 2, 3], 1, /whole vectors of 2 numbers, current number of values is 3/);
    refuse([], 1, /current number of values is 0/);
    for (const count of [0, 3, 1.5])
      refuse([1, 2], count, new RegExp(`count must be an integer from 1 to 2, current value is ${count}`));
  });
});

describe('clipMapFigure()', () => {
  const clips = ['a', 'b', 'c', 'd'].map((name, i) => ({
    path: `corpus/${name}<1>.wav`,
    emotion: i < 2 ? 'anger' : 'sadness',
    speaker: `${i % 2}`,
  }));
  const split = { train: [0, 1], validation: [3], test: [2, 3] };
  const vectors = { values: [0, 0, 7, 0, 0, 8, 400, 4, 7, 400, 4, 8], size: 3 };
  const figure = clipMapFigure({ clips, split }, vectors);

  it('shows the same points by emotion, by speaker and by set, where a test clip is one though it also validates', () => {
    assert.deepEqual(
      figure.data.map(({ name, x, legend }) => [name, (x as number[]).length, legend]),
      [
        ['anger', 2, 'legend'],
        ['sadness', 2, 'legend'],
        ['0', 2, 'legend2'],
        ['1', 2, 'legend2'],
        ['train', 2, 'legend3'],
        ['test', 2, 'legend3'],
      ],
    );
    const places = (panel: string) =>
      figure.data
        .filter(({ legend }) => legend === panel)
        .flatMap(({ x, y }) => (x as number[]).map((value, i) => `${value},${(y as number[])[i]}`))
        .sort();
    assert.deepEqual(places('legend2'), places('legend'));
    assert.deepEqual(places('legend3'), places('legend'));
  });

  it('puts clips apart as their vectors are, whatever the unit of a number, and says how much of the variance that is', () => {
    const [anger, sadness] = figure.data.map(({ x }) => x as number[]);
    // The first two numbers are one once z-scored: √2 from the centre.
    const root = Number(Math.SQRT2.toPrecision(5));
    assert.deepEqual(anger, [-root, -root]);
    assert.deepEqual(sadness, [root, root]);
    // 2 and 1 of 3.
    const title = (axis: string) => (figure.layout[axis] as { title: { text: string } }).title.text;
    assert.deepEqual([title('xaxis'), title('yaxis')], ['1st component (67 %)', '2nd component (33 %)']);
  });

  it('names each clip, escaped', () => {
    assert.deepEqual(figure.data[0].text, [
      'a&lt;1&gt;.wav: anger, speaker 0, train',
      'b&lt;1&gt;.wav: anger, speaker 1, train',
    ]);
  });

  it('leaves more than twelve speakers to hovering, and tells more than nine apart by marks', () => {
    const of = (count: number) => {
      const many = Array.from({ length: count }, (_, i) => ({ ...clips[0], speaker: String(i).padStart(2, '0') }));
      const values = Array.from({ length: 2 * count }, (_, i) => i);
      const { data } = clipMapFigure(
        { clips: many, split: { train: [], validation: [], test: [] } },
        { values, size: 2 },
      );
      return data.filter(({ legend }) => legend === 'legend2');
    };
    assert.deepEqual(new Set(of(12).map(({ showlegend }) => showlegend)), new Set([true]));
    assert.deepEqual(new Set(of(13).map(({ showlegend }) => showlegend)), new Set([false]));
    const marks = of(12).map(({ marker }) => JSON.stringify(marker));
    assert.equal(new Set(marks).size, 12);
  });

  it('refuses no clips, and vectors that are not as many', () => {
    assert.throws(() => clipMapFigure({ clips: [], split }, vectors), {
      name: 'RangeError',
      message: 'Cannot draw a map of clips: there must be at least one clip, current number is 0',
    });
    assert.throws(() => clipMapFigure({ clips, split }, { values: [1, 2, 3], size: 3 }), {
      name: 'RangeError',
      message: /a vector of 3 numbers for each of 4 clips, current number of values is 3/,
    });
  });
});
