import { joined } from '../common/joined.js';
import { copyPadded, type Waveform } from '../kernels/kernels.js';
import { createMelSpectrogram, type MelOptions } from './mel.js';
import type { Spectrogram } from './spectrogram.js';

/** A mel spectrogram that grows with its sound. */
export interface RunningMel {
  /** The next piece of the sound. @returns the frames that can be told without the piece after it; there may be none */
  readonly hear: (samples: Float32Array) => Spectrogram;
  /** There are no more pieces. @returns the frames that are left */
  readonly end: () => Spectrogram;
}

/**
 * Prepares the mel spectrogram of a sound that is still going on: the frames of its pieces, of any length, are together those
 * that {@link createMelSpectrogram} gives of the whole, up to rounding. Little more than a frame's samples are kept.
 *
 * @throws RangeError if an option is out of range
 */
export function createRunningMel(options: MelOptions): RunningMel {
  const { fftSize, hopLength, bands } = options;
  const melSpectrogram = createMelSpectrogram(options);
  /** Frames before the next one that are computed with it, so that it has the sound before it. */
  const lead = Math.ceil(fftSize / 2 / hopLength);
  // Of all samples so far: those that are still needed, and where they begin.
  let kept: Float32Array = new Float32Array();
  let first = 0;
  let next = 0;
  const framesUpTo = (end: number): Spectrogram => {
    const frames = Math.max(0, end - next);
    const values = new Float32Array(bands * frames);
    if (frames > 0) {
      const start = (next - lead) * hopLength;
      const stretch: Waveform = {
        length: first + kept.length - start,
        copyTo: (offset, block) => copyPadded(kept, start + offset - first, block),
      };
      const computed = melSpectrogram(stretch);
      for (let band = 0; band < bands; band++) {
        const from = band * computed.frames + lead;
        values.set(computed.values.subarray(from, from + frames), band * frames);
      }
    }
    next += frames;
    const needed = Math.min(Math.max(first, (next - lead) * hopLength), first + kept.length);
    kept = kept.slice(needed - first);
    first = needed;
    return { values, bands, frames };
  };
  return {
    hear(samples) {
      kept = joined([kept, samples]);
      return framesUpTo(1 + Math.floor((first + kept.length - fftSize / 2) / hopLength));
    },
    end: () => framesUpTo(first + kept.length > 0 ? 1 + Math.floor((first + kept.length) / hopLength) : 0),
  };
}
