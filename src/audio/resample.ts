import { joined } from '../common/joined.js';
import { copyPadded, Kernels, type Waveform } from '../kernels/kernels.js';

/** A polyphase filter from one rate to another: each phase holds the taps for one position between two input samples. */
export interface ResamplingFilter {
  /** Input samples to advance for `up` output samples. */
  readonly down: number;
  readonly up: number;
  /** Taps of a phase, a multiple of 4. */
  readonly taps: number;
  /**
   * Phases in the table: `up` in the order of the outputs, or, where those would be too many, {@link INTERPOLATED_PHASES}
   * evenly spaced ones and a last one a whole sample further, to interpolate between.
   */
  readonly phases: number;
  readonly interpolated: boolean;
  /** Row-major, shape `(phases, taps)`; the taps of a phase are in the order of the input and add up to 1. */
  readonly table: Float32Array;
}

/** The passband ends, and the stopband starts, at these shares of the lower Nyquist frequency. */
const PASSBAND_END = 0.9;
const STOPBAND_START = 1;

/** Attenuation in decibels that the Kaiser window is made for: 80 and a margin. */
const ATTENUATION_DB = 82;

/** A table never has more coefficients than this (8 MB); 24,414 to 22,050 Hz has 441,000. */
const LARGEST_TABLE = 2 ** 21;

/** Terms of a rounded ratio of rates: products with the number of a sample stay exact for hours. */
const LARGEST_TERM = 2 ** 20;

/** Linear interpolation between so many phases errs by less than -110 dB. */
const INTERPOLATED_PHASES = 1024;

/** Input samples converted at a time: more than a 2 s clip has, few enough to stay in the processor's cache. */
const BLOCK_SAMPLES = 65536;

/** A corpus has few rates: the resamplers of the last few pairs are kept. */
const KEPT_RESAMPLERS = 8;

const resamplers = new Map<string, Resampler>();

/**
 * Changes the sample rate of a waveform with a windowed-sinc filter: linear phase, no delay.
 *
 * Flat within 0.1 dB up to 0.9 of the lower Nyquist frequency; aliases and images are below -80 dB. Beyond its ends the
 * waveform is zero, as for librosa's resampler. A NaN spreads over the samples around it.
 *
 * The ratio of integer rates is exact. That of other rates is rounded to a fraction by less than a millionth: 0.002 cents
 * of pitch.
 *
 * @param samples - shape `(n,)`, any unit
 * @param fromHz - rate of `samples`, at least 1
 * @param toHz - rate wanted, at least 1
 * @returns shape `(⌈n · toHz / fromHz⌉,)` as from librosa.resample; `samples` itself if the rates are equal
 * @throws RangeError if `samples` is empty, or a rate is not a finite number from 1 on
 * @see J. O. Smith, Digital Audio Resampling, https://ccrma.stanford.edu/~jos/resample
 * @example 48,828 samples, from 24,414 to 22,050 Hz, give 44,100
 */
export function resample(samples: Float32Array, fromHz: number, toHz: number): Float32Array {
  check(samples, fromHz, toHz);
  return fromHz === toHz ? samples : resamplerFor(fromHz, toHz).whole(samples);
}

/**
 * The same for a waveform that is read piece by piece, or for samples as they are: a waveform of the same samples as from
 * {@link resample}, each piece computed when it is asked for.
 */
export function resampled(samples: Float32Array | Waveform, fromHz: number, toHz: number): Float32Array | Waveform {
  if (samples instanceof Float32Array) return resample(samples, fromHz, toHz);
  check(samples, fromHz, toHz);
  return fromHz === toHz ? samples : resamplerFor(fromHz, toHz).lazy(samples);
}

/** What comes out of a sound that comes in piece by piece. */
export interface RunningResampler {
  /** The next piece. @returns what can be told without the piece after it, shape `(m,)`, also of no samples */
  readonly hear: (samples: Float32Array) => Float32Array;
  /** There are no more pieces. @returns what is left */
  readonly end: () => Float32Array;
}

/**
 * The same for a sound that is still going on: its pieces, of any length, become together the same samples as from {@link resample}.
 * Only as many samples as the filter is long are kept.
 *
 * @throws RangeError if a rate is not a finite number from 1 on
 */
export function createRunningResampler(fromHz: number, toHz: number): RunningResampler {
  checkRates(fromHz, toHz);
  if (fromHz === toHz) return { hear: (samples) => samples, end: () => new Float32Array() };
  return resamplerFor(fromHz, toHz).running();
}

/** All samples of a waveform in memory. */
export function allSamples(samples: Float32Array | Waveform): Float32Array {
  if (samples instanceof Float32Array) return samples;
  const all = new Float32Array(samples.length);
  for (let from = 0; from < all.length; from += BLOCK_SAMPLES)
    samples.copyTo(from, all.subarray(from, Math.min(from + BLOCK_SAMPLES, all.length)));
  return all;
}

function check({ length }: Float32Array | Waveform, fromHz: number, toHz: number): void {
  if (length === 0) throw new RangeError('Cannot resample: there are no samples');
  checkRates(fromHz, toHz);
}

function checkRates(fromHz: number, toHz: number): void {
  for (const rate of [fromHz, toHz])
    if (!(rate >= 1 && Number.isFinite(rate)))
      throw new RangeError(`Cannot resample: sample rates must be finite and at least 1, current value is ${rate}`);
}

/** What applies a filter. */
interface Resampler {
  readonly whole: (samples: Float32Array) => Float32Array;
  readonly lazy: (samples: Waveform) => Waveform;
  readonly running: () => RunningResampler;
}

function resamplerFor(fromHz: number, toHz: number): Resampler {
  const key = `${fromHz}:${toHz}`;
  const resampler = resamplers.get(key) ?? resamplerOf(designFilter(fromHz, toHz));
  // Put last, so that the first is the one that has been unused for longest.
  resamplers.delete(key);
  resamplers.set(key, resampler);
  if (resamplers.size > KEPT_RESAMPLERS) resamplers.delete(resamplers.keys().next().value!);
  return resampler;
}

/**
 * Designs the filter for a pair of rates: a sinc with its cut-off in the middle of the transition band, under a Kaiser
 * window, tabulated for every position that an output sample takes between two input samples.
 *
 * @see J. F. Kaiser, Nonrecursive digital filter design using the I0-sinh window function, 1974: length and beta
 */
export function designFilter(fromHz: number, toHz: number): ResamplingFilter {
  const { up, down } = ratioOf(fromHz, toHz);
  // The lower Nyquist frequency and the transition band, in cycles per input sample.
  const nyquist = Math.min(fromHz, toHz) / 2 / fromHz;
  const transition = (STOPBAND_START - PASSBAND_END) * nyquist;
  const cutOff = ((STOPBAND_START + PASSBAND_END) / 2) * nyquist;
  const taps = 4 * Math.ceil((ATTENUATION_DB - 7.95) / (14.36 * transition) / 4);

  const interpolated = up * taps > LARGEST_TABLE;
  const phases = interpolated ? INTERPOLATED_PHASES + 1 : up;
  const table = new Float32Array(phases * taps);
  const exact = new Float64Array(taps);
  for (let row = 0; row < phases; row++) {
    const fraction = interpolated ? row / INTERPOLATED_PHASES : ((row * down) % up) / up;
    writePhase(exact, fraction, cutOff);
    table.set(exact, row * taps);
  }
  return { up, down, taps, phases, interpolated, table };
}

/** Taps for an output `fraction` of a sample after the input under tap `taps / 2 - 1`. */
function writePhase(row: Float64Array, fraction: number, cutOff: number): void {
  const half = row.length / 2;
  const beta = 0.1102 * (ATTENUATION_DB - 8.7);
  // sin(2π · cutOff · distance) by rotation from tap to tap: a sine for each would take most of the time.
  const step = 2 * Math.PI * cutOff;
  const [cosStep, sinStep] = [Math.cos(step), Math.sin(step)];
  const first = half - 1 + fraction;
  let [sine, cosine] = [Math.sin(step * first), Math.cos(step * first)];
  let sum = 0;
  for (let k = 0; k < row.length; k++) {
    const distance = first - k;
    const sinc = Math.abs(distance) < 1e-9 ? step : sine / distance;
    row[k] = sinc * kaiser(distance / half, beta);
    sum += row[k];
    [sine, cosine] = [sine * cosStep - cosine * sinStep, cosine * cosStep + sine * sinStep];
  }
  for (let k = 0; k < row.length; k++) row[k] /= sum;
}

/**
 * Kaiser's window, not normalised, by the power series of the Bessel function I0. It is zero at its very ends, -1 and 1:
 * an even number of taps reaches only one of the two, and would not be symmetric.
 */
function kaiser(x: number, beta: number): number {
  if (Math.abs(x) >= 1) return 0;
  const quarter = (1 - x * x) * (beta / 2) ** 2;
  let sum = 1;
  let term = 1;
  for (let k = 1; term > 1e-9 * sum; k++) {
    term *= quarter / (k * k);
    sum += term;
  }
  return sum;
}

/**
 * Prepares a filter: the returned function filters a waveform, its output `m` is the waveform at the time of input sample
 * `m · down / up`. From shape `(n,)`, not empty, to `(⌈n · up / down⌉,)`.
 */
export function createResampler(filter: ResamplingFilter): (samples: Float32Array) => Float32Array {
  return resamplerOf(filter).whole;
}

function resamplerOf(filter: ResamplingFilter): Resampler {
  const { up, down, taps, table, interpolated } = filter;
  const perBlock = Math.max(1, Math.floor((BLOCK_SAMPLES * up) / down));
  const readFor = (count: number) => Math.ceil((count * down) / up) + taps + 1;
  const kernels = new Kernels();
  const tableAt = kernels.put(table);
  const blockAt = kernels.reserve(4 * readFor(perBlock));
  const outputAt = kernels.reserve(4 * perBlock);
  const phases = interpolated ? INTERPOLATED_PHASES : 0;
  const lengthOf = ({ length }: Float32Array | Waveform) => Math.ceil((length * up) / down);
  /** The outputs of the block that begins with one, at most up to another, valid until the next call. */
  const blockFrom = (start: number, samples: Float32Array | Waveform, end = lengthOf(samples)) => {
    const count = Math.min(perBlock, end - start);
    const first = Math.floor((start * down) / up);
    copyPadded(samples, first - taps / 2 + 1, kernels.floats(blockAt, readFor(count)));
    const numerator = (start * down) % up;
    kernels.filterBlock(tableAt, taps, up, down, phases, blockAt, numerator, start % up, outputAt, count);
    return kernels.floats(outputAt, count);
  };
  return {
    whole(samples) {
      const output = new Float32Array(lengthOf(samples));
      for (let start = 0; start < output.length; start += perBlock) output.set(blockFrom(start, samples), start);
      return output;
    },
    lazy(samples) {
      const length = lengthOf(samples);
      // Pieces that are asked for overlap a little: the last block serves the next one.
      let kept = { start: -1, outputs: new Float32Array() };
      return {
        length,
        copyTo(offset, block) {
          block.fill(0);
          const end = Math.min(length, offset + block.length);
          for (let at = Math.max(0, offset); at < end; ) {
            const start = at - (at % perBlock);
            if (kept.start !== start) kept = { start, outputs: blockFrom(start, samples).slice() };
            const part = kept.outputs.subarray(at - start, end - start);
            block.set(part, at - offset);
            at += part.length;
          }
        },
      };
    },
    running() {
      // Of all samples so far: those that are still needed, and where they begin.
      let kept: Float32Array = new Float32Array();
      let first = 0;
      let next = 0;
      const outputsUpTo = (end: number) => {
        const length = first + kept.length;
        const heard: Waveform = { length, copyTo: (offset, block) => copyPadded(kept, offset - first, block) };
        const outputs = new Float32Array(Math.max(0, end - next));
        for (let at = 0; at < outputs.length; at += perBlock) outputs.set(blockFrom(next + at, heard, end), at);
        next += outputs.length;
        const needed = Math.max(first, Math.floor((next * down) / up) - taps / 2 + 1);
        kept = kept.slice(needed - first);
        first = needed;
        return outputs;
      };
      return {
        hear(samples) {
          kept = joined([kept, samples]);
          return outputsUpTo(Math.ceil(((first + kept.length - taps / 2) * up) / down));
        },
        end: () => outputsUpTo(Math.ceil(((first + kept.length) * up) / down)),
      };
    },
  };
}

/** `up / down` is `toHz / fromHz` in lowest terms: exact for integers, else rounded to terms up to {@link LARGEST_TERM}. */
function ratioOf(fromHz: number, toHz: number): Pick<ResamplingFilter, 'up' | 'down'> {
  if (Number.isInteger(fromHz) && Number.isInteger(toHz)) {
    const divisor = greatestCommonDivisor(fromHz, toHz);
    return { up: toHz / divisor, down: fromHz / divisor };
  }
  // The convergents of the ratio's continued fraction: each is the nearest fraction with terms of its size.
  let rest = toHz / fromHz;
  let last = { up: 0, down: 1 };
  let best = { up: 1, down: 0 };
  for (;;) {
    const whole = Math.floor(rest);
    const next = { up: whole * best.up + last.up, down: whole * best.down + last.down };
    const tooLarge = Math.max(next.up, next.down) > LARGEST_TERM;
    // The first ones may be 1 / 0 or 0 / 1, which are no ratio of rates.
    if (tooLarge && best.up > 0 && best.down > 0) return best;
    [last, best] = [best, next];
    if (rest === whole) return best;
    rest = 1 / (rest - whole);
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
