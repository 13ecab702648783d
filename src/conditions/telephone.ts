import { resample } from '../audio/resample.js';
import type { Perturbation } from './perturbation.js';
import { filtered } from './spectrum.js';

const TELEPHONE_RATE_HZ = 8000;

/** Frequencies that pass a telephone line whole, and those beyond which nothing passes. */
const BAND_HZ = [300, 3400] as const;
const STOP_HZ = [200, 3600] as const;

/** What a fixed-line telephone leaves: 300 to 3,400 Hz at 8 kHz, each sample as one of 256 values of µ-law. */
export const telephone: Perturbation = ({ samples, sampleRateHz }) => {
  const narrow = resample(samples, sampleRateHz, TELEPHONE_RATE_HZ);
  const line = filtered({ samples: narrow, sampleRateHz: TELEPHONE_RATE_HZ }, bandGain).map(muLaw);
  return resample(line, TELEPHONE_RATE_HZ, sampleRateHz).subarray(0, samples.length);
};

/** 1 in the band, 0 beyond its ends, and half a cosine between. */
function bandGain(hz: number): number {
  const ramp = (share: number) => (1 - Math.cos(Math.PI * Math.min(1, Math.max(0, share)))) / 2;
  return ramp((hz - STOP_HZ[0]) / (BAND_HZ[0] - STOP_HZ[0])) * ramp((STOP_HZ[1] - hz) / (STOP_HZ[1] - BAND_HZ[1]));
}

/** Of µ-law: the largest of the 14-bit numbers that it takes, and what is added so that its steps double evenly. */
const LARGEST = 8158;
const BIAS = 33;

/**
 * The value that is left of a sample, in [-1, 1], after coding by µ-law: 16 steps of equal width in each of eight segments,
 * each of them twice as wide as the one before. A louder sample is clipped.
 *
 * @see ITU-T Recommendation G.711, 1988
 */
export function muLaw(sample: number): number {
  const integer = Math.round(8192 * sample);
  const biased = Math.min(LARGEST, Math.abs(integer)) + BIAS;
  const step = 2 ** (Math.floor(Math.log2(biased)) - 4);
  // The middle of the step.
  const decoded = (Math.floor(biased / step) + 0.5) * step - BIAS;
  return (Math.sign(integer) * decoded) / 8192;
}
