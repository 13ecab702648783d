import { meanOverTime, speechOf } from '../features/cut.js';
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
  /** The part of a clip's features that it takes. */
  part(features: Spectrogram): Spectrogram;
  /** The shapes of the network's inputs. */
  shapes(size: InputSize): readonly Shape[];
  /** How many frames every input has, where the longest part has `longest()`, and `wanted` were asked for. */
  frames(longest: () => number, wanted: number): number;
  /**
   * Normalises the part of a clip's features that is taken, and writes it as the network takes it.
   *
   * @param into - an array for each of the {@link shapes}
   */
  write(part: Spectrogram, statistics: Statistics, target: { frames: number; into: readonly Float32Array[] }): void;
}

const whole = (features: Spectrogram) => features;

/** Frames, padded with zeros, and a mask that tells them from the padding. */
const masked: Pick<Input, 'shapes' | 'frames' | 'write'> = {
  shapes: ({ bands, frames }) => [[bands, frames], [frames]],
  frames: (longest) => longest(),
  write: (part, statistics, { frames, into: [target, mask] }) => {
    normalisedInput(part, statistics, { frames, target });
    mask.fill(1, 0, part.frames).fill(0, part.frames);
  },
};

/** What networks can take; `InputName` is how they name it. */
export const INPUTS = {
  picture: {
    description: 'the first frames, cropped or padded with zeros to so many',
    part: whole,
    shapes: ({ bands, frames }) => [[bands, frames]],
    frames: (_longest, wanted) => wanted,
    write: (part, statistics, { frames, into: [target] }) => {
      normalisedInput(part, statistics, { frames, target });
    },
  },
  clip: {
    description: 'all frames, padded with zeros to the longest clip, and a mask: 1 for a frame, 0 for padding',
    part: whole,
    ...masked,
  },
  speech: {
    description: 'the frames between the silence at both ends, padded with zeros to the longest clip, and a mask',
    part: speechOf,
    ...masked,
  },
  vector: {
    description: 'one number for each band, the mean over all frames',
    part: meanOverTime,
    shapes: ({ bands }) => [[bands]],
    frames: () => 1,
    write: (part, statistics, { into: [target] }) => {
      normalisedInput(part, statistics, { frames: 1, target });
    },
  },
} satisfies Readonly<Record<string, Input>>;

/** The name of a way to take clips. */
export type InputName = keyof typeof INPUTS;
