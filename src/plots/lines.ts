import { bandCentresHz, type MelOptions, melFilterBank } from '../features/mel.js';
import { axis, baseLayout, COLOURS, type Figure, plain, requireSome, shortened, wrapped } from './figure.js';

/** One curve. */
export interface Line {
  readonly name: string;
  readonly x: ArrayLike<number>;
  /** As many as in `x`. */
  readonly y: ArrayLike<number>;
}

export interface LinesOptions {
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
}

/** More names than this make a legend longer than the plot. */
const MOST_NAMED = 10;

const PALETTE = [COLOURS.blue, COLOURS.vermillion, COLOURS.green, COLOURS.orange, COLOURS.purple, COLOURS.skyBlue];
const DASHES = ['solid', 'dash', 'dot'];

/**
 * Curves over one axis, e.g. a spectrum, or the mean of every band by speaker. Up to ten are named in a legend.
 *
 * @throws RangeError if there is no line, or one has no points, or its `x` and `y` differ in length
 */
export function linesFigure(lines: readonly Line[], { title, xTitle, yTitle }: LinesOptions): Figure {
  requireSome(lines.length, 'lines', 'there must be at least one');
  for (const { name, x, y } of lines) {
    requireSome(x.length, 'lines', `${name} must have at least one point`);
    if (x.length !== y.length)
      throw new RangeError(`Cannot draw lines: x and y of ${name} differ in length: ${x.length} != ${y.length}`);
  }
  const named = lines.length > 1 && lines.length <= MOST_NAMED;
  const unified = lines.length <= MOST_NAMED;
  return {
    data: lines.map(({ name, x, y }, i) => ({
      type: 'scatter',
      mode: 'lines',
      name: wrapped(name, 24),
      x: Array.from(x, shortened),
      y: Array.from(y, shortened),
      line: {
        color: PALETTE[i % PALETTE.length],
        dash: DASHES[Math.floor(i / PALETTE.length) % DASHES.length],
        width: 1.5,
      },
      hovertemplate: `${unified ? '' : `${plain(xTitle)}: %{x}<br>`}${plain(yTitle)}: %{y}<extra>${wrapped(name, 24)}</extra>`,
    })),
    layout: {
      ...baseLayout(title, 330 + (named && lines.length > 6 ? 20 : 0), named),
      hovermode: unified ? 'x unified' : 'closest',
      xaxis: axis(xTitle, { unifiedhovertitle: { text: `${plain(xTitle)}: %{x}` } }),
      yaxis: axis(yTitle),
    },
  };
}

/**
 * The triangles of a mel filter bank over frequency: how much each bin of the FFT counts for each band.
 *
 * @param every - with 8, for example, only every eighth band is drawn, from the first, so that they can be told apart
 * @throws RangeError if an option is out of range, or `every` is not a positive integer
 */
export function filterBankFigure(options: MelOptions, every = 1): Figure {
  if (!Number.isInteger(every) || every < 1)
    throw new RangeError(`Cannot draw a filter bank: every must be a positive integer, current value is ${every}`);
  const { bands, fftSize, sampleRateHz, maxHz } = options;
  const hz = (bin: number) => shortened((bin * sampleRateHz) / fftSize);
  const centres = bandCentresHz(options);
  const shown = melFilterBank(options).flatMap((band, index) => (index % every === 0 ? [{ ...band, index }] : []));
  return {
    data: shown.map(({ firstBin, weights, index }) => ({
      type: 'scatter',
      mode: 'lines',
      fill: 'tozeroy',
      name: `band ${index + 1}: ${centres[index].toFixed(0)} Hz`,
      // With the zeros on both sides.
      x: Array.from({ length: weights.length + 2 }, (_, i) => hz(firstBin + i - 1)),
      y: [0, ...weights, 0].map(shortened),
      line: { color: COLOURS.blue, width: 1.5 },
      hovertemplate: '%{fullData.name}<extra></extra>',
    })),
    layout: {
      ...baseLayout(`${shown.length} of ${bands} mel bands`, 330),
      xaxis: axis('frequency in Hz', { range: [0, maxHz] }),
      yaxis: axis('weight', { rangemode: 'tozero' }),
    },
  };
}
