import { axis, baseLayout, COLOURS, type Figure, type JsonObject } from '../src/plots/figure.js';

/** A side's cost by what it grows with. */
export interface Line {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** Lines of the same kind. */
interface Panel {
  readonly lines: readonly Line[];
  /** What is on its axes. */
  readonly x: string;
  readonly y: string;
}

/** Short labels, where decimals would touch one another. */
const FRACTIONS: Readonly<Record<number, string>> = { 0.25: '¼', 0.5: '½' };

/** The same line is drawn alike in all panels. */
const STYLES: Readonly<Record<string, { readonly color: string; readonly symbol: string }>> = {
  'this project': { color: COLOURS.blue, symbol: 'circle' },
  Python: { color: COLOURS.vermillion, symbol: 'square' },
  WebAssembly: { color: COLOURS.green, symbol: 'diamond' },
};

/** Two panels: seconds by the number of clips, and by the network's size. */
export function growthFigure({ clips, filters }: Readonly<Record<'clips' | 'filters', readonly Line[]>>): Figure {
  return panels('How cost grows', [
    { lines: clips, x: 'clips, times the corpus', y: 'features, time in s' },
    { lines: filters, x: 'filters, times the usual', y: 'an epoch, time in s' },
  ]);
}

/** Three panels: time by the number of cores. */
export function coresFigure({
  features,
  vectors,
  epochs,
}: Readonly<Record<'features' | 'vectors' | 'epochs', readonly Line[]>>): Figure {
  return panels('How cost falls with cores', [
    { lines: features, x: 'cores', y: 'features of a clip, time in ms' },
    { lines: vectors, x: 'cores', y: "a clip's vector, time in ms" },
    { lines: epochs, x: 'cores', y: 'an epoch, time in s' },
  ]);
}

/** Share of a figure's width between two panels: it holds the labels of the axis. */
const GAP = 0.11;

/** Panels side by side. */
function panels(title: string, all: readonly Panel[]): Figure {
  const width = (1 - GAP * (all.length - 1)) / all.length;
  const drawn = new Set<string>();
  const data = all.flatMap(({ lines }, panel) =>
    lines.map(({ name, points }): JsonObject => {
      const { color, symbol } = STYLES[name];
      const showlegend = !drawn.has(name);
      drawn.add(name);
      return {
        type: 'scatter',
        mode: 'lines+markers',
        name,
        showlegend,
        legendgroup: name,
        x: points.map(({ x }) => x),
        y: points.map(({ y }) => y),
        xaxis: `x${panel + 1}`,
        yaxis: `y${panel + 1}`,
        line: { color },
        marker: { size: 8, symbol },
      };
    }),
  );
  const axes = all.flatMap(({ lines, x: title, y }, panel): [string, JsonObject][] => {
    const from = panel * (width + GAP);
    return [
      [
        `xaxis${panel + 1}`,
        axis(title, {
          domain: [from, Math.min(1, from + width)],
          anchor: `y${panel + 1}`,
          rangemode: 'tozero',
          tickangle: 0,
          tickvals: lines[0].points.map(({ x }) => x),
          ticktext: lines[0].points.map(({ x }) => FRACTIONS[x] ?? String(x)),
        }),
      ],
      [`yaxis${panel + 1}`, axis(y, { anchor: `x${panel + 1}`, rangemode: 'tozero' })],
    ];
  });
  return { data, layout: { ...baseLayout(title, 360, true), ...Object.fromEntries(axes) } };
}
