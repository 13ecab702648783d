import type { ReliabilityBin } from '../evaluation/calibration.js';
import type { CoveragePoint } from '../evaluation/coverage.js';
import { axis, baseLayout, COLOURS, type Figure, requireSome, rounded, thinned } from './figure.js';
import { linesFigure } from './lines.js';

/** More points than this cannot be told apart on a line. */
const MOST_POINTS = 2000;

/**
 * How often answers are right, by how sure the network was of them; on the diagonal, it is as sure as it is right.
 *
 * @throws RangeError if there are no bins
 */
export function reliabilityFigure(bins: readonly ReliabilityBin[], title = 'Reliability'): Figure {
  requireSome(bins.length, 'reliability', 'there must be at least one bin');
  return {
    data: [
      {
        type: 'scatter',
        mode: 'lines',
        name: 'as sure as right',
        x: [0, 100],
        y: [0, 100],
        line: { color: COLOURS.grey, width: 1.5, dash: 'dot' },
        hoverinfo: 'skip',
      },
      {
        type: 'scatter',
        mode: 'lines+markers',
        name: 'found',
        x: bins.map(({ confidence }) => rounded(100 * confidence, 2)),
        y: bins.map(({ accuracy }) => rounded(100 * accuracy, 2)),
        customdata: bins.map(({ clips }) => clips),
        hovertemplate: 'probability: %{x:.1f} %<br>right: %{y:.1f} %<br>clips: %{customdata}<extra></extra>',
        line: { color: COLOURS.blue, width: 2 },
        marker: { size: 7 },
      },
    ],
    layout: {
      ...baseLayout(title, 330, true),
      xaxis: axis('mean probability of the answer in %', { range: [0, 102] }),
      yaxis: axis('right in %', { range: [-2, 102] }),
    },
  };
}

/**
 * The same of several networks, as lines.
 *
 * @param bins - by the network's name
 * @throws RangeError if a network has no bins
 */
export function reliabilitiesFigure(bins: Readonly<Record<string, readonly ReliabilityBin[]>>): Figure {
  const lines = Object.entries(bins).map(([name, each]) => ({
    name,
    x: each.map(({ confidence }) => 100 * confidence),
    y: each.map(({ accuracy }) => 100 * accuracy),
  }));
  return linesFigure([{ name: 'as sure as right', x: [0, 100], y: [0, 100] }, ...lines], {
    title: 'Reliability',
    xTitle: 'mean probability of the answer in %',
    yTitle: 'right in %',
  });
}

/**
 * How often the answers that are kept are right, by how many are kept, where those below a probability are uncertain. The
 * higher it begins, on the left, the better the network knows what it does not know. Of a curve of more than 2,000 points, as
 * many are drawn, evenly spaced, its ends among them.
 *
 * @param curve - in the order of rising coverage
 * @throws RangeError if there are no points
 */
export function coverageFigure(curve: readonly CoveragePoint[], title = 'Accuracy by coverage'): Figure {
  requireSome(curve.length, 'accuracy by coverage', 'there must be at least one point');
  const shown = thinned(curve, MOST_POINTS);
  return {
    data: [
      {
        type: 'scatter',
        mode: shown.length > 1 ? 'lines' : 'markers',
        x: shown.map(({ coverage }) => rounded(100 * coverage, 2)),
        y: shown.map(({ accuracy }) => rounded(100 * accuracy, 2)),
        customdata: shown.map(({ threshold }) => rounded(threshold, 3)),
        hovertemplate: 'uncertain below %{customdata}<br>kept: %{x:.1f} %<br>right: %{y:.1f} %<extra></extra>',
        line: { color: COLOURS.blue, width: 2 },
      },
    ],
    layout: {
      ...baseLayout(title, 330),
      xaxis: axis('answers kept in %', { range: [0, 102] }),
      yaxis: axis('right among them in %', { range: [0, 102] }),
    },
  };
}
