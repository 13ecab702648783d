import { gaussian } from './noise.js';
import type { Perturbation } from './perturbation.js';
import { convolved } from './spectrum.js';

/**
 * A room's reverberation: the direct sound as it is, without delay, and after it noise that decays exponentially. The two have
 * equal energy, as for a listener at the room's critical distance.
 *
 * @param seconds - the reverberation time (RT60): until the noise has decayed by 60 dB
 */
export function reverberation(seconds: number): Perturbation {
  return ({ samples, sampleRateHz }, random) => {
    const length = Math.max(2, Math.round(seconds * sampleRateHz));
    const decay = (i: number) => 10 ** ((-3 * i) / (seconds * sampleRateHz));
    const response = Float32Array.from({ length }, (_, i) => (i === 0 ? 0 : gaussian(random) * decay(i)));
    const scale = 1 / Math.sqrt(response.reduce((sum, value) => sum + value * value, 0));
    const echoes = convolved(samples, response);
    return samples.map((sample, i) => sample + scale * echoes[i]);
  };
}
