import { meanOverTime } from '../features/cut.js';
import { normalisedInput, type Statistics } from '../features/normalise.js';
import type { Spectrogram } from '../features/spectrogram.js';
import type { Shape } from './examples.js';

/** How much of a clip's features a network takes. */
export interface InputSize {
  /** Mel bands, or the numbers of a vector. */
  readonly bands: number;
  readonly frames: number;
}

/** How a clip's features become what a network takes. */
export interface Input {
  /** What it is, for people. */
  readonly description: string;
  /** The shapes of the network's inputs. */
  shapes(size: InputSize): readonly Shape[];
  /** How many frames every input has, where the longest clip has `longest`, and `wanted` were asked for. */
  frames(longest: number, wanted: number): number;
  /**
   * Normalises features and writes them as the network takes them.
   *
   * @param into - an array for each of the {@link shapes}
   */
  write(features: Spectrogram, statistics: Statistics, target: { frames: number; into: readonly Float32Array[] }): void;
}

/** What networks can take; `InputName` is how they name it. */
export const INPUTS = {
  picture: {
    description: 'the first frames, cropped or padded with zeros to so many',
    shapes: ({ bands, frames }) => [[bands, frames]],
    frames: (_longest, wanted) => wanted,
    write: (features, statistics, { frames, into: [target] }) => {
      normalisedInput(features, statistics, { frames, target });
    },
  },
  clip: {
    description: 'all frames, padded with zeros to the longest clip, and a mask: 1 for a frame, 0 for padding',
    shapes: ({ bands, frames }) => [[bands, frames], [frames]],
    frames: (longest) => longest,
    write: (features, statistics, { frames, into: [target, mask] }) => {
      normalisedInput(features, statistics, { frames, target });
      mask.fill(1, 0, features.frames).fill(0, features.frames);
    },
  },
  vector: {
    description: 'one number for each band, the mean over all frames',
    shapes: ({ bands }) => [[bands]],
    frames: () => 1,
    write: (features, statistics, { into: [target] }) => {
      normalisedInput(meanOverTime(features), statistics, { frames: 1, target });
    },
  },
} satisfies Readonly<Record<string, Input>>;

/** The name of a way to take clips. */
export type InputName = keyof typeof INPUTS;
