import { withCommas } from '../common/text.js';
import type { Spectrogram } from '../features/spectrogram.js';
import type { LayerDescription } from '../networks/describe-network.js';
import { axis, baseLayout, COLOURS, type Figure, type JsonObject, plain, requireSome, rounded } from './figure.js';

/** What the layers are called in the legend, and their colours; others are grey. */
const KINDS: Readonly<Record<string, readonly [name: string, colour: string]>> = {
  Conv1D: ['convolution', COLOURS.blue],
  MaxPooling1D: ['pooling', COLOURS.skyBlue],
  Dropout: ['dropout', COLOURS.yellow],
  Dense: ['dense', COLOURS.orange],
};
const OTHER = ['other', COLOURS.grey] as const;

/** Space behind the longest bar for its number, as a share of the bar. */
const NUMBER_ROOM = 1.35;

/**
 * A network from top to bottom, one row per layer: how many numbers it hands on, and how many it learns. Coloured by the
 * kind of layer.
 *
 * @param layers - as `describeNetwork` gives them
 * @throws RangeError if there are no layers
 */
export function networkFigure(layers: readonly LayerDescription[], title = 'The network, layer by layer'): Figure {
  requireSome(layers.length, 'a network', 'there must be at least one layer');
  const rowOf = ({ layer, output }: LayerDescription) => plain(`${layer}: ${output}`);
  const kindOf = ({ kind }: LayerDescription) => KINDS[kind] ?? OTHER;
  const kinds = [...new Set(layers.map(kindOf))];
  const bars = (of: 'activations' | 'parameters', side: '' | '2'): JsonObject[] =>
    kinds.map((kind) => {
      const rows = layers.filter((row) => kindOf(row) === kind);
      return {
        type: 'bar',
        orientation: 'h',
        name: kind[0],
        legendgroup: kind[0],
        showlegend: side === '',
        xaxis: `x${side}`,
        yaxis: `y${side}`,
        y: rows.map(rowOf),
        x: rows.map((row) => row[of]),
        text: rows.map((row) => (row[of] > 0 ? withCommas(row[of]) : '')),
        textposition: 'outside',
        cliponaxis: false,
        marker: { color: kind[1] },
        customdata: rows.map((row) => row.receptiveField),
        hovertemplate: `%{y}: %{x:,} ${of}<br>receptive field: %{customdata} positions of the input<extra>${kind[0]}</extra>`,
      };
    });
  const rows: JsonObject = {
    type: 'category',
    categoryorder: 'array',
    categoryarray: layers.map(rowOf),
    // Plotly's own choice leaves out every other name.
    tickmode: 'linear',
    range: [layers.length - 0.5, -0.5],
    showgrid: false,
  };
  const numbers = (of: 'activations' | 'parameters'): JsonObject => ({
    range: [0, NUMBER_ROOM * Math.max(1, ...layers.map((row) => row[of]))],
    nticks: 5,
  });
  return {
    data: [...bars('activations', ''), ...bars('parameters', '2')],
    layout: {
      ...baseLayout(title, 110 + 24 * layers.length, true),
      meta: { minWidth: 600 },
      barmode: 'overlay',
      bargap: 0.25,
      xaxis: axis('activations, per clip', { ...numbers('activations'), domain: [0, 0.48] }),
      yaxis: axis('', rows),
      xaxis2: axis('parameters', { ...numbers('parameters'), domain: [0.54, 1], anchor: 'y2' }),
      yaxis2: axis('', { ...rows, anchor: 'x2', showticklabels: false, ticks: '' }),
    },
  };
}

/**
 * What one filter of the first convolution sees of a clip at one position, framed, and the way it slides: on the left
 * along the mel bands (network `original`), on the right along time (network `time`).
 *
 * @param window - a clip as the network gets it, z-scored
 * @param kernelSize - positions that the filter spans
 * @throws RangeError if the shape does not fit the values, or `kernelSize` is not an integer from 1 to the number of positions
 */
export function filterFigure(window: Spectrogram, kernelSize: number, title = 'What one filter sees'): Figure {
  const { values, bands, frames } = window;
  requireSome(values.length, 'a filter', 'there must be at least one frame and one band');
  if (values.length !== bands * frames)
    throw new RangeError(
      `Cannot draw a filter: expected ${bands} x ${frames} values, current number is ${values.length}`,
    );
  const most = Math.min(bands, frames);
  if (!Number.isInteger(kernelSize) || kernelSize < 1 || kernelSize > most)
    throw new RangeError(
      `Cannot draw a filter: kernelSize must be an integer from 1 to ${most}, current value is ${kernelSize}`,
    );
  const cells = Array.from({ length: bands }, (_, band) =>
    Array.from(values.subarray(band * frames, (band + 1) * frames), (value) => rounded(value, 1)),
  );
  const map = (side: '' | '2'): JsonObject => ({
    type: 'heatmap',
    xaxis: `x${side}`,
    yaxis: `y${side}`,
    z: cells,
    coloraxis: 'coloraxis',
    hovertemplate: 'frame %{x}, mel band %{y}<br>z-score: %{z:.1f}<extra></extra>',
  });
  // Counted from 0, like the cells; in the lower half, where speech has its energy.
  const [firstBand, firstFrame] = [Math.floor((bands - kernelSize) / 4), Math.floor((frames - kernelSize) / 4)];
  const [lastBand, lastFrame] = [firstBand + kernelSize, firstFrame + kernelSize];
  const frame = (side: '' | '2', [x0, x1]: readonly number[], [y0, y1]: readonly number[]): JsonObject => ({
    type: 'rect',
    xref: `x${side}`,
    yref: `y${side}`,
    x0: x0 - 0.5,
    x1: x1 - 0.5,
    y0: y0 - 0.5,
    y1: y1 - 0.5,
    line: { color: '#FFFFFF', width: 3 },
  });
  const line = (side: '' | '2', corners: readonly (readonly number[])[], closed: boolean): JsonObject => ({
    type: 'path',
    xref: `x${side}`,
    yref: `y${side}`,
    path: `M ${corners.map(([x, y]) => `${x},${y}`).join(' L ')}${closed ? ' Z' : ''}`,
    line: { color: '#FFFFFF', width: 3 },
    ...(closed ? { fillcolor: '#FFFFFF' } : {}),
  });
  // A shaft and a head; an annotation's arrow needs a browser to measure its line.
  const arrow = (side: '' | '2', from: readonly number[], along: readonly number[]): JsonObject[] => {
    const at = (length: number, aside: number) => [
      from[0] + length * along[0] + aside * along[1] * (frames / bands),
      from[1] + length * along[1] + aside * along[0] * (bands / frames),
    ];
    return [line(side, [at(0, 0), at(0.8, 0)], false), line(side, [at(0.7, -0.15), at(1, 0), at(0.7, 0.15)], true)];
  };
  const caption = (text: string, x: number): JsonObject => ({
    text,
    showarrow: false,
    xref: 'paper',
    yref: 'paper',
    x,
    xanchor: 'center',
    y: 1,
    yanchor: 'bottom',
    font: { size: 14 },
  });
  const bandAxis: JsonObject = { range: [-0.5, bands - 0.5], showgrid: false };
  const frameAxis: JsonObject = { range: [-0.5, frames - 0.5], showgrid: false };
  return {
    data: [map(''), map('2')],
    layout: {
      ...baseLayout(title, 340, true),
      meta: { minWidth: 600 },
      showlegend: false,
      coloraxis: {
        colorscale: 'Viridis',
        colorbar: { title: { text: 'z-score' }, thickness: 14, outlinewidth: 0 },
      },
      xaxis: axis('frame', { ...frameAxis, domain: [0, 0.45] }),
      yaxis: axis('mel band', bandAxis),
      xaxis2: axis('frame', { ...frameAxis, domain: [0.55, 1], anchor: 'y2' }),
      yaxis2: axis('', { ...bandAxis, anchor: 'x2' }),
      shapes: [
        frame('', [0, frames], [firstBand, lastBand]),
        frame('2', [firstFrame, lastFrame], [0, bands]),
        ...arrow('', [frames / 2, lastBand], [0, bands / 5]),
        ...arrow('2', [lastFrame, bands / 2], [frames / 5, 0]),
      ],
      annotations: [
        caption(`original: ${kernelSize} bands, all frames`, 0.225),
        caption(`time: all bands, ${kernelSize} frames`, 0.775),
      ],
    },
  };
}
