import { mean } from '../common/statistics.js';
import {
  createSpectrumAnalyser,
  framesOf,
  rootMeanSquare,
  type SpectralShape,
  zeroCrossingsPerSecond,
} from './frames.js';

/** Numbers of the cepstral coefficients; the first follows the level. */
type CepstralIndex = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13;

/**
 * What a clip is like, in plain numbers, for exploring a corpus: one row of a table.
 *
 * "Mean" and "Std" (population standard deviation) are over the clip's frames that are not silent; all zero where every
 * frame is. MFCC are Meyda's (26 bands on an HTK-like scale, `ln(1 + power)`): not the network's input, not librosa's.
 */
export interface AcousticDescriptors extends Readonly<Record<`mfcc${CepstralIndex}Mean`, number>> {
  readonly durationSeconds: number;
  /** Largest magnitude of a sample. */
  readonly peak: number;
  /** Root mean square of the whole clip's samples. */
  readonly rms: number;
  /** Share of the frames, in [0, 1], that lie 60 dB or more below the loudest one, or are zero throughout. */
  readonly silentShare: number;
  /** Of the root mean square of a frame. */
  readonly frameRmsMean: number;
  readonly frameRmsStd: number;
  /** Changes of sign per second. */
  readonly zeroCrossingsPerSecondMean: number;
  readonly zeroCrossingsPerSecondStd: number;
  /** Mean frequency, weighted by amplitude. */
  readonly centroidHzMean: number;
  readonly centroidHzStd: number;
  /** Frequency below which 99 % of the amplitude lies. */
  readonly rolloffHzMean: number;
  readonly rolloffHzStd: number;
  /** Geometric over arithmetic mean of the amplitudes: 0 for a tone, 1 for a flat spectrum. */
  readonly flatnessMean: number;
  readonly flatnessStd: number;
  /** Sum over 24 Bark bands of the amplitude to the power of 0.23. */
  readonly loudnessMean: number;
  readonly loudnessStd: number;
}

/** Samples of a frame, 46 ms at 22,050 Hz, and from one frame to the next. */
const FRAME_LENGTH = 1024;
const HOP_LENGTH = 512;

const COEFFICIENTS = 13;

/** Frames this far below the loudest one say more about the microphone than about the voice: -60 dB. */
const SILENCE_RATIO = 1e-3;

/** Values of one frame. */
interface FrameValues extends SpectralShape {
  readonly frameRms: number;
  readonly zeroCrossingsPerSecond: number;
  readonly mfcc: readonly number[];
}

/**
 * Describes a clip by its level, noisiness, brightness and cepstrum, with the library Meyda.
 *
 * Frames of 1,024 samples, half overlapping, under a Hann window; up to 511 samples at the end are in none. A shorter
 * clip is one frame, its spectrum that of the samples between zeros. Values that depend on the spectrum depend on the
 * sample rate as well: compare clips at one rate.
 *
 * @param samples - mono, in [-1, 1], shape `(n,)`
 * @param sampleRateHz - their rate
 * @returns finite numbers for every finite clip, silence included
 * @throws RangeError if `samples` is empty, or the rate is not positive
 * @see https://meyda.js.org/audio-features
 */
export function acousticDescriptors(samples: Float32Array, sampleRateHz: number): AcousticDescriptors {
  if (samples.length === 0) throw new RangeError('Cannot describe a clip: there are no samples');
  if (!(sampleRateHz > 0))
    throw new RangeError(`Cannot describe a clip: the sample rate must be positive, current value is ${sampleRateHz}`);
  const settings = { sampleRateHz, frameLength: FRAME_LENGTH, hopLength: HOP_LENGTH };
  const frames = framesOf(samples, settings);
  const levels = frames.map((frame) => rootMeanSquare(frame));
  const threshold = SILENCE_RATIO * levels.reduce((a, b) => Math.max(a, b));
  const analyse = createSpectrumAnalyser(settings, ['mfcc']);
  const values = frames
    .filter((_, i) => levels[i] > threshold)
    .map((frame) => ({
      ...analyse(frame),
      frameRms: rootMeanSquare(frame),
      zeroCrossingsPerSecond: zeroCrossingsPerSecond(frame, sampleRateHz),
    }))
    // A single click where the window is zero has a level and no spectrum.
    .filter(({ centroidHz }) => !Number.isNaN(centroidHz));
  return {
    durationSeconds: samples.length / sampleRateHz,
    peak: samples.reduce((largest, sample) => Math.max(largest, Math.abs(sample)), 0),
    rms: rootMeanSquare(samples),
    silentShare: 1 - values.length / frames.length,
    ...summary('frameRms', values),
    ...summary('zeroCrossingsPerSecond', values),
    ...summary('centroidHz', values),
    ...summary('rolloffHz', values),
    ...summary('flatness', values),
    ...summary('loudness', values),
    ...cepstralMeans(values),
  };
}

/** Mean and standard deviation of one value over the frames, under its name with "Mean" and "Std". */
function summary<Name extends Exclude<keyof FrameValues, 'mfcc'>>(
  name: Name,
  frames: readonly FrameValues[],
): Record<`${Name}Mean` | `${Name}Std`, number> {
  const values = frames.map((frame) => frame[name]);
  const centre = meanOrZero(values);
  const std = Math.sqrt(meanOrZero(values.map((value) => (value - centre) ** 2)));
  return { [`${name}Mean`]: centre, [`${name}Std`]: std } as Record<`${Name}Mean` | `${Name}Std`, number>;
}

function cepstralMeans(frames: readonly FrameValues[]): Record<`mfcc${CepstralIndex}Mean`, number> {
  const means = Array.from({ length: COEFFICIENTS }, (_, k) => meanOrZero(frames.map(({ mfcc }) => mfcc[k])));
  return Object.fromEntries(means.map((value, k) => [`mfcc${k + 1}Mean`, value])) as Record<
    `mfcc${CepstralIndex}Mean`,
    number
  >;
}

/** Of a clip whose frames are all silent there are no values. */
function meanOrZero(values: readonly number[]): number {
  return values.length > 0 ? mean(values) : 0;
}
