import { EMOTIONS } from '../corpora/emotions.js';
import {
  axis,
  baseLayout,
  COLOURS,
  classColours,
  classNames,
  type Figure,
  plain,
  rangeOf,
  requireSome,
  rounded,
  rowHeight,
  shortened,
  thinned,
  wrapped,
} from './figure.js';

/** How a distribution is labelled. */
export interface DistributionOptions {
  readonly title: string;
  /** What the values are, with their unit. */
  readonly axisTitle: string;
}

export interface HistogramOptions extends DistributionOptions {
  /** Bins of equal width from the smallest to the largest value; default 40. */
  readonly bins?: number;
}

const DEFAULT_BINS = 40;

/** Values of a box that are drawn. */
const MOST_VALUES = 10_000;

/**
 * One box per group, e.g. per emotion: median, quartiles, whiskers to the last value within 1.5 interquartile ranges,
 * and what lies beyond as points (Tukey). Groups are in alphabetical order; emotions have their colours. A group of more than
 * 10,000 values is drawn from as many of its quantiles.
 *
 * @param groups - values by group
 * @throws RangeError if there is no group, or a group is empty or has a value that is not finite
 */
export function boxFigure(groups: Readonly<Record<string, readonly number[]>>, options: DistributionOptions): Figure {
  const labels = Object.keys(groups).sort();
  checkGroups(groups, 'boxes');
  const emotions = labels.some((label) => (EMOTIONS as readonly string[]).includes(label));
  // Colours that mean nothing would suggest that they do.
  const colours = emotions ? classColours(labels) : {};
  const colour = (label: string) => colours[label] ?? COLOURS.blue;
  const names = classNames(labels);
  return {
    data: labels.map((label, g) => ({
      type: 'box',
      orientation: 'h',
      name: names[g],
      x: inFew(groups[label]).map(shortened),
      line: { color: colour(label), width: 1.5 },
      marker: { color: colour(label), size: 4 },
      boxpoints: 'outliers',
      hovertemplate: `${plain(options.axisTitle)}: %{x}<extra>%{fullData.name}</extra>`,
    })),
    layout: {
      ...baseLayout(options.title, 120 + labels.length * rowHeight(names, 34)),
      xaxis: axis(options.axisTitle),
      yaxis: axis('', { type: 'category', autorange: 'reversed', showgrid: false }),
    },
  };
}

/**
 * How the values of one or more series are distributed, as outlines over common bins, each in per cent of its series, so
 * that series of different lengths can be compared.
 *
 * @param series - values by name
 * @throws RangeError if there is no series, one is empty or has a value that is not finite, or `bins` is not a positive integer
 */
export function histogramFigure(
  series: Readonly<Record<string, ArrayLike<number>>>,
  { title, axisTitle, bins = DEFAULT_BINS }: HistogramOptions,
): Figure {
  checkGroups(series, 'a histogram');
  if (!Number.isInteger(bins) || bins < 1)
    throw new RangeError(`Cannot draw a histogram: bins must be a positive integer, current value is ${bins}`);
  const names = Object.keys(series);
  const [low, high] = rangeOf(Object.values(series));
  const width = (high - low) / bins || 1;
  const edges = Array.from({ length: bins + 1 }, (_, i) => shortened(low + i * width));
  const colours = [COLOURS.blue, COLOURS.orange, COLOURS.green, COLOURS.purple, COLOURS.skyBlue, COLOURS.vermillion];
  return {
    data: names.map((name, s) => {
      const shares = sharesOf(series[name], { low, width, bins });
      return {
        type: 'scatter',
        mode: 'lines',
        name: wrapped(name, 24),
        // A last point at the right edge ends the outline's last step.
        x: edges,
        y: [...shares, shares[bins - 1]],
        line: { shape: 'hv', color: colours[s % colours.length], width: 2 },
        ...(names.length === 1 ? { fill: 'tozeroy' } : {}),
        hovertemplate: '%{y:.2f} % of the values',
      };
    }),
    layout: {
      ...baseLayout(title, 330, names.length > 1),
      hovermode: 'x unified',
      xaxis: axis(axisTitle, { unifiedhovertitle: { text: `${plain(axisTitle)}: from %{x}` } }),
      yaxis: axis('values in %', { rangemode: 'tozero' }),
    },
  };
}

/** Values, or as many quantiles as are drawn, the least and the greatest value among them. */
function inFew(values: readonly number[]): readonly number[] {
  return values.length <= MOST_VALUES ? values : thinned(Float64Array.from(values).sort(), MOST_VALUES);
}

function checkGroups(groups: Readonly<Record<string, ArrayLike<number>>>, what: string): void {
  requireSome(Object.keys(groups).length, what, 'there must be at least one group');
  for (const [name, values] of Object.entries(groups)) {
    requireSome(values.length, what, `${name} must have at least one value`);
    for (let i = 0; i < values.length; i++)
      if (!Number.isFinite(values[i]))
        throw new RangeError(`Cannot draw ${what}: values must be finite, current value in ${name} is ${values[i]}`);
  }
}

/** Per cent of the values in each bin; the largest value belongs to the last. */
function sharesOf(
  values: ArrayLike<number>,
  { low, width, bins }: { low: number; width: number; bins: number },
): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (let i = 0; i < values.length; i++) counts[Math.min(bins - 1, Math.floor((values[i] - low) / width))]++;
  return counts.map((count) => rounded((100 * count) / values.length, 4));
}
