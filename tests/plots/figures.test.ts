import assert from 'node:assert/strict';
import { evaluate } from '../../src/evaluation/metrics.js';
import { COLOURS, classColours, unwrapped, withoutTitle, wrapped } from '../../src/plots/figure.js';
import {
  classBalanceFigure,
  confusionFigure,
  type Figure,
  filterFigure,
  type HistoryRow,
  historyFigure,
  lossesFigure,
  networkFigure,
  recallFigure,
  type SpectrogramData,
  spectrogramFigure,
  timelineFigure,
  waveformFigure,
} from '../../src/plots/figures.js';

const TWELVE = Array.from({ length: 12 }, (_, c) => `an emotion with a rather long name, number ${c + 1}`);

/** A value deep in a figure, e.g. `at(figure.layout, 'xaxis', 'title', 'text')`. */
function at(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown>)[key], value);
}

function epochs(count: number): HistoryRow[] {
  return Array.from({ length: count }, (_, i) => ({
    epoch: i + 1,
    loss: 2 / (i + 1),
    accuracy: 0.5 + i / 100,
    valLoss: 2.5 / (i + 1),
    valAccuracy: 0.4 + i / 100,
    seconds: 1,
  }));
}

function spectrogram(bands: number, frames: number): SpectrogramData {
  return {
    values: Float32Array.from({ length: bands * frames }, (_, i) => -(i % 80)),
    bands,
    frames,
    sampleRateHz: 22050,
    hopLength: 512,
    bandCentresHz: Float32Array.from({ length: bands }, (_, band) => 50 * (band + 1)),
  };
}

describe('historyFigure()', () => {
  it('keeps the two panels apart on a narrow screen', () => {
    assert.deepEqual(historyFigure(epochs(3), 2).layout.meta, { minWidth: 600 });
  });

  it('draws accuracy in % and loss in nats of both sets by epoch', () => {
    const { data, layout } = historyFigure(epochs(3), 2);
    assert.deepEqual(
      data.slice(0, 4).map((trace) => [trace.name, trace.yaxis]),
      [
        ['training', 'y'],
        ['validation', 'y'],
        ['training', 'y2'],
        ['validation', 'y2'],
      ],
    );
    assert.deepEqual(data[0].x, [1, 2, 3]);
    assert.deepEqual(data[0].y, [50, 51, 52]);
    assert.deepEqual(data[1].y, [40, 41, 42]);
    assert.deepEqual(data[2].y, [2, 1, 0.66667]);
    assert.deepEqual(data[3].y, [2.5, 1.25, 0.83333]);
    assert.equal(at(layout, 'yaxis', 'title', 'text'), 'accuracy in %');
    assert.equal(at(layout, 'yaxis2', 'title', 'text'), 'loss in nats');
  });

  it('marks the best epoch in both halves', () => {
    const { data, layout } = historyFigure(epochs(5), 4);
    assert.deepEqual([at(layout, 'shapes', 0, 'x0'), at(layout, 'shapes', 1, 'x0')], [4, 4]);
    assert.equal(data[4].name, 'best epoch, 4');
  });

  it('takes a title, in which a training can say how far it is', () => {
    assert.equal(at(historyFigure(epochs(2), 1, 'Epoch 2 of 9').layout, 'title', 'text'), 'Epoch 2 of 9');
    assert.equal(at(historyFigure(epochs(2), 1).layout, 'title', 'text'), 'Training history');
  });

  it('shows a single epoch as a point', () => {
    assert.match(String(historyFigure(epochs(1), 1).data[0].mode), /markers/);
  });

  it('refuses no epochs, and a best epoch that is not one of them', () => {
    assert.throws(() => historyFigure([], 1), {
      name: 'RangeError',
      message: 'Cannot draw a training history: there must be at least one epoch, current number is 0',
    });
    assert.throws(() => historyFigure(epochs(3), 4), {
      name: 'RangeError',
      message: 'Cannot draw a training history: bestEpoch must be one of its 3 epochs, current value is 4',
    });
  });
});

describe('lossesFigure()', () => {
  it('draws the losses of both sets of every training, over equal axes', () => {
    const { data, layout } = lossesFigure({ slow: epochs(3), fast: epochs(2) });
    assert.deepEqual(
      data.map(({ name, yaxis, x, y }) => [name, yaxis, x, y]),
      [
        ['slow', 'y', [1, 2, 3], [2, 1, 0.66667]],
        ['fast', 'y', [1, 2], [2, 1]],
        ['slow', 'y2', [1, 2, 3], [2.5, 1.25, 0.83333]],
        ['fast', 'y2', [1, 2], [2.5, 1.25]],
      ],
    );
    assert.deepEqual(at(layout, 'yaxis', 'range'), [0, 2.625]);
    assert.deepEqual(at(layout, 'yaxis2', 'range'), [0, 2.625]);
    assert.deepEqual(at(layout, 'xaxis', 'range'), [0.5, 3.5]);
  });

  it('ends the axes where it is told to', () => {
    const { layout } = lossesFigure({ a: epochs(2) }, { highest: 2, title: 'Rates' });
    assert.deepEqual(at(layout, 'yaxis', 'range'), [0, 2]);
    assert.equal(at(layout, 'title', 'text'), 'Rates');
  });

  it('refuses no training, one without epochs, and an axis without length', () => {
    const cases: [Parameters<typeof lossesFigure>, string][] = [
      [[{}], 'there must be at least one training, current number is 0'],
      [[{ a: [] }], 'a must have at least one epoch, current number is 0'],
      [[{ a: epochs(1) }, { highest: 0 }], 'highest must be positive, current value is 0'],
    ];
    for (const [parameters, rule] of cases)
      assert.throws(() => lossesFigure(...parameters), { name: 'RangeError', message: `Cannot draw losses: ${rule}` });
  });
});

describe('networkFigure()', () => {
  const layer = {
    layer: 'conv_1',
    kind: 'Conv1D',
    output: '4 × 2',
    activations: 8,
    parameters: 1234,
    receptiveField: 3,
  };
  const layers = [
    { ...layer, layer: 'input', kind: 'InputLayer', parameters: 0 },
    layer,
    { ...layer, layer: 'drop', kind: 'Dropout', parameters: 0 },
    { ...layer, layer: 'conv_2', parameters: 5 },
  ];

  it('draws every layer in order, coloured by kind: values beside parameters', () => {
    const { data, layout } = networkFigure(layers);
    assert.deepEqual(
      data.map(({ name, xaxis, x, text }) => [name, xaxis, x, text]),
      [
        ['other', 'x', [8], ['8']],
        ['convolution', 'x', [8, 8], ['8', '8']],
        ['dropout', 'x', [8], ['8']],
        ['other', 'x2', [0], ['']],
        ['convolution', 'x2', [1234, 5], ['1,234', '5']],
        ['dropout', 'x2', [0], ['']],
      ],
    );
    assert.deepEqual(
      (at(layout, 'yaxis', 'categoryarray') as string[]).map((name) => name.split(':')[0]),
      ['input', 'conv_1', 'drop', 'conv_2'],
    );
  });

  it('refuses no layers', () => {
    assert.throws(() => networkFigure([]), {
      name: 'RangeError',
      message: 'Cannot draw a network: there must be at least one layer, current number is 0',
    });
  });
});

describe('filterFigure()', () => {
  const window = { values: Float32Array.from({ length: 12 * 9 }, (_, i) => i), bands: 12, frames: 9 };

  it('frames kernelSize bands over all frames, and kernelSize frames over all bands', () => {
    const { data, layout } = filterFigure(window, 4);
    assert.equal(at(data, 0, 'z', 1, 0), 9);
    const corners = (shape: number) => ['x0', 'x1', 'y0', 'y1'].map((corner) => at(layout, 'shapes', shape, corner));
    assert.deepEqual(corners(0), [-0.5, 8.5, 1.5, 5.5]);
    assert.deepEqual(corners(1), [0.5, 4.5, -0.5, 11.5]);
    assert.equal(at(layout, 'annotations', 0, 'text'), 'original: 4 bands, all frames');
  });

  it('refuses nothing to see, a shape that does not fit, and a filter that does not', () => {
    const cases: [Parameters<typeof filterFigure>, string][] = [
      [
        [{ values: new Float32Array(0), bands: 0, frames: 0 }, 1],
        'there must be at least one frame and one band, current number is 0',
      ],
      [[{ ...window, frames: 8 }, 1], 'expected 12 x 8 values, current number is 108'],
      [[window, 10], 'kernelSize must be an integer from 1 to 9, current value is 10'],
      [[window, 1.5], 'kernelSize must be an integer from 1 to 9, current value is 1.5'],
    ];
    for (const [parameters, rule] of cases)
      assert.throws(() => filterFigure(...parameters), {
        name: 'RangeError',
        message: `Cannot draw a filter: ${rule}`,
      });
  });
});

describe('confusionFigure()', () => {
  const counts = [
    [3, 1],
    [0, 0],
  ];

  it('shows clips, true classes downwards and predicted ones rightwards', () => {
    const { data, layout } = confusionFigure(counts, ['no', 'yes'], { normalise: false });
    assert.deepEqual(data[0].z, counts);
    assert.deepEqual(data[0].y, ['no', 'yes']);
    assert.equal(at(layout, 'yaxis', 'autorange'), 'reversed');
    assert.equal(at(layout, 'yaxis', 'title', 'text'), 'true class');
    assert.equal(at(layout, 'xaxis', 'title', 'text'), 'predicted class');
    assert.equal(data[0].zmax, 3);
  });

  it('shows per cent of the true class when normalised, and nothing for a class without clips', () => {
    const { data } = confusionFigure(counts, ['no', 'yes'], { normalise: true });
    assert.deepEqual(data[0].z, [
      [75, 25],
      [null, null],
    ]);
    assert.deepEqual(data[0].text, [
      ['75', '25'],
      ['', ''],
    ]);
    assert.equal(data[0].zmax, 100);
  });

  it('keeps twelve long class names apart: broken in rows, shortened and slanted below columns', () => {
    const matrix = TWELVE.map((_, r) => TWELVE.map((_, c) => r + c));
    const { data, layout } = confusionFigure(matrix, TWELVE, { normalise: false, title: 'All' });
    assert.equal(new Set(data[0].y as string[]).size, 12);
    assert.ok((data[0].y as string[]).every((name) => name.split('<br>').every((line) => line.length <= 24)));
    assert.equal(at(layout, 'xaxis', 'tickangle'), -45);
    assert.equal(at(layout, 'xaxis', 'ticktext', 0), 'an emotion with a rathe…');
    assert.equal(at(layout, 'title', 'text'), 'All');
  });

  it('refuses no classes, and a matrix that does not fit them', () => {
    assert.throws(() => confusionFigure([], [], { normalise: true }), {
      name: 'RangeError',
      message: 'Cannot draw a confusion matrix: there must be at least one class, current number is 0',
    });
    const message =
      'Cannot draw a confusion matrix: it must have 2 rows and columns, one per class, current number is 1';
    for (const odd of [[[1, 2]], [[1, 2], [3]]])
      assert.throws(() => confusionFigure(odd, ['a', 'b'], { normalise: true }), { name: 'RangeError', message });
  });
});

describe('recallFigure()', () => {
  const metrics = evaluate([0, 0, 0, 1], Float32Array.from([1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0]), ['a', 'b', 'c']);

  it('draws a bar per class in %, none where there are no clips', () => {
    const { data, layout } = recallFigure(metrics);
    assert.deepEqual(data[0].x, [66.67, 100, null]);
    assert.deepEqual(data[0].y, ['a (3)', 'b (1)', 'c (0)']);
    assert.deepEqual(data[1].text, ['67 %', '100 %', 'none']);
    assert.equal(at(layout, 'xaxis', 'title', 'text'), 'recall in %');
  });

  it('marks the UAR, and chance among the classes that occur', () => {
    const { layout, data } = recallFigure(metrics, 'Test set');
    assert.ok(Math.abs(Number(at(layout, 'shapes', 0, 'x0')) - 250 / 3) < 1e-9);
    assert.equal(at(layout, 'shapes', 1, 'x0'), 50);
    assert.deepEqual([data[2].name, data[3].name], ['UAR, 83.3 %', 'chance, 50.0 %']);
    assert.equal(at(layout, 'title', 'text'), 'Test set');
  });

  it('refuses no classes', () => {
    assert.throws(() => recallFigure({ ...metrics, perClass: {} }), {
      name: 'RangeError',
      message: 'Cannot draw recall per class: there must be at least one class, current number is 0',
    });
  });
});

describe('spectrogramFigure()', () => {
  it('draws one cell per band and frame, on seconds and Hz', () => {
    const { data, layout } = spectrogramFigure(spectrogram(40, 87));
    const cells = data[0].z as number[][];
    assert.deepEqual([cells.length, cells[0].length], [40, 87]);
    assert.equal(cells[1][0], -(87 % 80));
    assert.equal(data[0].dx, 512 / 22050);
    assert.equal(data[0].zsmooth, undefined);
    assert.equal(at(layout, 'xaxis', 'title', 'text'), 'time in s');
    assert.deepEqual(at(layout, 'yaxis', 'ticktext'), ['100', '500', '1000', '2000']);
    assert.deepEqual(at(layout, 'yaxis', 'tickvals'), [1, 9, 19, 39]);
  });

  it('keeps the loudest of neighbouring frames where there are more than 1,000, in the same time', () => {
    const loud = spectrogram(2, 2500);
    loud.values.fill(-80);
    loud.values[2500 + 1000] = -3;
    const { data } = spectrogramFigure(loud);
    const cells = data[0].z as number[][];
    assert.equal(cells[0].length, 834);
    assert.deepEqual([cells[1][332], cells[1][333], cells[1][334], cells[0][333]], [-80, -3, -80, -80]);
    assert.equal(data[0].dx, (3 * 512) / 22050);
    assert.equal(data[0].x0, 512 / 22050);
  });

  it('refuses an empty spectrogram, shapes that do not fit, and a rate of 0', () => {
    const good = spectrogram(4, 5);
    const cases: [SpectrogramData, string][] = [
      [spectrogram(0, 0), 'there must be at least one frame and one band, current number is 0'],
      [{ ...good, frames: 6 }, 'expected 4 x 6 values, current number is 20'],
      [{ ...good, bandCentresHz: [1, 2] }, 'expected 4 band centres, current number is 2'],
      [{ ...good, sampleRateHz: 0 }, 'sampleRateHz must be positive, current value is 0'],
    ];
    for (const [data, rule] of cases)
      assert.throws(() => spectrogramFigure(data), {
        name: 'RangeError',
        message: `Cannot draw a spectrogram: ${rule}`,
      });
  });
});

describe('waveformFigure()', () => {
  it('draws every sample of a short sound over seconds', () => {
    const { data, layout } = waveformFigure(Float32Array.of(0, 0.5, -0.25), 2);
    assert.deepEqual([data[0].x0, data[0].dx], [0, 0.5]);
    assert.deepEqual(data[0].y, [0, 0.5, -0.25]);
    assert.deepEqual(at(layout, 'xaxis', 'range'), [0, 1.5]);
  });

  it('keeps the samples of 2 s, to zoom in on', () => {
    const samples = Float32Array.from({ length: 88_200 }, (_, i) => Math.sin(i));
    const { y } = waveformFigure(samples, 44_100).data[0];
    assert.deepEqual(
      y,
      Array.from(samples, (sample) => Number(sample.toFixed(4))),
    );
  });

  it('keeps every peak of a long sound in at most 2,000 points', () => {
    const samples = new Float32Array(1_000_000);
    samples[123_456] = 0.9;
    samples[654_321] = -0.8;
    const points = waveformFigure(samples, 16000).data[0].y as number[];
    assert.ok(points.length <= 2000);
    assert.deepEqual([Math.max(...points), Math.min(...points)], [0.9, -0.8]);
  });

  it('refuses silence of no length, and a rate of 0', () => {
    assert.throws(() => waveformFigure(new Float32Array(0), 16000), {
      name: 'RangeError',
      message: 'Cannot draw a waveform: there must be at least one sample, current number is 0',
    });
    assert.throws(() => waveformFigure(new Float32Array(1), 0), {
      name: 'RangeError',
      message: 'Cannot draw a waveform: sampleRateHz must be positive, current value is 0',
    });
  });
});

describe('classBalanceFigure()', () => {
  const clips = (...emotions: string[]) => emotions.map((emotion) => ({ emotion }));

  it('counts clips by emotion, in order, stacked by set', () => {
    const { data, layout } = classBalanceFigure({
      train: clips('sadness', 'happiness', 'sadness'),
      test: clips('anger'),
    });
    assert.deepEqual(data[0].y, ['anger', 'happiness', 'sadness']);
    assert.deepEqual(
      data.map((trace) => [trace.name, trace.x]),
      [
        ['train', [0, 1, 2]],
        ['test', [1, 0, 0]],
      ],
    );
    assert.equal(layout.barmode, 'stack');
    assert.equal(layout.showlegend, true);
  });

  it('needs no legend for one set', () => {
    assert.equal(classBalanceFigure({ all: clips('sadness') }, 'EMO-DB').layout.showlegend, false);
  });

  it('refuses sets without clips', () => {
    assert.throws(() => classBalanceFigure({ train: [], test: [] }), {
      name: 'RangeError',
      message: 'Cannot draw the class balance: there must be at least one clip, current number is 0',
    });
  });
});

describe('timelineFigure()', () => {
  it('draws a line per class through the middle of each window, in %', () => {
    const { data, layout } = timelineFigure([
      { startSeconds: 0, endSeconds: 2, probabilities: { sadness: 0.25, happiness: 0.75 } },
      { startSeconds: 1, endSeconds: 3, probabilities: { sadness: 1, happiness: 0 } },
    ]);
    assert.deepEqual(
      data.map((trace) => [trace.name, trace.x, trace.y, at(trace, 'line', 'color')]),
      [
        ['sadness', [1, 2], [25, 100], COLOURS.blue],
        ['happiness', [1, 2], [75, 0], COLOURS.orange],
      ],
    );
    assert.deepEqual(at(layout, 'xaxis', 'range'), [0, 3]);
    assert.equal(at(layout, 'xaxis', 'title', 'text'), 'time in s');
  });

  it('has a bar above the lines for what is true, in the colour of the class', () => {
    const { layout } = timelineFigure(
      [{ startSeconds: 0, endSeconds: 2, probabilities: { sadness: 1, happiness: 0 } }],
      'Title',
      [
        { startSeconds: 0, endSeconds: 1.5, emotion: 'happiness' },
        { startSeconds: 1.5, endSeconds: 2, emotion: '<b>' },
      ],
    );
    const bar = (i: number, name: string) => at(layout, 'shapes', i, name);
    assert.deepEqual([bar(0, 'x0'), bar(0, 'x1'), bar(0, 'fillcolor')], [0, 1.5, COLOURS.orange]);
    assert.ok(Number(bar(0, 'y0')) > 100 && Number(bar(0, 'y1')) < Number(at(layout, 'yaxis', 'range', 1)));
    assert.notEqual(bar(1, 'fillcolor'), COLOURS.orange);
    const text = (i: number) => [at(layout, 'annotations', i, 'text'), at(layout, 'annotations', i, 'x')];
    assert.deepEqual([0, 1].map(text), [
      ['happiness', 0.75],
      ['&lt;b&gt;', 1.75],
    ]);
  });

  it('tells twelve unknown classes apart by colour and dash', () => {
    const probabilities = Object.fromEntries(TWELVE.map((label) => [label, 1 / 12]));
    const { data } = timelineFigure([{ startSeconds: 0, endSeconds: 2, probabilities }]);
    assert.equal(new Set(data.map((trace) => `${at(trace, 'line', 'color')} ${at(trace, 'line', 'dash')}`)).size, 12);
  });

  it('refuses no windows, and a window that lacks a class', () => {
    assert.throws(() => timelineFigure([]), {
      name: 'RangeError',
      message: 'Cannot draw a timeline: there must be at least one window, current number is 0',
    });
    const window = { startSeconds: 0, endSeconds: 1 };
    assert.throws(
      () =>
        timelineFigure([
          { ...window, probabilities: { sadness: 1 } },
          { ...window, probabilities: { happiness: 1 } },
        ]),
      { name: 'RangeError', message: "Cannot draw a timeline: every window must have 'sadness', window 2 does not" },
    );
  });
});

describe('classColours()', () => {
  it('gives an emotion the same colour whatever other classes there are', () => {
    const few = classColours(['sadness', 'anger']);
    const many = classColours(['anger', 'boredom', 'sadness', 'zeal']);
    assert.equal(few.sadness, many.sadness);
    assert.equal(few.anger, many.anger);
  });

  it('gives words it does not know the colours left over', () => {
    const colours = classColours(['sadness', 'zeal', 'awe']);
    assert.equal(new Set(Object.values(colours)).size, 3);
  });
});

describe('wrapped()', () => {
  it('breaks at spaces where it can, else within the word, and escapes', () => {
    assert.equal(wrapped('one two three', 8), 'one two<br>three');
    assert.equal(wrapped('abcdefghij', 4), 'abcd<br>efgh<br>ij');
    assert.equal(wrapped('<b> & co', 20), '&lt;b&gt; &amp; co');
    assert.equal(wrapped('', 5), '');
  });

  it('is undone by unwrapped()', () => {
    assert.equal(unwrapped(wrapped('a <b> & "c" in two lines', 12)), 'a <b> & "c" in two lines');
  });
});

describe('withoutTitle()', () => {
  it('takes the title and its room away, and leaves an untitled figure as it is', () => {
    const titled = confusionFigure([[1]], ['a'], { normalise: false, title: 'A very long title, '.repeat(6) });
    const bare: Figure = withoutTitle(titled);
    const untitled = confusionFigure([[1]], ['a'], { normalise: false, title: '' });
    assert.equal(bare.layout.title, undefined);
    assert.deepEqual([bare.layout.height, bare.layout.margin], [untitled.layout.height, untitled.layout.margin]);
    assert.equal(withoutTitle(untitled), untitled);
  });
});
