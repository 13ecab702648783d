import { copyPadded, Kernels, type Waveform } from '../kernels/kernels.js';
import type { Spectrogram } from './spectrogram.js';

/** A band of frequencies as weights of the FFT's bins: `weights[i]` belongs to bin `firstBin + i`. */
export interface Band {
  readonly firstBin: number;
  readonly weights: Float32Array;
}

/** How a waveform is cut into frames. */
export interface FrameOptions {
  /** Samples per analysis window and points of the FFT: a power of two, at least 8. */
  readonly fftSize: number;
  /** Samples between the starts of two frames: a positive integer. */
  readonly hopLength: number;
}

/** Frames computed at a time: more than a 2 s clip has, few enough to stay in the processor's cache. */
const FRAMES_AT_A_TIME = 128;

/**
 * Prepares the power spectrogram of waveforms, summed into bands: a mel spectrogram, or with a bin for each band the squared
 * magnitudes of the short-time Fourier transform.
 *
 * Periodic Hann window; frames centred, zero-padded. In double precision: single precision would show in quiet bands beside
 * loud ones (0.1 dB at 100 dB below).
 *
 * @returns a function from samples, shape `(n,)`, to power, shape `(bands, frames)`, with frames = 1 + ⌊n / hopLength⌋;
 *   it throws a RangeError if `n` is 0
 * @throws RangeError if an option is out of range
 */
export function createBandPower(
  bands: readonly Band[],
  { fftSize, hopLength }: FrameOptions,
): (samples: Float32Array | Waveform) => Spectrogram {
  checkOptions(bands, { fftSize, hopLength });
  // The kernel computes two frames at a time: of an odd number, it reads one more.
  const blockLength = FRAMES_AT_A_TIME * hopLength + fftSize;
  const kernels = new Kernels();
  const windowAt = kernels.put(hannWindow(fftSize));
  const circleAt = kernels.put(unitCircle(fftSize));
  const bankAt = putBank(kernels, bands);
  const workAt = kernels.reserve(3 * 16 * fftSize);
  const blockAt = kernels.reserve(4 * blockLength);
  const outputAt = kernels.reserve(4 * bands.length * FRAMES_AT_A_TIME);

  return (samples) => {
    if (samples.length === 0) throw new RangeError('Cannot compute a spectrogram: there are no samples');
    const frames = frameCount(samples.length, hopLength);
    const values = new Float32Array(bands.length * frames);
    for (let first = 0; first < frames; first += FRAMES_AT_A_TIME) {
      const count = Math.min(FRAMES_AT_A_TIME, frames - first);
      const read = Math.min(blockLength, (count + 1) * hopLength + fftSize);
      copyPadded(samples, first * hopLength - fftSize / 2, kernels.floats(blockAt, read));
      kernels.bandPower(
        ...[blockAt, windowAt, fftSize, hopLength, circleAt, workAt, bankAt, bands.length, outputAt, count],
      );
      const output = kernels.floats(outputAt, bands.length * count);
      for (let band = 0; band < bands.length; band++)
        values.set(output.subarray(band * count, (band + 1) * count), band * frames + first);
    }
    return { values, bands: bands.length, frames };
  };
}

/** Frames of a waveform of so many samples: one at its start, and one more after each whole hop. */
export function frameCount(samples: number, hopLength: number): number {
  return 1 + Math.floor(samples / hopLength);
}

/** The periodic Hann window, shape `(size,)`. */
export function hannWindow(size: number): Float32Array {
  return Float32Array.from({ length: size }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / size));
}

/** cos and sin of −2πk / size for k below `size`, interleaved. */
function unitCircle(size: number): Float64Array {
  return Float64Array.from({ length: 2 * size }, (_, i) => {
    const angle = (-2 * Math.PI * (i >> 1)) / size;
    return i % 2 === 0 ? Math.cos(angle) : Math.sin(angle);
  });
}

/** Each band as its first bin, its number of bins, and its weights. */
function putBank(kernels: Kernels, bands: readonly Band[]): number {
  const length = bands.reduce((total, { weights }) => total + 2 + weights.length, 0);
  const address = kernels.reserve(4 * length);
  let at = address;
  for (const { firstBin, weights } of bands) {
    kernels.integers(at, 2).set([firstBin, weights.length]);
    kernels.floats(at + 8, weights.length).set(weights);
    at += 8 + 4 * weights.length;
  }
  return address;
}

function checkOptions(bands: readonly Band[], { fftSize, hopLength }: FrameOptions): void {
  const cannot = 'Cannot compute a spectrogram:';
  if (!Number.isInteger(fftSize) || fftSize < 8 || (fftSize & (fftSize - 1)) !== 0)
    throw new RangeError(`${cannot} fftSize must be a power of two from 8, current value is ${fftSize}`);
  if (!Number.isInteger(hopLength) || hopLength < 1)
    throw new RangeError(`${cannot} hopLength must be a positive integer, current value is ${hopLength}`);
  const beyond = bands.find(({ firstBin, weights }) => firstBin + weights.length > fftSize / 2 + 1);
  if (beyond)
    throw new RangeError(
      `${cannot} there are ${fftSize / 2 + 1} bins, and a band has weights up to bin ${beyond.firstBin + beyond.weights.length - 1}`,
    );
}
