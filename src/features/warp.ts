import type { Random } from '../common/random.js';
import type { Augmentation } from './augmentation.js';
import type { Spectrogram } from './spectrogram.js';

/** The most by which the band axis is shifted, in mel bands either way, and its scale and the tempo changed, as shares. */
const SHIFT = 8;
const SCALE = 0.08;
const TEMPO = 0.2;

/**
 * Another voice: the band axis is shifted by up to eight bands and scaled by up to 8 %, as by another length of the vocal
 * tract and another pitch.
 *
 * @see N. Jaitly and G. Hinton, Vocal Tract Length Perturbation improves speech recognition, 2013
 */
export const voice: Augmentation = (features, random) => {
  const shift = between(-SHIFT, SHIFT, random);
  const scale = between(1 - SCALE, 1 + SCALE, random);
  const centre = (features.bands - 1) / 2;
  return bandsAt(features, (band) => centre + (band - centre - shift) / scale);
};

/** Another pace: time is stretched or compressed by up to a fifth. */
export const tempo: Augmentation = (features, random) => {
  const frames = Math.max(1, Math.round(features.frames * between(1 - TEMPO, 1 + TEMPO, random)));
  return stretched(features, frames);
};

/**
 * The spectrogram with each band read at another place of the band axis, between two bands by linear interpolation; beyond
 * the first and the last band there is what they hold.
 *
 * @param place - where a band's values come from, in bands
 */
export function bandsAt({ values, bands, frames }: Spectrogram, place: (band: number) => number): Spectrogram {
  const out = new Float32Array(bands * frames);
  for (let band = 0; band < bands; band++) {
    const at = Math.min(bands - 1, Math.max(0, place(band)));
    const below = Math.min(Math.floor(at), bands - 2);
    const share = at - below;
    const [low, high, to] = [below * frames, (below + 1) * frames, band * frames];
    for (let t = 0; t < frames; t++) out[to + t] = values[low + t] + share * (values[high + t] - values[low + t]);
  }
  return { values: out, bands, frames };
}

/** The spectrogram at another number of frames, by linear interpolation from its first frame to its last. */
export function stretched({ values, bands, frames }: Spectrogram, count: number): Spectrogram {
  const out = new Float32Array(bands * count);
  const step = count > 1 ? (frames - 1) / (count - 1) : 0;
  const next = frames > 1 ? 1 : 0;
  const first = new Int32Array(count);
  const share = new Float64Array(count);
  for (let t = 0; t < count; t++) {
    first[t] = Math.min(Math.floor(t * step), Math.max(0, frames - 2));
    share[t] = t * step - first[t];
  }
  for (let band = 0; band < bands; band++)
    for (let t = 0; t < count; t++) {
      const from = band * frames + first[t];
      out[band * count + t] = values[from] + share[t] * (values[from + next] - values[from]);
    }
  return { values: out, bands, frames: count };
}

function between(low: number, high: number, random: Random): number {
  return low + (high - low) * random();
}
