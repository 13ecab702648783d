/** What a recording device, and whoever cuts its recordings, may do. */
import type { Perturbation } from './perturbation.js';
import { filtered } from './spectrum.js';

/** Another level. */
export function gain(decibels: number): Perturbation {
  const factor = 10 ** (decibels / 20);
  return ({ samples }) => samples.map((sample) => factor * sample);
}

/**
 * An overdriven input: the loudest samples are cut off at the level above which they lie.
 *
 * @param share - of the samples that are not zero, so that padding makes no difference
 */
export function clipping(share: number): Perturbation {
  return ({ samples }) => {
    const sizes = samples
      .map(Math.abs)
      .filter((size) => size > 0)
      .sort();
    const limit = sizes.length > 0 ? sizes[Math.max(0, Math.ceil((1 - share) * sizes.length) - 1)] : 0;
    return samples.map((sample) => Math.max(-limit, Math.min(limit, sample)));
  };
}

/** Where a tilt changes nothing, and below which frequency it stays the same. */
const PIVOT_HZ = 1000;
const LEAST_HZ = 50;

/** Another microphone or room: a spectrum that rises or falls evenly over the octaves, around 1 kHz. */
export function tilt(decibelsPerOctave: number): Perturbation {
  const octaves = (hz: number) => Math.log2(Math.max(LEAST_HZ, hz) / PIVOT_HZ);
  return (sound) => filtered(sound, (hz) => 10 ** ((decibelsPerOctave * octaves(hz)) / 20));
}

/** A later start: the first seconds are missing. The last sample stays in any case. */
export function cut(seconds: number): Perturbation {
  return ({ samples, sampleRateHz }) => samples.slice(Math.min(samples.length - 1, Math.round(seconds * sampleRateHz)));
}

/** An earlier start: so many seconds of silence come first. */
export function delayed(seconds: number): Perturbation {
  return ({ samples, sampleRateHz }) => {
    const silence = Math.round(seconds * sampleRateHz);
    const later = new Float32Array(silence + samples.length);
    later.set(samples, silence);
    return later;
  };
}
