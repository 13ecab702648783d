import { createFourier } from '../common/fourier.js';
import type { Sound } from './perturbation.js';

/** The discrete Fourier transform of a whole sound: as many complex numbers as there are samples. */
export interface Spectrum {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

/** Transforms by their size, which is a power of two: there are few. */
const transforms = new Map<number, ReturnType<typeof createFourier>>();

function transformOf(size: number): ReturnType<typeof createFourier> {
  const transform = transforms.get(size) ?? createFourier(size);
  transforms.set(size, transform);
  return transform;
}

/**
 * The spectrum of samples, followed by zeros up to a power of two.
 *
 * @param atLeast - the least number of samples and zeros
 */
export function spectrumOf(samples: Float32Array, atLeast = samples.length): Spectrum {
  const size = 2 ** Math.ceil(Math.log2(Math.max(atLeast, samples.length, 1)));
  const real = new Float64Array(size);
  real.set(samples);
  const imaginary = new Float64Array(size);
  transformOf(size)(real, imaginary);
  return { real, imaginary };
}

/** The first `count` samples of what has this spectrum, which is used up. */
export function soundOf({ real, imaginary }: Spectrum, count: number): Float32Array {
  // With the parts exchanged, the transform is its own inverse but for the scale.
  transformOf(real.length)(imaginary, real);
  return Float32Array.from(real.subarray(0, count), (value) => value / real.length);
}

/** What a filter spreads over more time is negligible, where its gain is as smooth as those here. */
const SPREAD_SECONDS = 0.25;

/**
 * Filters a sound without delay: each frequency is multiplied by a gain of its own.
 *
 * @param gainAt - by frequency in Hz, from 0 to half the sample rate
 */
export function filtered({ samples, sampleRateHz }: Sound, gainAt: (hz: number) => number): Float32Array {
  // The zeros keep what the filter spreads beyond one end from reappearing at the other.
  const spectrum = spectrumOf(samples, samples.length + SPREAD_SECONDS * sampleRateHz);
  const { real, imaginary } = spectrum;
  const size = real.length;
  for (let k = 0; k <= size / 2; k++) {
    const gain = gainAt((k * sampleRateHz) / size);
    // The upper half mirrors the lower one.
    for (const at of k === 0 || 2 * k === size ? [k] : [k, size - k]) {
      real[at] *= gain;
      imaginary[at] *= gain;
    }
  }
  return soundOf(spectrum, samples.length);
}

/** Lets each sample set off a response; what would come after the last sample is cut off. Shape `(n,)`, as `samples`. */
export function convolved(samples: Float32Array, response: Float32Array): Float32Array {
  const size = samples.length + response.length;
  const spectrum = spectrumOf(samples, size);
  const { real, imaginary } = spectrum;
  const other = spectrumOf(response, size);
  for (let k = 0; k < real.length; k++) {
    const [a, b, c, d] = [real[k], imaginary[k], other.real[k], other.imaginary[k]];
    real[k] = a * c - b * d;
    imaginary[k] = a * d + b * c;
  }
  return soundOf(spectrum, samples.length);
}
