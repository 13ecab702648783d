import { mean } from '../common/statistics.js';
import type { Spectrogram } from './spectrogram.js';

/** Some frames of a spectrogram, from the one numbered `first`; itself if it has no others. */
export function cutFrames(spectrogram: Spectrogram, first: number, count: number): Spectrogram {
  const { values, bands, frames: width } = spectrogram;
  const frames = Math.min(count, width - first);
  if (first === 0 && frames === width) return spectrogram;
  const kept = new Float32Array(bands * frames);
  for (let band = 0; band < bands; band++)
    kept.set(values.subarray(band * width + first, band * width + first + frames), band * frames);
  return { values: kept, bands, frames };
}

/** A spectrogram of one frame, the mean of all; itself if it has no others. */
export function meanOverTime(spectrogram: Spectrogram): Spectrogram {
  const { values, bands, frames } = spectrogram;
  if (frames === 1) return spectrogram;
  const means = Float32Array.from({ length: bands }, (_, band) =>
    mean(values.subarray(band * frames, (band + 1) * frames)),
  );
  return { values: means, bands, frames: 1 };
}
