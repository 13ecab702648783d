import { axis, baseLayout, COLOURS, classColours, type Figure, requireSome, rounded, wrapped } from './figure.js';

/** A mel spectrogram with what its axes need. */
export interface SpectrogramData {
  /** Row-major, shape `(bands, frames)`. */
  readonly decibels: Float32Array;
  readonly bands: number;
  readonly frames: number;
  readonly sampleRateHz: number;
  /** Samples from one frame to the next. */
  readonly hopLength: number;
  /** Rising, one per band. */
  readonly bandCentresHz: ArrayLike<number>;
}

/** Class probabilities of one stretch of a long recording. */
export interface ProbabilityWindow {
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** By class name. */
  readonly probabilities: Readonly<Record<string, number>>;
}

/** Columns that a picture can show; longer sound is summarised to this many, so that figures stay small. */
const MOST_COLUMNS = 1000;

/** Where a person looks for frequencies, in Hz. */
const FREQUENCY_TICKS = [100, 500, 1000, 2000, 4000, 8000, 16000];

/**
 * A mel spectrogram over time, drawn cell by cell: what the network sees.
 *
 * The bands are evenly spaced, as in the network's input, and labelled in Hz. Where there are more than 1,000 frames,
 * neighbours are drawn as one, by the loudest.
 *
 * @throws RangeError if the shape does not fit the data, or a rate is not positive
 */
export function spectrogramFigure(data: SpectrogramData, title = 'Mel spectrogram'): Figure {
  const { decibels, bands, frames, sampleRateHz, hopLength, bandCentresHz } = data;
  requireSome(decibels.length, 'a spectrogram', 'there must be at least one frame and one band');
  if (decibels.length !== bands * frames)
    throw new RangeError(
      `Cannot draw a spectrogram: expected ${bands} x ${frames} values, current number is ${decibels.length}`,
    );
  if (bandCentresHz.length !== bands)
    throw new RangeError(
      `Cannot draw a spectrogram: expected ${bands} band centres, current number is ${bandCentresHz.length}`,
    );
  requirePositive('a spectrogram', { sampleRateHz, hopLength });
  const group = Math.ceil(frames / MOST_COLUMNS);
  const cells = Array.from({ length: bands }, (_, band) =>
    loudest(decibels.subarray(band * frames, (band + 1) * frames), group),
  );
  const secondsPerFrame = hopLength / sampleRateHz;
  const centres = Array.from(bandCentresHz);
  const ticks = FREQUENCY_TICKS.filter((hz) => hz >= centres[0] && hz <= centres[bands - 1]);
  return {
    data: [
      {
        type: 'heatmap',
        x0: ((group - 1) / 2) * secondsPerFrame,
        dx: group * secondsPerFrame,
        y: centres.map((hz, band) => `${band + 1}: ${hz.toFixed(0)} Hz`),
        z: cells,
        colorscale: 'Viridis',
        colorbar: { title: { text: 'dB' }, thickness: 14, outlinewidth: 0 },
        hovertemplate: '%{x:.2f} s<br>band %{y}<br>%{z:.1f} dB<extra></extra>',
      },
    ],
    layout: {
      ...baseLayout(title, 360),
      xaxis: axis('time in s', { showgrid: false }),
      yaxis: axis('frequency in Hz (mel bands)', {
        type: 'category',
        showgrid: false,
        ...(ticks.length > 1
          ? { tickvals: ticks.map((hz) => rounded(bandOf(hz, centres), 3)), ticktext: ticks.map((hz) => `${hz}`) }
          : { nticks: 8 }),
      }),
    },
  };
}

/**
 * A waveform over time. Long sound is drawn as its envelope, the lowest and highest sample of each of 1,000 stretches,
 * so that no peak is lost.
 *
 * @param samples - mono, in [-1, 1]
 * @throws RangeError if there are no samples, or the rate is not positive
 */
export function waveformFigure(samples: Float32Array, sampleRateHz: number, title = 'Waveform'): Figure {
  requireSome(samples.length, 'a waveform', 'there must be at least one sample');
  requirePositive('a waveform', { sampleRateHz });
  const group = Math.ceil(samples.length / MOST_COLUMNS);
  const x: number[] = [];
  const y: number[] = [];
  for (let start = 0; start < samples.length; start += group) {
    const stretch = samples.subarray(start, start + group);
    const seconds = rounded(start / sampleRateHz, 5);
    let [low, high] = [stretch[0], stretch[0]];
    for (const sample of stretch) {
      low = Math.min(low, sample);
      high = Math.max(high, sample);
    }
    x.push(seconds);
    y.push(rounded(low, 4));
    if (group > 1) {
      x.push(seconds);
      y.push(rounded(high, 4));
    }
  }
  const peak = Math.max(...y.map(Math.abs), 1e-4);
  return {
    data: [{ type: 'scatter', mode: 'lines', x, y, line: { color: COLOURS.blue, width: 1 }, hoverinfo: 'x+y' }],
    layout: {
      ...baseLayout(title, 250),
      xaxis: axis('time in s', { range: [0, samples.length / sampleRateHz] }),
      yaxis: axis('amplitude', { range: [-1.05 * peak, 1.05 * peak] }),
    },
  };
}

/**
 * Class probabilities over the time of a long recording, each window at its middle.
 *
 * @param windows - in order of time, all with the same classes
 * @throws RangeError if there are no windows, or one lacks a class
 */
export function timelineFigure(windows: readonly ProbabilityWindow[], title = 'Emotion over time'): Figure {
  requireSome(windows.length, 'a timeline', 'there must be at least one window');
  const labels = Object.keys(windows[0].probabilities);
  requireSome(labels.length, 'a timeline', 'there must be at least one class');
  const colours = classColours(labels);
  const middles = windows.map((window) => rounded((window.startSeconds + window.endSeconds) / 2, 3));
  const sameColour = (label: string) => (other: string) => colours[other] === colours[label];
  const dashes = ['solid', 'dash', 'dot', 'dashdot'];
  const symbols = ['circle', 'square', 'diamond', 'triangle-up', 'cross', 'x', 'triangle-down', 'star'];
  return {
    data: labels.map((label, c) => ({
      type: 'scatter',
      mode: windows.length > 60 ? 'lines' : 'lines+markers',
      name: wrapped(label, 28),
      x: middles,
      y: windows.map((window, w) => {
        const probability = window.probabilities[label];
        if (probability === undefined)
          throw new RangeError(`Cannot draw a timeline: every window must have '${label}', window ${w + 1} has not`);
        return rounded(100 * probability, 2);
      }),
      line: { color: colours[label], width: 2, dash: dashes[labels.slice(0, c).filter(sameColour(label)).length % 4] },
      marker: { size: 6, symbol: symbols[c % symbols.length] },
      hovertemplate: '%{y:.1f} % at %{x:.1f} s',
    })),
    layout: {
      ...baseLayout(title, 360 + 24 * Math.ceil(labels.length / 4)),
      showlegend: true,
      legend: { orientation: 'h', x: 0.5, xanchor: 'center', y: -0.2, yanchor: 'top', bgcolor: 'rgba(0,0,0,0)' },
      hovermode: 'x unified',
      xaxis: axis('time in s', {
        range: [windows[0].startSeconds, Math.max(...windows.map((window) => window.endSeconds))],
      }),
      yaxis: axis('probability in %', { range: [-2, 102] }),
    },
  };
}

/** The largest of every `group` neighbours, to 0.1 dB. */
function loudest(row: Float32Array, group: number): number[] {
  const columns: number[] = [];
  for (let start = 0; start < row.length; start += group)
    columns.push(rounded(Math.max(...row.subarray(start, start + group)), 1));
  return columns;
}

/** Where a frequency lies among rising band centres, in bands from 0, between two of them where needed. */
function bandOf(hz: number, centres: readonly number[]): number {
  const above = Math.max(
    1,
    centres.findIndex((centre) => centre >= hz),
  );
  const [low, high] = [centres[above - 1], centres[above]];
  return above - 1 + (hz - low) / (high - low);
}

function requirePositive(action: string, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values))
    if (!(value > 0))
      throw new RangeError(`Cannot draw ${action}: ${name} must be positive, current value is ${value}`);
}
