import { mean } from '../common/statistics.js';
import { bandMeans } from './normalise.js';
import type { Spectrogram } from './spectrogram.js';

/** Some frames of a spectrogram, from the one numbered `first`; itself if it has no others. */
export function cutFrames(spectrogram: Spectrogram, first: number, count: number): Spectrogram {
  const { values, bands, frames: width } = spectrogram;
  const frames = Math.min(count, width - first);
  if (first === 0 && frames === width) return spectrogram;
  const kept = new Float32Array(bands * frames);
  // Number by number: a view of each row takes longer than copying it.
  for (let band = 0; band < bands; band++) {
    const [from, to] = [band * width + first, band * frames];
    for (let t = 0; t < frames; t++) kept[to + t] = values[from + t];
  }
  return { values: kept, bands, frames };
}

/** Frames at both ends in which every band is this far below the loudest value count as silence: 35 dB. */
const SILENCE_DB = 35;

/** A spectrogram in decibels without the silence at both ends; nothing is copied where there is none. */
export function speechOf(spectrogram: Spectrogram): Spectrogram {
  const { values, bands, frames } = spectrogram;
  let loudest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) if (values[i] > loudest) loudest = values[i];
  const isSilent = (frame: number) => {
    for (let i = frame; i < bands * frames; i += frames) if (values[i] > loudest - SILENCE_DB) return false;
    return true;
  };
  let [first, end] = [0, frames];
  while (first < end - 1 && isSilent(first)) first++;
  while (end > first + 1 && isSilent(end - 1)) end--;
  return cutFrames(spectrogram, first, end - first);
}

/** A spectrogram of one frame, the mean of all; itself if it has no others. */
export function meanOverTime(spectrogram: Spectrogram): Spectrogram {
  const { bands, frames } = spectrogram;
  if (frames === 1) return spectrogram;
  return { values: Float32Array.from(bandMeans(spectrogram).mean), bands, frames: 1 };
}

/** The mean of several copies of a recording, each averaged over time: one frame. */
export function meanOfCopies(copies: readonly Spectrogram[]): Spectrogram {
  const vectors = copies.map(meanOverTime);
  const [{ bands }] = vectors;
  const values = Float32Array.from({ length: bands }, (_, band) => mean(vectors.map(({ values }) => values[band])));
  return { values, bands, frames: 1 };
}
