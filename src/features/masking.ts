import type { Augmentation } from './augmentation.js';
import { bandMeans } from './normalise.js';

/** Stretches that are hidden on each axis, and how wide one is at most: in bands, and as a share of the frames. */
const STRETCHES = 2;
const MOST_BANDS = 10;
const MOST_OF_TIME = 0.15;

/**
 * Something is missed: two stretches of bands and two of frames hold nothing but the mean of their bands (SpecAugment).
 *
 * @see D. S. Park et al., SpecAugment, 2019
 */
export const masking: Augmentation = (features, random) => {
  const { bands, frames } = features;
  const out = features.values.slice();
  const { mean: means } = bandMeans(features);
  const stretch = (length: number, most: number) => {
    const width = Math.min(length, Math.floor(random() * (most + 1)));
    const from = Math.floor(random() * (length - width + 1));
    return [from, from + width];
  };
  for (let k = 0; k < STRETCHES; k++) {
    const [first, last] = stretch(bands, MOST_BANDS);
    for (let band = first; band < last; band++) out.fill(means[band], band * frames, (band + 1) * frames);
    const [from, to] = stretch(frames, MOST_OF_TIME * frames);
    for (let band = 0; band < bands; band++) out.fill(means[band], band * frames + from, band * frames + to);
  }
  return { values: out, bands, frames };
};
