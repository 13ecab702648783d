import assert from 'node:assert/strict';
import { clipStatistics, normalisedInput } from '../../src/features/normalise.js';
import {
  melSpectrogramOf,
  normalisedOf,
  type SpectrogramPanel,
  spectrogramFigure,
  spectrogramsFigure,
  stftOf,
} from '../../src/plots/spectrogram.js';

const noise = Float32Array.from({ length: 22050 }, (_, n) => Math.sin(n * n * 0.001) * 0.3);

function panel(name: string, bands = 4, frames = 5): SpectrogramPanel {
  return {
    name,
    values: Float32Array.from({ length: bands * frames }, (_, i) => -i),
    bands,
    frames,
    sampleRateHz: 100,
    hopLength: 10,
    bandCentresHz: Array.from({ length: bands }, (_, band) => 50 * (band + 1)),
  };
}

describe('melSpectrogramOf() and stftOf()', () => {
  it('give decibels from 0 for the loudest value to -80, with what the axes need', () => {
    for (const [data, shape] of [
      [melSpectrogramOf(noise), [128, 44]],
      [melSpectrogramOf(noise, { bands: 20, hopLength: 256 }), [20, 87]],
      [stftOf(noise), [1025, 44]],
    ] as const) {
      assert.deepEqual([data.bands, data.frames], shape);
      assert.deepEqual([data.values.length, data.bandCentresHz.length], [data.bands * data.frames, data.bands]);
      assert.equal(Math.max(...data.values), 0);
      assert.ok(Math.min(...data.values) >= -80.001);
    }
  });

  it('are the same whatever the level', () => {
    const quiet = melSpectrogramOf(noise.map((sample) => sample / 4)).values;
    melSpectrogramOf(noise).values.forEach((value, i) => void assert.ok(Math.abs(value - quiet[i]) < 1e-3));
  });
});

describe('normalisedOf()', () => {
  it('is what the network gets with the normalisation `clip`', () => {
    const data = melSpectrogramOf(noise);
    const { values, frames, bands } = normalisedOf(data, 87);
    assert.deepEqual([bands, frames], [128, 87]);
    assert.deepEqual(values, normalisedInput(data, clipStatistics(data), { frames: 87 }));
  });
});

describe('spectrogramFigure()', () => {
  it('keeps labels of frequencies apart where the rows are evenly spaced in Hz', () => {
    const { layout } = spectrogramFigure(stftOf(noise));
    const { ticktext, title } = layout.yaxis as { ticktext: string[]; title: { text: string } };
    assert.deepEqual(ticktext, ['100', '1000', '2000', '4000', '8000']);
    assert.equal(title.text, 'frequency in Hz (FFT bins)');
  });

  it('says what the values are', () => {
    const [{ colorbar, hovertemplate }] = spectrogramFigure(panel('a'), 'Power', 'power').data;
    assert.deepEqual((colorbar as { title: object }).title, { text: 'power' });
    assert.match(String(hovertemplate), /power/);
  });
});

describe('spectrogramsFigure()', () => {
  it('draws all in the same colours over the same time, in rows', () => {
    const { data, layout } = spectrogramsFigure([panel('a'), panel('b', 4, 9), panel('c'), panel('d')], { columns: 3 });
    assert.deepEqual(
      data.map((trace) => [trace.xaxis, trace.coloraxis]),
      [
        ['x', 'coloraxis'],
        ['x2', 'coloraxis'],
        ['x3', 'coloraxis'],
        ['x4', 'coloraxis'],
      ],
    );
    const { cmin, cmax } = layout.coloraxis as { cmin: number; cmax: number };
    assert.deepEqual([cmin, cmax], [-35, 0]);
    assert.equal((layout.xaxis as { matches?: string }).matches, undefined);
    assert.equal((layout.xaxis4 as { matches?: string }).matches, 'x');
    const domain = (axis: string) => (layout[axis] as { domain: number[] }).domain;
    assert.deepEqual(domain('xaxis4'), domain('xaxis'));
    assert.ok(domain('yaxis4')[1] < domain('yaxis')[0], 'the second row is below the first');
    assert.deepEqual(
      (layout.annotations as { text: string }[]).map(({ text }) => text),
      ['a', 'b', 'c', 'd'],
    );
  });

  it('labels the frequencies once in a row, unless the bands differ', () => {
    const shown = (...panels: SpectrogramPanel[]) => {
      const { layout } = spectrogramsFigure(panels);
      return ['yaxis', 'yaxis2'].map((name) => (layout[name] as { showticklabels: boolean }).showticklabels);
    };
    assert.deepEqual(shown(panel('a'), panel('b')), [true, false]);
    assert.deepEqual(shown(panel('a'), panel('b', 3)), [true, true]);
  });

  it('refuses none, odd columns and shapes that do not fit', () => {
    assert.throws(() => spectrogramsFigure([]), {
      name: 'RangeError',
      message: 'Cannot draw spectrograms: there must be at least one, current number is 0',
    });
    assert.throws(() => spectrogramsFigure([panel('a')], { columns: 0 }), {
      name: 'RangeError',
      message: 'Cannot draw spectrograms: columns must be a positive integer, current value is 0',
    });
    assert.throws(() => spectrogramsFigure([{ ...panel('a'), frames: 6 }]), {
      name: 'RangeError',
      message: 'Cannot draw a spectrogram: expected 4 x 6 values, current number is 20',
    });
  });
});
