import type { Random } from '../common/random.js';
import type { Perturbation, Sound } from './perturbation.js';
import { soundOf, spectrumOf } from './spectrum.js';

/** Makes noise as long as a sound, at any level. */
type Noise = (sound: Sound, random: Random) => Float32Array;

/**
 * Noise added to speech.
 *
 * @param noise - its kind
 * @param snrDb - the signal-to-noise ratio: decibels from the noise's mean power to the speech's active power, see
 *   {@link activePower}
 */
export function added(noise: Noise, snrDb: number): Perturbation {
  return (sound, random) => {
    const values = noise(sound, random);
    const wanted = activePower(sound) / 10 ** (snrDb / 10);
    // Silence gets no noise: there is no speech that it could be compared with.
    const scale = wanted > 0 ? Math.sqrt(wanted / meanPower(values)) : 0;
    return sound.samples.map((sample, i) => sample + scale * values[i]);
  };
}

/** Noise with equal power at all frequencies. */
export const white: Noise = ({ samples }, random) => Float32Array.from(samples, () => gaussian(random));

/** Noise with the long-term spectrum of the speech itself, which hides more of it: its spectrum with random phases. */
export const speechShaped: Noise = ({ samples }, random) => {
  const spectrum = spectrumOf(samples);
  const { real, imaginary } = spectrum;
  const size = real.length;
  for (let k = 1; k < size / 2; k++) {
    const magnitude = Math.hypot(real[k], imaginary[k]);
    const phase = 2 * Math.PI * random();
    real[k] = magnitude * Math.cos(phase);
    imaginary[k] = magnitude * Math.sin(phase);
    // The upper half mirrors the lower one, so that the samples are real.
    real[size - k] = real[k];
    imaginary[size - k] = -imaginary[k];
  }
  return soundOf(spectrum, samples.length);
};

/** Seconds of a frame, and decibels below the loudest one, that make it a part of the speech. */
const FRAME_SECONDS = 0.02;
const ACTIVE_RANGE_DB = 30;

/**
 * The power of the speech in a recording without its pauses: the mean power of the 20 ms frames that are at most 30 dB below
 * the loudest one. So silence before and after the speech makes no difference to a signal-to-noise ratio.
 *
 * @throws RangeError if there are no samples
 */
export function activePower({ samples, sampleRateHz }: Sound): number {
  if (samples.length === 0) throw new RangeError('Cannot measure the power of speech: there are no samples');
  const length = Math.round(FRAME_SECONDS * sampleRateHz);
  const frames: Float32Array[] = [];
  for (let start = 0; start < samples.length; start += length) frames.push(samples.subarray(start, start + length));
  const powers = frames.map(meanPower);
  const least = powers.reduce((most, power) => Math.max(most, power), 0) / 10 ** (ACTIVE_RANGE_DB / 10);
  let [energy, count] = [0, 0];
  for (const [i, power] of powers.entries()) {
    if (power < least) continue;
    energy += power * frames[i].length;
    count += frames[i].length;
  }
  return energy / count;
}

function meanPower(samples: Float32Array): number {
  return samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
}

/** A number from the standard normal distribution (Box and Muller, 1958). */
export function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
