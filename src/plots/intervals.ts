import {
  axis,
  baseLayout,
  COLOURS,
  classNames,
  type Figure,
  INK,
  plain,
  requireSome,
  rounded,
  rowHeight,
} from './figure.js';

/** A figure with how far it may be off. */
export interface Estimate {
  readonly name: string;
  /** From 0 to 1, as are the ends of the interval. */
  readonly value: number;
  readonly interval?: { readonly low: number; readonly high: number };
}

export interface IntervalsOptions {
  readonly title: string;
  readonly xTitle: string;
  /** What guessing would give, as a line. */
  readonly chance: number;
}

/**
 * One dot for each configuration, and a line over its interval, in per cent.
 *
 * @throws RangeError if there is nothing to draw
 */
export function intervalsFigure(estimates: readonly Estimate[], { title, xTitle, chance }: IntervalsOptions): Figure {
  requireSome(estimates.length, 'intervals', 'there must be at least one');
  const percent = (share: number) => rounded(100 * share, 2);
  const names = classNames(estimates.map(({ name }) => name));
  const beyond = (end: 'low' | 'high') =>
    estimates.map(({ value, interval }) => (interval ? percent(Math.abs(interval[end] - value)) : 0));
  return {
    data: [
      {
        type: 'scatter',
        mode: 'markers',
        x: estimates.map(({ value }) => percent(value)),
        y: names,
        marker: { size: 9, color: COLOURS.blue },
        error_x: {
          type: 'data',
          symmetric: false,
          array: beyond('high'),
          arrayminus: beyond('low'),
          color: COLOURS.blue,
        },
        hovertemplate: `%{y}<br>${plain(xTitle)}: %{x:.1f}<extra></extra>`,
      },
    ],
    layout: {
      ...baseLayout(title, 110 + names.length * rowHeight(names, 36)),
      xaxis: axis(xTitle, { range: [0, 100] }),
      yaxis: axis('', { type: 'category', range: [names.length - 0.5, -0.5] }),
      shapes: [
        {
          ...{ type: 'line', xref: 'x', yref: 'paper', y0: 0, y1: 1 },
          ...{ x0: percent(chance), x1: percent(chance), line: { color: INK, width: 1.5, dash: 'dot' } },
        },
      ],
    },
  };
}
