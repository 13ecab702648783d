import { createBandPower, type FrameOptions, hannWindow } from './band-power.js';
import type { Spectrogram } from './spectrogram.js';

/** One frame of a waveform, on its way to a column of a spectrogram. */
export interface Frame {
  /** From 0. */
  readonly index: number;
  /** Where the frame begins in the waveform; negative where it begins before it. */
  readonly start: number;
  /** As they are in the waveform, shape `(fftSize,)`; zero outside of it. */
  readonly samples: Float32Array;
  /** The samples times the window, shape `(fftSize,)`. */
  readonly windowed: Float32Array;
  /** Power of the bins 0 … fftSize / 2, shape `(fftSize / 2 + 1,)`. */
  readonly power: Float32Array;
}

/**
 * The short-time Fourier transform's power: one row per bin of the FFT, `k * rate / fftSize` Hz, one column per frame.
 *
 * @param samples - mono, shape `(n,)`
 * @returns shape `(fftSize / 2 + 1, frames)`; frames = 1 + ⌊n / hopLength⌋
 * @throws RangeError if there are no samples or an option is out of range
 * @see librosa.stft, squared
 */
export function stftPower(samples: Float32Array, { fftSize, hopLength }: FrameOptions): Spectrogram {
  const bins = Array.from({ length: fftSize / 2 + 1 }, (_, firstBin) => ({ firstBin, weights: Float32Array.of(1) }));
  return createBandPower(bins, { fftSize, hopLength })(samples);
}

/**
 * The frame with the most power, at each step of its way: for looking at one frame before looking at all.
 *
 * @throws RangeError if there are no samples or an option is out of range
 */
export function loudestFrame(samples: Float32Array, options: FrameOptions): Frame {
  const { fftSize, hopLength } = options;
  const { values, bands, frames } = stftPower(samples, options);
  const totals = new Float64Array(frames);
  for (let i = 0; i < values.length; i++) totals[i % frames] += values[i];
  const index = totals.indexOf(totals.reduce((most, total) => Math.max(most, total), 0));
  const start = index * hopLength - fftSize / 2;
  const cut = Float32Array.from({ length: fftSize }, (_, i) => samples[start + i] ?? 0);
  const window = hannWindow(fftSize);
  return {
    index,
    start,
    samples: cut,
    windowed: cut.map((sample, i) => sample * window[i]),
    power: Float32Array.from({ length: bands }, (_, bin) => values[bin * frames + index]),
  };
}
