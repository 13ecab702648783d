import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { evaluate } from '../../src/evaluation/metrics.js';
import { toPng, toSvg } from '../../src/pages/picture.js';
import {
  classBalanceFigure,
  confusionFigure,
  type Figure,
  filterFigure,
  historyFigure,
  lossesFigure,
  networkFigure,
  recallFigure,
  spectrogramFigure,
  spectrogramsFigure,
  timelineFigure,
  waveformFigure,
} from '../../src/plots/figures.js';
import { linesFigure } from '../../src/plots/lines.js';

const SPECTROGRAM = {
  values: Float32Array.from({ length: 400 }, (_, i) => -(i % 80)),
  bands: 20,
  frames: 20,
  sampleRateHz: 22050,
  hopLength: 512,
  bandCentresHz: Float32Array.from({ length: 20 }, (_, band) => 90 * (band + 1)),
};
const LONG = Array.from({ length: 12 }, (_, c) => `Donaudampfschifffahrtsgesellschaft <b> & ${c + 1}`);
const TITLE = 'A title that does not fit into one line, of the sort that a protocol, a corpus and a seed make';

const epoch = { epoch: 1, loss: 1.9, accuracy: 0.2, valLoss: 1.8, valAccuracy: 0.3, seconds: 1 };
const figures: Record<string, Figure> = {
  'training history of one epoch': historyFigure([epoch], 1),
  'training history': historyFigure([epoch, { ...epoch, epoch: 2, loss: 0.5 }], 2),
  'confusion matrix of 2 classes': confusionFigure(
    [
      [3, 1],
      [0, 0],
    ],
    ['no', 'yes'],
    { normalise: true },
  ),
  'confusion matrix of 12 long names': confusionFigure(
    LONG.map((_, r) => LONG.map((_, c) => 100 * r + c)),
    LONG,
    { normalise: false, title: TITLE },
  ),
  'recall of long names': recallFigure(
    evaluate(
      [0, 11],
      Float32Array.from({ length: 24 }, (_, i) => (i % 12) / 66),
      LONG,
    ),
    TITLE,
  ),
  spectrogram: spectrogramFigure(SPECTROGRAM),
  waveform: waveformFigure(
    Float32Array.from({ length: 5000 }, (_, i) => Math.sin(i / 50)),
    22050,
  ),
  'class balance of long names': classBalanceFigure(
    { train: LONG.map((emotion) => ({ emotion })), test: [{ emotion: LONG[0] }] },
    TITLE,
  ),
  'row of spectrograms': spectrogramsFigure(
    LONG.slice(0, 5).map((name) => ({ name, ...SPECTROGRAM })),
    { title: TITLE },
  ),
  'set of lines with long names': linesFigure(
    LONG.slice(0, 8).map((name, i) => ({ name, x: [0, 1, 2], y: [i, i + 1, i] })),
    { title: TITLE, xTitle: 'x', yTitle: 'y' },
  ),
  'losses of trainings with long names': lossesFigure(
    Object.fromEntries(LONG.slice(0, 4).map((name) => [name, [epoch, { ...epoch, epoch: 2 }]])),
    { title: TITLE, highest: 1 },
  ),
  network: networkFigure(
    ['input', 'conv_1', 'dense_dropout_1'].map((layer, i) => ({
      layer,
      kind: ['InputLayer', 'Conv1D', 'Dropout'][i],
      output: '128 × 256',
      activations: 32_768,
      parameters: i === 1 ? 111_616 : 0,
      receptiveField: 5,
    })),
    TITLE,
  ),
  filter: filterFigure({ values: Float32Array.from({ length: 400 }, (_, i) => (i % 9) - 4), bands: 20, frames: 20 }, 5),
  'timeline of long names': timelineFigure(
    [0, 1].map((s) => ({
      startSeconds: s,
      endSeconds: s + 2,
      probabilities: Object.fromEntries(LONG.map((label, c) => [label, c / 66])),
    })),
  ),
};

/** RGBA pixels of an encoded picture. */
async function pixelsOf(png: Buffer): Promise<{ width: number; height: number; pixels: Uint8ClampedArray }> {
  const { width, height } = await loadImage(png);
  const context = createCanvas(width, height).getContext('2d');
  context.drawImage(await loadImage(png), 0, 0);
  return { width, height, pixels: context.getImageData(0, 0, width, height).data };
}

describe('every figure', () => {
  for (const [name, { data }] of Object.entries(figures))
    it(`says what a point of a ${name} is`, () => {
      for (const trace of data) {
        const points = [trace.x, trace.y, trace.z].flat(2).some((value) => value !== null && value !== undefined);
        assert.ok(!points || trace.hovertemplate || trace.hoverinfo === 'skip', JSON.stringify(trace).slice(0, 200));
      }
    });
});

describe('toPng()', () => {
  for (const [name, figure] of Object.entries(figures))
    it(`draws a ${name} that is not blank and ends before the border`, async () => {
      const { width, height, pixels } = await pixelsOf(await toPng(figure, { scale: 1 }));
      assert.deepEqual([width, height], [800, figure.layout.height]);
      const dark = (x: number, y: number) => {
        const p = 4 * (y * width + x);
        return pixels[p] + pixels[p + 1] + pixels[p + 2] < 700;
      };
      let ink = 0;
      for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) if (dark(x, y)) ink++;
      assert.ok(ink > 0.005 * width * height, `only ${ink} of ${width * height} pixels are drawn`);
      const cut: string[] = [];
      for (let x = 0; x < width; x++)
        for (const y of [0, 1, height - 2, height - 1]) if (dark(x, y)) cut.push(`${x},${y}`);
      for (let y = 0; y < height; y++)
        for (const x of [0, 1, width - 2, width - 1]) if (dark(x, y)) cut.push(`${x},${y}`);
      assert.deepEqual(cut, []);
    });

  it('gives the same bytes for the same figure, whatever was drawn before or at the same time', async () => {
    const [first, other, again] = await Promise.all([
      toPng(figures.spectrogram),
      toPng(figures['training history']),
      toPng(figures.spectrogram),
    ]);
    assert.ok(first.equals(again));
    assert.ok(!first.equals(other));
  });

  it('has the size asked for', async () => {
    const { width, height } = await loadImage(await toPng(figures.waveform, { width: 500, height: 300, scale: 3 }));
    assert.deepEqual([width, height], [1500, 900]);
  });

  it('uses no more colours than asked for, for fewer bytes', async () => {
    const [all, few] = [await toPng(figures.spectrogram), await toPng(figures.spectrogram, { colours: 16 })];
    const { pixels } = await pixelsOf(few);
    const colours = new Set(
      Array.from({ length: pixels.length / 4 }, (_, i) => pixels.subarray(4 * i, 4 * i + 3).join()),
    );
    assert.ok(colours.size <= 16, `${colours.size} colours`);
    assert.ok(few.length < 0.7 * all.length, `${few.length} of ${all.length} bytes`);
    for (const odd of [1, 257, 2.5])
      await assert.rejects(toPng(figures.waveform, { colours: odd }), {
        name: 'RangeError',
        message: `Cannot draw a picture: colours must be an integer from 2 to 256, current value is ${odd}`,
      });
  });

  it('draws heat maps cell by cell, with sharp edges', async () => {
    const figure = confusionFigure(
      [
        [1, 0],
        [0, 1],
      ],
      ['a', 'b'],
      { normalise: false },
    );
    const { width, height, pixels } = await pixelsOf(await toPng(figure, { scale: 2 }));
    const colours = new Map<string, number>();
    for (let p = 0; p < pixels.length; p += 4) {
      const colour = pixels.subarray(p, p + 3).join();
      colours.set(colour, (colours.get(colour) ?? 0) + 1);
    }
    const large = [...colours].filter(([, count]) => count > 0.1 * width * height).map(([colour]) => colour);
    // White, and the two ends of the cividis scale.
    assert.deepEqual(large.sort(), ['0,32,76', '255,255,255', '255,233,69'].sort());
  });

  it('refuses sizes that are not positive, and goes on after an error', async () => {
    await assert.rejects(toPng(figures.waveform, { width: 0 }), {
      name: 'RangeError',
      message: 'Cannot draw a picture: width must be a positive number, current value is 0',
    });
    await assert.rejects(toPng(figures.waveform, { scale: Number.NaN }), { name: 'RangeError' });
    assert.ok((await toPng(figures.waveform)).length > 1000);
  });
});

describe('toSvg()', () => {
  it('gives an SVG with the names as text', async () => {
    const svg = await toSvg(figures['confusion matrix of 2 classes']);
    assert.match(svg, /^<svg[^>]* width="800"/);
    for (const text of ['no', 'yes', 'true class', 'predicted class', '75', '25'])
      assert.ok(svg.includes(`>${text}<`), text);
  });

  it('gives the same text for the same figure, ids included', async () => {
    const first = await toSvg(figures['training history']);
    await toSvg(figures.waveform);
    assert.equal(await toSvg(figures['training history']), first);
  });

  it('does not change the figure', async () => {
    const before = JSON.stringify(figures.waveform);
    await toSvg(figures.waveform);
    assert.equal(JSON.stringify(figures.waveform), before);
  });

  it('leaves no global behind that looks like a browser, and lets the process end', function () {
    this.timeout(60000);
    const program = `
      const before = Object.getOwnPropertyNames(globalThis);
      const { toSvg } = require('./src/pages/picture.ts');
      toSvg({ data: [{ y: [1, 2] }], layout: {} }).then((svg) => {
        const added = Object.getOwnPropertyNames(globalThis).filter((name) => !before.includes(name));
        console.log(JSON.stringify({ added, window: typeof window, document: typeof document, svg: svg.slice(0, 4) }));
      });`;
    const output = execFileSync(process.execPath, ['--require', 'tsx/cjs', '--eval', program], {
      cwd: join(__dirname, '..', '..'),
      timeout: 50000,
      encoding: 'utf8',
    });
    assert.deepEqual(JSON.parse(output), { added: [], window: 'undefined', document: 'undefined', svg: '<svg' });
  });
});
