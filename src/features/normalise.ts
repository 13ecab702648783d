import { joined } from '../common/joined.js';
import { mean as meanOf } from '../common/statistics.js';
import type { Spectrogram } from './spectrogram.js';

/**
 * Whose statistics a spectrogram is z-scored with: its own, the training set's, or its speaker's. With `bands`, the mean of
 * each of its own bands is taken out, which takes out microphone and room with it, and the rest stays in bels.
 */
export const NORMALISATIONS = ['clip', 'bands', 'train', 'speaker'] as const;

/** One of them, or `none` for a network that takes features as they are. */
export type Normalisation = (typeof NORMALISATIONS)[number] | 'none';

/** Mean and standard deviation in decibels: one pair for a whole spectrogram, or one for each mel band. */
export interface Statistics {
  readonly mean: number[];
  readonly std: number[];
}

/** Statistics that leave everything as it is. */
export const NO_STATISTICS: Statistics = { mean: [0], std: [1] };

/** Keeps the division finite for a clip without any variation (the Python original's constant). */
const EPSILON = 1e-8;

/** What differences from the mean are multiplied by. */
export function scaleOf(deviation: number): number {
  return 1 / (deviation + EPSILON);
}

/** One mean and one standard deviation over all values of a spectrogram. */
export function clipStatistics({ values }: Spectrogram): Statistics {
  const mean = meanOf(values);
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    const difference = values[i] - mean;
    squares += difference * difference;
  }
  return { mean: [mean], std: [Math.sqrt(squares / values.length)] };
}

const DECIBELS_IN_A_BEL = 10;

/** Statistics that take the mean of each band of a spectrogram in decibels out of it, and leave bels. */
export function bandMeans({ values, bands, frames }: Spectrogram): Statistics {
  const mean = Array.from({ length: bands }, (_, band) => meanOf(values.subarray(band * frames, (band + 1) * frames)));
  return { mean, std: [DECIBELS_IN_A_BEL] };
}

/**
 * Mean and standard deviation of every mel band over all frames of several spectrograms.
 *
 * @throws RangeError if there is no spectrogram, or they differ in their number of bands
 */
export function bandStatistics(spectrograms: Iterable<Spectrogram>): Statistics {
  let sums: Float64Array | undefined;
  let squares = new Float64Array();
  let frames = 0;
  for (const { values, bands, frames: width } of spectrograms) {
    if (!sums) {
      sums = new Float64Array(bands);
      squares = new Float64Array(bands);
    }
    if (bands !== sums.length)
      throw new RangeError(`Spectrograms differ in their number of mel bands: ${sums.length} != ${bands}`);
    for (let band = 0; band < bands; band++) {
      for (let i = band * width; i < (band + 1) * width; i++) {
        sums[band] += values[i];
        squares[band] += values[i] * values[i];
      }
    }
    frames += width;
  }
  if (!sums) throw new RangeError('Cannot compute statistics: there are no spectrograms');
  const mean = Array.from(sums, (sum) => sum / frames);
  const std = Array.from(squares, (square, band) => Math.sqrt(Math.max(0, square / frames - mean[band] ** 2)));
  return { mean, std };
}

/**
 * Z-scores a spectrogram and pads it with zeros, or crops it, to a fixed number of frames: the network's input.
 *
 * Padding comes after the z-score, so that it stands for the average level, as in the Python original.
 *
 * @param statistics - of the whole spectrogram or of each band
 * @param frames - width of the result
 * @param target - where to write, shape `(bands, frames)`, row-major; a new array unless given
 */
export function normalisedInput(
  { values, bands, frames: width }: Spectrogram,
  statistics: Statistics,
  { frames, target = new Float32Array(bands * frames) }: { frames: number; target?: Float32Array },
): Float32Array {
  const { mean, std } = statistics;
  const kept = Math.min(width, frames);
  for (let band = 0; band < bands; band++) {
    const m = mean[mean.length === 1 ? 0 : band];
    const scale = scaleOf(std[std.length === 1 ? 0 : band]);
    const [from, to] = [band * width, band * frames];
    for (let t = 0; t < kept; t++) target[to + t] = (values[from + t] - m) * scale;
    target.fill(0, to + kept, to + frames);
  }
  return target;
}

/**
 * All values of spectrograms by the group that each belongs to, e.g. its speaker, for distributions.
 *
 * @param groups - the group of each spectrogram
 * @throws RangeError if there are not as many groups as spectrograms
 */
export function valuesByGroup(
  spectrograms: readonly Spectrogram[],
  groups: readonly string[],
): Record<string, Float32Array> {
  if (spectrograms.length !== groups.length)
    throw new RangeError(`Spectrograms and groups differ in length: ${spectrograms.length} != ${groups.length}`);
  const names = [...new Set(groups)];
  return Object.fromEntries(
    names.map((name) => {
      const parts = spectrograms.filter((_, i) => groups[i] === name);
      return [name, joined(parts.map(({ values }) => values))];
    }),
  );
}
