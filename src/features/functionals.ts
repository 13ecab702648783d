import { z } from 'zod';
import type { AnyRecording } from '../audio/decode.js';
import { allSamples, resampled } from '../audio/resample.js';
import { createFourier } from '../common/fourier.js';
import { joined } from '../common/joined.js';
import { mean, quantile } from '../common/statistics.js';
import { hannWindow } from './band-power.js';
import type { ClipFeatures } from './clip-features.js';
import type { Feature } from './feature.js';
import {
  createSpectrumAnalyser,
  type FrameSettings,
  framesOf,
  padded,
  rootMeanSquare,
  zeroCrossingsPerSecond,
} from './frames.js';
import { MEL_DEFAULTS, melFilterBank, powerToDb } from './mel.js';
import { clipStatistics } from './normalise.js';
import { createPitchDetector } from './pitch.js';

/** Frames of 32 ms every 16 ms. */
const FRAMES: FrameSettings = { sampleRateHz: 16000, frameLength: 512, hopLength: 256 };
const FRAMES_PER_SECOND = FRAMES.sampleRateHz / FRAMES.hopLength;

/** Decibels below the loudest frame from which a frame is left out: pauses, and the noise of the room in them. */
const SILENCE_DB = 30;

/** Mel bands, and the coefficients of their cepstrum that are kept: higher ones tell voices apart rather than emotions. */
const BANDS = 26;
const COEFFICIENTS = 9;

/** The pitch that counts as 0 semitones: an average voice, which is what a clip without any counts as. */
const MIDDLE_PITCH_HZ = 200;

/** What is followed from frame to frame. */
type Descriptor =
  | 'pitch'
  | 'energy'
  | 'loudness'
  | 'sharpness'
  | 'zero crossings'
  | 'centroid'
  | 'spread'
  | 'rolloff'
  | 'flatness'
  | `cepstrum ${number}`;

/** A descriptor's values in the frames that have one. */
interface Course {
  /** Numbers of the frames, rising. */
  readonly frames: readonly number[];
  readonly values: readonly number[];
}

/** A clip, frame by frame. */
interface Courses {
  readonly of: Readonly<Record<Descriptor, Course>>;
  /** From the first that is not silent to the last. */
  readonly frames: number;
  /** Power spectrum of the level over them, see {@link modulationOf}. */
  readonly modulation: Float64Array;
}

/** One number of a clip. */
interface Functional {
  readonly name: string;
  readonly of: (courses: Courses) => number;
}

const CEPSTRA = Array.from({ length: COEFFICIENTS }, (_, k): Descriptor => `cepstrum ${k + 1}`);

const DESCRIPTORS: readonly Descriptor[] = [
  ...(['pitch', 'energy', 'loudness', 'sharpness', 'zero crossings', 'centroid', 'spread', 'rolloff'] as const),
  ...(['flatness', ...CEPSTRA] as const),
];

/** What is taken of every descriptor. */
const STATISTICS: Readonly<Record<string, (course: Course) => number>> = {
  mean: ({ values }) => meanOrZero(values),
  deviation: ({ values }) => {
    const centre = meanOrZero(values);
    return Math.sqrt(meanOrZero(values.map((value) => (value - centre) ** 2)));
  },
  'low (10 %)': ({ values }) => (values.length > 0 ? quantile(values, 0.1) : 0),
  'high (90 %)': ({ values }) => (values.length > 0 ? quantile(values, 0.9) : 0),
  change: (course) => meanOrZero(stepsOf(course).map(Math.abs)),
};

/** What is taken of the melody and of the stress. */
const CONTOUR: Readonly<Record<string, (course: Course) => number>> = {
  slope: slopeOf,
  rise: (course) => meanOrZero(stepsOf(course).filter((step) => step > 0)),
  fall: (course) => meanOrZero(stepsOf(course).filter((step) => step < 0)),
};

/** Changes of the level per second: phrases, words, syllables (about 5), sounds. */
const MODULATIONS_HZ = [1, 3, 6, 12, 31] as const;

/** All numbers of a clip, in their order. */
const FUNCTIONALS: readonly Functional[] = [
  ...DESCRIPTORS.flatMap((descriptor) => functionalsOf(descriptor, STATISTICS)),
  ...functionalsOf('pitch', CONTOUR),
  ...functionalsOf('energy', CONTOUR),
  { name: 'voiced share', of: ({ of, frames }) => of.pitch.frames.length / Math.max(1, frames) },
  { name: 'audible share', of: ({ of, frames }) => of.energy.frames.length / Math.max(1, frames) },
  {
    name: 'voiced stretches per second',
    of: ({ of, frames }) => (FRAMES_PER_SECOND * stretchesOf(of.pitch)) / Math.max(1, frames),
  },
  {
    name: 'seconds of a voiced stretch',
    of: ({ of: { pitch } }) => pitch.frames.length / FRAMES_PER_SECOND / Math.max(1, stretchesOf(pitch)),
  },
  ...MODULATIONS_HZ.slice(1).map((high, i): Functional => {
    const low = MODULATIONS_HZ[i];
    return {
      name: `energy: modulation, ${low}–${high} Hz`,
      of: ({ modulation }) => powerBetween(modulation, [low, high]),
    };
  }),
];

/**
 * Functionals: what the voice does in a clip, as numbers with names. Pitch in semitones around 200 Hz, level in decibels
 * below the loudest frame, the shape of the spectrum by Meyda, and the cepstrum of 26 mel bands, each followed over frames
 * of 32 ms; of each its mean, deviation, tenth and ninetieth percentile, and mean change from frame to frame; the contour
 * of pitch and level, how much is voiced, and how fast the level changes.
 *
 * Frames 30 dB or more below the loudest one are left out, and so are pauses at the ends. How loud a recording is makes no
 * difference.
 */
export const functionals: Feature<Record<string, never>> = {
  description: 'statistics over a clip of pitch, level, spectrum and cepstrum',
  defaults: {},
  schema: z.strictObject({}) as z.ZodType<Record<string, never>>,
  version: 1,
  secondsPerFrame: () => undefined,
  numbers: FUNCTIONALS.map(({ name }) => name),
  create: () => {
    const follow = createFollower();
    return ({ samples, sampleRateHz, durationSeconds }: AnyRecording): ClipFeatures => {
      const courses = follow(allSamples(resampled(samples, sampleRateHz, FRAMES.sampleRateHz)));
      const values = Float32Array.from(FUNCTIONALS, (functional) => functional.of(courses));
      const matrix = { values, bands: values.length, frames: 1 };
      return { matrix, statistics: clipStatistics(matrix), sampleRateHz, durationSeconds };
    };
  },
};

/** Prepares the way from samples at 16 kHz to the courses of all descriptors. */
function createFollower(): (samples: Float32Array) => Courses {
  const { sampleRateHz, frameLength } = FRAMES;
  const analyse = createSpectrumAnalyser(FRAMES, ['amplitudeSpectrum']);
  const pitchOf = createPitchDetector(sampleRateHz, frameLength);
  const bandPowerOf = createBandPowers();
  return (samples) => {
    const all = framesOf(levelled(samples), FRAMES);
    const levels = all.map((frame) => 20 * Math.log10(rootMeanSquare(frame)));
    const loudest = levels.reduce((a, b) => Math.max(a, b));
    const audible = all.flatMap((frame, number) => {
      if (!(levels[number] > loudest - SILENCE_DB)) return [];
      const { amplitudeSpectrum, ...shape } = analyse(frame);
      // A single click where the window is zero has a level and no spectrum.
      if (Number.isNaN(shape.centroidHz)) return [];
      const [power, pitchHz] = [bandPowerOf(amplitudeSpectrum), pitchOf(padded(frame, frameLength))];
      return [{ number, frame, shape, power, pitchHz }];
    });
    const courseOf = (take: (frame: (typeof audible)[number]) => number, of = audible): Course => ({
      frames: of.map(({ number }) => number),
      values: of.map(take),
    });
    const most = audible.reduce((a, { shape }) => Math.max(a, shape.loudness), 0);
    const coefficients = cepstrumOf(audible.map(({ power }) => power));
    const [first, last] = [audible[0]?.number ?? 0, audible[audible.length - 1]?.number ?? -1];
    return {
      of: {
        pitch: courseOf(
          ({ pitchHz }) => 12 * Math.log2(pitchHz! / MIDDLE_PITCH_HZ),
          audible.filter(({ pitchHz }) => pitchHz !== undefined),
        ),
        energy: courseOf(({ number }) => levels[number] - loudest),
        loudness: courseOf(({ shape }) => shape.loudness / most),
        sharpness: courseOf(({ shape }) => shape.sharpness),
        'zero crossings': courseOf(({ frame }) => zeroCrossingsPerSecond(frame, sampleRateHz)),
        centroid: courseOf(({ shape }) => shape.centroidHz),
        spread: courseOf(({ shape }) => shape.spreadHz),
        rolloff: courseOf(({ shape }) => shape.rolloffHz),
        flatness: courseOf(({ shape }) => shape.flatness),
        ...Object.fromEntries(
          CEPSTRA.map((name, k) => [name, { frames: audible.map(({ number }) => number), values: coefficients[k] }]),
        ),
      },
      frames: last + 1 - first,
      modulation: modulationOf(levels.slice(first, last + 1).map((level) => Math.max(level - loudest, -SILENCE_DB))),
    };
  };
}

/** Prepares the projection of a frame's amplitude spectrum onto mel bands: the power in each. */
function createBandPowers(): (spectrum: Float32Array) => Float32Array {
  const { sampleRateHz, frameLength: fftSize, hopLength } = FRAMES;
  const maxHz = sampleRateHz / 2;
  const bank = melFilterBank({ ...MEL_DEFAULTS, sampleRateHz, fftSize, hopLength, bands: BANDS, maxHz });
  return (spectrum) => {
    const power = new Float32Array(BANDS);
    for (const [band, { firstBin, weights }] of bank.entries()) {
      // Meyda leaves out the bin at half the rate, where the last band ends.
      const count = Math.min(weights.length, spectrum.length - firstBin);
      for (let k = 0; k < count; k++) power[band] += weights[k] * spectrum[firstBin + k] ** 2;
    }
    return power;
  };
}

/** The orthonormal cosine transform of type II, without its first coefficient, which follows the level. */
const COSINES = CEPSTRA.map((_, k) =>
  Float64Array.from(
    { length: BANDS },
    (_, band) => Math.sqrt(2 / BANDS) * Math.cos((Math.PI * (k + 1) * (band + 0.5)) / BANDS),
  ),
);

/** The course of each cepstral coefficient over frames, from the power of their mel bands. */
function cepstrumOf(powers: readonly Float32Array[]): number[][] {
  const decibels = powerToDb(joined(powers));
  return COSINES.map((cosine) =>
    powers.map((_, i) => {
      let sum = 0;
      for (let band = 0; band < BANDS; band++) sum += cosine[band] * decibels[i * BANDS + band];
      return sum;
    }),
  );
}

/** The samples with a largest magnitude of 1; silence as it is. */
function levelled(samples: Float32Array): Float32Array {
  let peak = 0;
  for (let i = 0; i < samples.length; i++) peak = Math.max(peak, Math.abs(samples[i]));
  if (peak === 0) return samples;
  const result = new Float32Array(samples.length);
  for (let i = 0; i < samples.length; i++) result[i] = samples[i] / peak;
  return result;
}

function functionalsOf(
  descriptor: Descriptor,
  statistics: Readonly<Record<string, (course: Course) => number>>,
): Functional[] {
  return Object.entries(statistics).map(([statistic, take]) => ({
    name: `${descriptor}: ${statistic}`,
    of: ({ of }) => take(of[descriptor]),
  }));
}

/** What nothing has a value for is 0. */
function meanOrZero(values: readonly number[]): number {
  return values.length > 0 ? mean(values) : 0;
}

/** Changes from one frame to the next, where both have a value. */
function stepsOf({ frames, values }: Course): number[] {
  const steps: number[] = [];
  for (let i = 1; i < frames.length; i++) if (frames[i] === frames[i - 1] + 1) steps.push(values[i] - values[i - 1]);
  return steps;
}

/** Of the line of least squares, per second. */
function slopeOf({ frames, values }: Course): number {
  if (frames.length < 2) return 0;
  const [centre, level] = [mean(frames), mean(values)];
  let [products, squares] = [0, 0];
  for (const [i, frame] of frames.entries()) {
    products += (frame - centre) * (values[i] - level);
    squares += (frame - centre) ** 2;
  }
  return (FRAMES_PER_SECOND * products) / squares;
}

/** Groups of neighbouring frames. */
function stretchesOf({ frames }: Course): number {
  return frames.filter((frame, i) => frame !== frames[i - 1] + 1).length;
}

/** Points of the transform of an envelope, at least: bins of half a Hz. */
const MODULATION_POINTS = 128;

/** The power spectrum of an envelope under a Hann window, per frame; as many bins, from 0, as half the points. */
function modulationOf(envelope: readonly number[]): Float64Array {
  const count = envelope.length;
  let points = MODULATION_POINTS;
  while (points < count) points *= 2;
  const [re, im] = [new Float64Array(points), new Float64Array(points)];
  const level = meanOrZero(envelope);
  const window = hannWindow(count);
  for (let i = 0; i < count; i++) re[i] = window[i] * (envelope[i] - level);
  createFourier(points)(re, im);
  return Float64Array.from({ length: points / 2 }, (_, k) => (re[k] ** 2 + im[k] ** 2) / Math.max(1, count));
}

/** What every band has: keeps the logarithm of a level that never changes finite. */
const LEAST_MODULATION = 1e-3;

/** Natural logarithm of the power from one modulation frequency to another. */
function powerBetween(modulation: Float64Array, [lowHz, highHz]: readonly [number, number]): number {
  const binHz = FRAMES_PER_SECOND / (2 * modulation.length);
  const band = modulation.subarray(Math.ceil(lowHz / binHz), Math.ceil(highHz / binHz));
  return Math.log(band.reduce((sum, power) => sum + power, LEAST_MODULATION));
}
