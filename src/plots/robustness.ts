import { points } from '../common/text.js';
import type { Robustness } from '../evaluation/robustness.js';
import { axis, baseLayout, COLOURS, type Figure, INK, type JsonObject, plain, requireSome, rounded } from './figure.js';

const ROW_HEIGHT = 24;

interface Bars {
  readonly colour: string;
  /** What is shown of a bar that is pointed at. */
  readonly hover: string;
}

/**
 * What conditions do to a model, side by side: by how many points they lower its UAR, and how many answers they change.
 *
 * @param conditions - by name, from top to bottom
 * @throws RangeError if there are none
 */
export function robustnessFigure(
  conditions: Readonly<Record<string, Pick<Robustness, 'drop' | 'flipped'>>>,
  title = 'Robustness',
): Figure {
  const names = Object.keys(conditions).map(plain);
  requireSome(names.length, 'robustness', 'there must be at least one condition');
  const values = Object.values(conditions);
  const drops = values.map(({ drop }) => drop);
  const flips = values.map(({ flipped }) => flipped);
  const bars = (side: '' | '2', shares: readonly number[], { colour, hover }: Bars): JsonObject => ({
    type: 'bar',
    orientation: 'h',
    y: names,
    x: shares.map((share) => rounded(100 * share, 3)),
    xaxis: `x${side}`,
    yaxis: `y${side}`,
    marker: { color: colour },
    text: shares.map(points),
    textposition: 'outside',
    cliponaxis: false,
    hovertemplate: `%{y}<br>${hover}<extra></extra>`,
  });
  const rows = { type: 'category', autorange: 'reversed', showgrid: false };
  const [least, largest] = [100 * Math.min(...drops, 0), 100 * Math.max(...drops, 0.1)];
  // For the figures beside the bars.
  const room = 0.2 * (largest - least);
  return {
    data: [
      bars('', drops, { colour: COLOURS.vermillion, hover: 'drop of UAR: %{x:.1f} points' }),
      bars('2', flips, { colour: COLOURS.blue, hover: 'answers flipped: %{x:.1f} %' }),
    ],
    layout: {
      ...baseLayout(title, 90 + ROW_HEIGHT * names.length),
      meta: { minWidth: 600 },
      bargap: 0.25,
      xaxis: axis('drop of UAR in points', {
        domain: [0, 0.47],
        range: [least < 0 ? least - room : 0, largest + room],
      }),
      yaxis: axis('', rows),
      xaxis2: axis('answers flipped in %', { domain: [0.53, 1], range: [0, 112], anchor: 'y2' }),
      yaxis2: axis('', { ...rows, anchor: 'x2', showticklabels: false }),
      shapes: [
        {
          type: 'line',
          xref: 'x',
          yref: 'paper',
          x0: 0,
          x1: 0,
          y0: 0,
          y1: 1,
          line: { color: INK, width: 1 },
        },
      ],
    },
  };
}
