import { axis, baseLayout, COLOURS, type Figure, type JsonObject } from '../src/plots/figure.js';

/** A side's cost by what it grows with. */
export interface Line {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** Short labels, where decimals would touch one another. */
const FRACTIONS: Readonly<Record<number, string>> = { 0.25: '¼', 0.5: '½' };

/** Three panels side by side: seconds by the number of clips, of workers, and by the network's size. */
export function growthFigure(growth: Readonly<Record<'clips' | 'workers' | 'filters', readonly Line[]>>): Figure {
  const panels = [
    { lines: growth.clips, title: 'clips, times the corpus', y: 'features, time in s', domain: [0, 0.26] },
    { lines: growth.workers, title: 'workers', y: 'features, time in s', domain: [0.37, 0.63] },
    { lines: growth.filters, title: 'filters, times the usual', y: 'an epoch, time in s', domain: [0.74, 0.99] },
  ];
  const styles = [
    { color: COLOURS.blue, symbol: 'circle' },
    { color: COLOURS.vermillion, symbol: 'square' },
  ];
  const data = panels.flatMap(({ lines }, panel) =>
    lines.map(
      ({ name, points }, side): JsonObject => ({
        type: 'scatter',
        mode: 'lines+markers',
        name,
        showlegend: panel === 0,
        x: points.map((point) => point.x),
        y: points.map((point) => point.y),
        xaxis: `x${panel + 1}`,
        yaxis: `y${panel + 1}`,
        line: { color: styles[side].color },
        marker: { size: 8, symbol: styles[side].symbol },
      }),
    ),
  );
  const axes = panels.flatMap(({ lines, title, y, domain }, panel): [string, JsonObject][] => [
    [
      `xaxis${panel + 1}`,
      axis(title, {
        domain,
        anchor: `y${panel + 1}`,
        rangemode: 'tozero',
        tickangle: 0,
        tickvals: lines[0].points.map(({ x }) => x),
        ticktext: lines[0].points.map(({ x }) => FRACTIONS[x] ?? String(x)),
      }),
    ],
    [`yaxis${panel + 1}`, axis(y, { anchor: `x${panel + 1}`, rangemode: 'tozero' })],
  ]);
  return { data, layout: { ...baseLayout('How cost grows', 360, true), ...Object.fromEntries(axes) } };
}
