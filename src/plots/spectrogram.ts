import { bandCentresHz, createMelSpectrogram, MEL_DEFAULTS, type MelOptions, powerToDb } from '../features/mel.js';
import { clipStatistics, normalisedInput } from '../features/normalise.js';
import { stftPower } from '../features/stft.js';
import { axis, baseLayout, type Figure, type JsonObject, plain, rangeOf, requireSome, rounded } from './figure.js';
import { MOST_COLUMNS, requirePositive } from './sound.js';

/** A spectrogram with what its axes need. */
export interface SpectrogramData {
  /** Row-major, shape `(bands, frames)`. */
  readonly values: Float32Array;
  readonly bands: number;
  readonly frames: number;
  readonly sampleRateHz: number;
  /** Samples from one frame to the next. */
  readonly hopLength: number;
  /** Rising, one per band. */
  readonly bandCentresHz: ArrayLike<number>;
  /** What the rows are; default: mel bands. */
  readonly rows?: 'mel bands' | 'FFT bins';
}

/** One of several spectrograms side by side. */
export interface SpectrogramPanel extends SpectrogramData {
  /** What is written above it. */
  readonly name: string;
}

export interface SpectrogramsOptions {
  readonly title?: string;
  /** What the values are; default dB. */
  readonly unit?: string;
  /** Spectrograms in a row; default 3. */
  readonly columns?: number;
}

/** Where a person looks for frequencies, in Hz. */
const FREQUENCY_TICKS = [100, 500, 1000, 2000, 4000, 8000, 16000];

/** Share of the axis that a label of a frequency needs. */
const TICK_ROOM = 0.05;

/** Heights and gaps in px. */
const PANEL_HEIGHT = 190;
const ROW_GAP = 34;
const WIDTH = 660;

/**
 * The mel spectrogram of a waveform with what its axes need, in decibels below its loudest value, so that several can
 * be compared whatever their level.
 *
 * @param samples - mono, at the options' rate
 * @param options - what differs from {@link MEL_DEFAULTS}
 * @throws RangeError if there are no samples, or an option is out of range
 */
export function melSpectrogramOf(samples: Float32Array, options: Partial<MelOptions> = {}): SpectrogramData {
  const mel = { ...MEL_DEFAULTS, ...options };
  const { values, bands, frames } = createMelSpectrogram(mel)(samples);
  return {
    ...axesOf(mel),
    values: belowLoudest(values, mel.topDb),
    bands,
    frames,
    bandCentresHz: bandCentresHz(mel),
  };
}

/** The same for the short-time Fourier transform: one row per bin of the FFT instead of one per mel band. */
export function stftOf(samples: Float32Array, options: Partial<MelOptions> = {}): SpectrogramData {
  const mel = { ...MEL_DEFAULTS, ...options };
  const { values, bands, frames } = stftPower(samples, mel);
  const hz = Array.from({ length: bands }, (_, bin) => (bin * mel.sampleRateHz) / mel.fftSize);
  return {
    ...axesOf(mel),
    values: belowLoudest(values, mel.topDb),
    bands,
    frames,
    bandCentresHz: hz,
    rows: 'FFT bins',
  };
}

/** A clip as the network gets it with the normalisation `clip`: z-scored by its own statistics, then padded or cropped. */
export function normalisedOf(data: SpectrogramData, frames: number): SpectrogramData {
  return { ...data, values: normalisedInput(data, clipStatistics(data), { frames }), frames };
}

/**
 * A spectrogram over time, drawn cell by cell: with mel bands, what the network sees.
 *
 * The bands are evenly spaced, as in the network's input, and labelled in Hz. Where there are more than 1,000 frames,
 * neighbours are drawn as one, by the loudest.
 *
 * @param unit - what the values are
 * @throws RangeError if the shape does not fit the data, or a rate is not positive
 */
export function spectrogramFigure(data: SpectrogramData, title = 'Mel spectrogram', unit = 'dB'): Figure {
  checkData(data);
  return {
    data: [
      {
        ...heatmap(data, unit),
        colorscale: 'Viridis',
        colorbar: { title: { text: unit }, thickness: 14, outlinewidth: 0 },
      },
    ],
    layout: {
      ...baseLayout(title, 360),
      xaxis: axis('time in s', { showgrid: false }),
      yaxis: axis(frequencyTitle(data), frequencyAxis(data)),
    },
  };
}

/**
 * Spectrograms side by side, all over the same time and in the same colours, so that they can be compared.
 *
 * @throws RangeError if there is none, a shape does not fit its data, a rate is not positive, or `columns` is not a
 *   positive integer
 */
export function spectrogramsFigure(panels: readonly SpectrogramPanel[], options: SpectrogramsOptions = {}): Figure {
  const { title, unit = 'dB', columns = 3 } = options;
  requireSome(panels.length, 'spectrograms', 'there must be at least one');
  if (!Number.isInteger(columns) || columns < 1)
    throw new RangeError(`Cannot draw spectrograms: columns must be a positive integer, current value is ${columns}`);
  panels.forEach(checkData);
  const across = Math.min(columns, panels.length);
  const down = Math.ceil(panels.length / across);
  const height = down * PANEL_HEIGHT + (down - 1) * ROW_GAP;
  // Bands that differ need labels of their own in every panel.
  const alike = panels.every((panel) => sameBands(panel, panels[0]));
  const gap = alike ? 0.02 : 0.08;
  const width = (1 - (across - 1) * gap) / across;
  const seconds = Math.max(...panels.map(durationOf));
  const [low, high] = rangeOf(panels.map(({ values }) => values)).map((value) => rounded(value, 1));
  const layout: Record<string, JsonObject> = {};
  const annotations: JsonObject[] = [];
  const data = panels.map((panel, i) => {
    const [row, column] = [Math.floor(i / across), i % across];
    const id = i === 0 ? '' : `${i + 1}`;
    const left = column * (width + gap);
    const top = 1 - (row * (PANEL_HEIGHT + ROW_GAP)) / height;
    const isLast = i + across >= panels.length;
    const isFirst = column === 0;
    layout[`xaxis${id}`] = axis(isLast ? 'time in s' : '', {
      anchor: `y${id}`,
      domain: [left, left + width],
      range: [-panel.hopLength / panel.sampleRateHz / 2, seconds],
      showgrid: false,
      showticklabels: isLast,
      nticks: 5,
      ...(i > 0 ? { matches: 'x' } : {}),
    });
    layout[`yaxis${id}`] = axis(isFirst && row === Math.floor((down - 1) / 2) ? frequencyTitle(panel) : '', {
      ...frequencyAxis(panel),
      anchor: `x${id}`,
      domain: [Math.max(0, top - PANEL_HEIGHT / height), top],
      showticklabels: isFirst || !alike,
    });
    annotations.push({
      text: plain(panel.name),
      showarrow: false,
      x: left + width / 2,
      xref: 'paper',
      xanchor: 'center',
      y: top,
      yref: 'paper',
      yanchor: 'bottom',
    });
    return { ...heatmap(panel, unit), xaxis: `x${id}`, yaxis: `y${id}`, coloraxis: 'coloraxis' };
  });
  const base = baseLayout(title, height + 100);
  return {
    data,
    layout: {
      ...base,
      margin: { ...(base.margin as JsonObject), t: Number((base.margin as JsonObject).t) + 18 },
      ...layout,
      annotations,
      meta: { minWidth: WIDTH },
      coloraxis: {
        cmin: low,
        cmax: high,
        colorscale: 'Viridis',
        colorbar: { title: { text: unit }, thickness: 14, outlinewidth: 0 },
      },
    },
  };
}

function axesOf({ sampleRateHz, hopLength }: MelOptions): Pick<SpectrogramData, 'sampleRateHz' | 'hopLength'> {
  return { sampleRateHz, hopLength };
}

/** Power in decibels with 0 for the loudest value. */
function belowLoudest(power: Float32Array, topDb: number): Float32Array {
  const decibels = powerToDb(power, topDb);
  let loudest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < decibels.length; i++) loudest = Math.max(loudest, decibels[i]);
  for (let i = 0; i < decibels.length; i++) decibels[i] -= loudest;
  return decibels;
}

function heatmap(data: SpectrogramData, unit: string) {
  const { values, bands, frames, sampleRateHz, hopLength, bandCentresHz, rows } = data;
  const group = Math.ceil(frames / MOST_COLUMNS);
  const secondsPerFrame = hopLength / sampleRateHz;
  return {
    type: 'heatmap',
    x0: ((group - 1) / 2) * secondsPerFrame,
    dx: group * secondsPerFrame,
    y: Array.from(bandCentresHz, (hz, band) => `${band + 1}: ${hz.toFixed(0)} Hz`),
    z: Array.from({ length: bands }, (_, band) => loudest(values.subarray(band * frames, (band + 1) * frames), group)),
    hovertemplate: `time: %{x:.2f} s<br>${rows === 'FFT bins' ? 'bin' : 'band'} %{y}<br>value: %{z:.1f} ${unit}<extra></extra>`,
  } satisfies JsonObject;
}

function frequencyTitle({ rows = 'mel bands' }: SpectrogramData): string {
  return `frequency in Hz (${rows})`;
}

function frequencyAxis({ bands, bandCentresHz }: SpectrogramData): JsonObject {
  const centres = Array.from(bandCentresHz);
  const ticks: { hz: number; band: number }[] = [];
  // From the top down, leaving out what is too close: with evenly spaced bands, the low frequencies lie on one another.
  for (const hz of FREQUENCY_TICKS.filter((hz) => hz >= centres[0] && hz <= centres[bands - 1]).reverse()) {
    const band = bandOf(hz, centres);
    if (ticks.length === 0 || ticks[0].band - band >= TICK_ROOM * bands) ticks.unshift({ hz, band });
  }
  return {
    type: 'category',
    showgrid: false,
    ...(ticks.length > 1
      ? { tickvals: ticks.map(({ band }) => rounded(band, 3)), ticktext: ticks.map(({ hz }) => `${hz}`) }
      : { nticks: 8 }),
  };
}

function checkData({ values, bands, frames, bandCentresHz, sampleRateHz, hopLength }: SpectrogramData): void {
  requireSome(values.length, 'a spectrogram', 'there must be at least one frame and one band');
  if (values.length !== bands * frames)
    throw new RangeError(
      `Cannot draw a spectrogram: expected ${bands} x ${frames} values, current number is ${values.length}`,
    );
  if (bandCentresHz.length !== bands)
    throw new RangeError(
      `Cannot draw a spectrogram: expected ${bands} band centres, current number is ${bandCentresHz.length}`,
    );
  requirePositive('a spectrogram', { sampleRateHz, hopLength });
}

function durationOf({ frames, hopLength, sampleRateHz }: SpectrogramData): number {
  return ((frames - 0.5) * hopLength) / sampleRateHz;
}

function sameBands(a: SpectrogramData, b: SpectrogramData): boolean {
  return a.bands === b.bands && a.bandCentresHz[a.bands - 1] === b.bandCentresHz[b.bands - 1];
}

/** The largest of every `group` neighbours, shortened to what can be seen. */
function loudest(row: Float32Array, group: number): number[] {
  const columns: number[] = [];
  for (let start = 0; start < row.length; start += group)
    columns.push(perceptible(Math.max(...row.subarray(start, start + group))));
  return columns;
}

/** To 0.1 where values are large, as decibels are, to 0.01 where they are not, as z-scores are. */
function perceptible(value: number): number {
  return rounded(value, Math.abs(value) < 10 ? 2 : 1);
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
