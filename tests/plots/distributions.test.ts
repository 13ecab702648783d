import assert from 'node:assert/strict';
import { toSvg } from '../../src/pages/picture.js';
import { boxFigure, histogramFigure } from '../../src/plots/distributions.js';
import { COLOURS } from '../../src/plots/figure.js';

const LABELS = { title: 'Title', axisTitle: 'value in Hz' };

interface Trace {
  readonly name: string;
  readonly x: number[];
  readonly y: number[];
  readonly line: { readonly color: string };
}

function traces(figure: { data: readonly object[] }): Trace[] {
  return figure.data as Trace[];
}

describe('boxFigure()', () => {
  it('has one box per group, in alphabetical order though names may be numbers', () => {
    const figure = boxFigure({ 10: [1], '03': [2], 9: [3] }, LABELS);
    assert.deepEqual(
      traces(figure).map(({ name, x }) => [name, x]),
      [
        ['03', [2]],
        ['10', [1]],
        ['9', [3]],
      ],
    );
  });

  it('gives emotions their colours, and other groups one', () => {
    const colours = (groups: Record<string, number[]>) =>
      traces(boxFigure(groups, LABELS)).map(({ line }) => line.color);
    assert.deepEqual(colours({ anger: [1], sadness: [2] }), [COLOURS.vermillion, COLOURS.blue]);
    assert.deepEqual(colours({ OAF: [1], YAF: [2] }), [COLOURS.blue, COLOURS.blue]);
  });

  it('can be drawn, even where all values are the same', async () => {
    assert.match(await toSvg(boxFigure({ anger: [2, 2, 2], fear: [2] }, LABELS)), /value in Hz/);
  });

  it('refuses no groups, empty groups and values that are not finite', () => {
    assert.throws(() => boxFigure({}, LABELS), /there must be at least one group/);
    assert.throws(() => boxFigure({ anger: [] }, LABELS), /anger must have at least one value/);
    assert.throws(() => boxFigure({ anger: [1, Number.NaN] }, LABELS), {
      name: 'RangeError',
      message: 'Cannot draw boxes: values must be finite, current value in anger is NaN',
    });
  });
});

describe('histogramFigure()', () => {
  it('counts each series in common bins, in per cent', () => {
    const [a, b] = traces(histogramFigure({ a: [0, 1, 1, 3], b: Float32Array.of(4, 4) }, { ...LABELS, bins: 4 }));
    assert.deepEqual(a.x, [0, 1, 2, 3, 4]);
    assert.deepEqual(a.y, [25, 50, 0, 25, 25]);
    assert.deepEqual(b.y, [0, 0, 0, 100, 100]);
  });

  it('puts values that are all the same into one bin', () => {
    const [{ y }] = traces(histogramFigure({ a: [5, 5] }, { ...LABELS, bins: 3 }));
    assert.deepEqual(y, [100, 0, 0, 0]);
  });

  it('takes as many values as a corpus of spectrograms has', () => {
    const [{ y }] = traces(histogramFigure({ a: new Float32Array(1_000_000) }, LABELS));
    assert.equal(y[0], 100);
  });

  it('refuses a number of bins that is not a positive integer', () => {
    for (const bins of [0, 1.5, Number.NaN])
      assert.throws(() => histogramFigure({ a: [1] }, { ...LABELS, bins }), {
        name: 'RangeError',
        message: `Cannot draw a histogram: bins must be a positive integer, current value is ${bins}`,
      });
  });
});
