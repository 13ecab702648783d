import {
  axis,
  baseLayout,
  COLOURS,
  classColours,
  type Figure,
  type JsonObject,
  plain,
  rangeOf,
  requireSome,
  rounded,
  wrapped,
} from './figure.js';

/** Class probabilities of one stretch of a long recording. */
export interface ProbabilityWindow {
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** By class name. */
  readonly probabilities: Readonly<Record<string, number>>;
}

/** What is known of a stretch of a long recording. */
export interface TrueStretch {
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly emotion: string;
}

/** Columns that a picture can show; longer sound is summarised to this many, so that figures stay small. */
export const MOST_COLUMNS = 1000;

/** Samples that a figure holds one by one, so that zooming in shows them; in JSON, 8 bytes each. */
const MOST_SAMPLES = 200_000;

/**
 * A waveform over time, sample by sample. Sound of more than 200,000 samples (9 s at 22,050 Hz) is drawn as its envelope, the
 * lowest and highest sample of each of 1,000 stretches, so that no peak is lost.
 *
 * @param samples - mono, in [-1, 1]
 * @throws RangeError if there are no samples, or the rate is not positive
 */
export function waveformFigure(samples: Float32Array, sampleRateHz: number, title = 'Waveform'): Figure {
  requireSome(samples.length, 'a waveform', 'there must be at least one sample');
  requirePositive('a waveform', { sampleRateHz });
  const points =
    samples.length > MOST_SAMPLES
      ? envelope(samples, sampleRateHz)
      : { x0: 0, dx: 1 / sampleRateHz, y: Array.from(samples, (sample) => rounded(sample, 4)) };
  const [low, high] = rangeOf([points.y]);
  const peak = Math.max(-low, high, 1e-4);
  return {
    data: [
      {
        type: 'scatter',
        mode: 'lines',
        ...points,
        line: { color: COLOURS.blue, width: 1 },
        hovertemplate: 'time: %{x:.4f} s<br>amplitude: %{y:.4f}<extra></extra>',
      },
    ],
    layout: {
      ...baseLayout(title, 250),
      xaxis: axis('time in s', { range: [0, samples.length / sampleRateHz] }),
      yaxis: axis('amplitude', { range: [-1.05 * peak, 1.05 * peak] }),
    },
  };
}

/** The lowest and the highest sample of each of some stretches, both where it begins. */
function envelope(samples: Float32Array, sampleRateHz: number): { x: number[]; y: number[] } {
  const group = Math.ceil(samples.length / MOST_COLUMNS);
  const x: number[] = [];
  const y: number[] = [];
  for (let start = 0; start < samples.length; start += group) {
    const seconds = rounded(start / sampleRateHz, 5);
    const [low, high] = rangeOf([samples.subarray(start, start + group)]);
    x.push(seconds, seconds);
    y.push(rounded(low, 4), rounded(high, 4));
  }
  return { x, y };
}

/**
 * Class probabilities over the time of a long recording, each window at its middle.
 *
 * @param windows - in order of time, all with the same classes
 * @param truth - where it is known: what was to be found, as coloured bars above the lines
 * @throws RangeError if there are no windows, or one lacks a class
 */
export function timelineFigure(
  windows: readonly ProbabilityWindow[],
  title = 'Emotion over time',
  truth: readonly TrueStretch[] = [],
): Figure {
  requireSome(windows.length, 'a timeline', 'there must be at least one window');
  const labels = Object.keys(windows[0].probabilities);
  requireSome(labels.length, 'a timeline', 'there must be at least one class');
  const colours = classColours([...new Set([...labels, ...truth.map(({ emotion }) => emotion)])]);
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
          throw new RangeError(`Cannot draw a timeline: every window must have '${label}', window ${w + 1} does not`);
        return rounded(100 * probability, 2);
      }),
      line: { color: colours[label], width: 2, dash: dashes[labels.slice(0, c).filter(sameColour(label)).length % 4] },
      marker: { size: 6, symbol: symbols[c % symbols.length] },
      hovertemplate: '%{y:.1f} %',
    })),
    layout: {
      ...baseLayout(title, 360 + 24 * Math.ceil(labels.length / 4)),
      showlegend: true,
      legend: { orientation: 'h', x: 0.5, xanchor: 'center', y: -0.2, yanchor: 'top', bgcolor: 'rgba(0,0,0,0)' },
      hovermode: 'x unified',
      xaxis: axis('time in s', {
        unifiedhovertitle: { text: 'probabilities at %{x:.1f} s' },
        range: [windows[0].startSeconds, Math.max(...windows.map((window) => window.endSeconds))],
      }),
      yaxis: axis('probability in %', {
        range: [-2, truth.length > 0 ? TRUTH_TOP : 102],
        tickvals: [0, 20, 40, 60, 80, 100],
      }),
      ...(truth.length > 0 ? trueBars(truth, colours) : {}),
    },
  };
}

/** The bars of what is true lie above 100 %. */
const TRUTH_BOTTOM = 108;
const TRUTH_TOP = 126;

function trueBars(truth: readonly TrueStretch[], colours: Readonly<Record<string, string>>): JsonObject {
  return {
    shapes: truth.map(({ startSeconds, endSeconds, emotion }) => ({
      type: 'rect',
      x0: startSeconds,
      x1: endSeconds,
      y0: TRUTH_BOTTOM,
      y1: TRUTH_BOTTOM + 5,
      fillcolor: colours[emotion],
      line: { color: '#FFFFFF', width: 2 },
    })),
    annotations: truth.map(({ startSeconds, endSeconds, emotion }) => ({
      text: plain(emotion),
      showarrow: false,
      x: (startSeconds + endSeconds) / 2,
      y: TRUTH_BOTTOM + 5,
      yanchor: 'bottom',
    })),
  };
}

/** Refuses a rate or a length that is not positive. */
export function requirePositive(action: string, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values))
    if (!(value > 0))
      throw new RangeError(`Cannot draw ${action}: ${name} must be positive, current value is ${value}`);
}
