import type { z } from 'zod';
import type { AnyRecording } from '../audio/decode.js';
import type { ClipFeatures } from './clip-features.js';

/** One way to turn a recording into numbers. */
export interface Feature<Options extends object = object> {
  /** In one line, for people. */
  readonly description: string;
  readonly defaults: Options;
  /** What options may be. */
  readonly schema: z.ZodType<Options>;
  /** Raised whenever the same samples and options would give other values than before: what is cached is made anew. */
  readonly version: number;
  /** Seconds from one frame to the next; undefined where a recording has one frame, whatever its length. */
  readonly secondsPerFrame: (options: Options) => number | undefined;
  /** What each band is called, where each is a number with a meaning of its own, for people. */
  readonly numbers?: readonly string[];
  /**
   * Prepares the way from a recording to its features; what it needs is made once and used for every recording.
   *
   * @throws RangeError if an option is out of range
   */
  readonly create: (options: Options) => (recording: AnyRecording) => ClipFeatures;
}
