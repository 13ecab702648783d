import { UsageError } from '../common/errors.js';
import { count, percent, withCommas } from '../common/text.js';
import { type FeatureSettings, featureNamed } from '../features/features.js';
import { takesPart } from '../networks/networks.js';
import type { RunConfig } from './config.js';

/** The part of each clip that a network takes. */
export interface HeardPart {
  /** Its first frame, and how many there are at most. */
  readonly first: number;
  readonly frames: number;
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/** The clips of a run, as far as it matters here. */
interface Clips {
  readonly config: RunConfig;
  readonly recordings: readonly { readonly durationSeconds: number }[];
}

/** How much of a corpus's sound a network never hears. */
export interface Unheard {
  /** Of the sound, from 0 to 1. */
  readonly share: number;
  /** Clips that have more than what is heard. */
  readonly clips: number;
}

/**
 * The frames that lie in so many seconds, e.g. 87 in 2 s.
 *
 * @throws UsageError if the features have one frame, whatever the recording's length
 */
export function framesIn(seconds: number, features: FeatureSettings): number {
  return 1 + Math.round(seconds / frameSeconds(features));
}

/** The other way round, to the millisecond. */
export function secondsOf(frames: number, features: FeatureSettings): number {
  return Number(((frames - 1) * frameSeconds(features)).toFixed(3));
}

function frameSeconds({ name, options }: FeatureSettings): number {
  const seconds = featureNamed(name).secondsPerFrame(options);
  if (seconds === undefined)
    throw new UsageError(`Cannot take a part of each clip: the features ${name} are of the whole clip`);
  return seconds;
}

/** Which part of each clip is heard. */
export function heardPart({
  network,
  features,
  frames,
  offsetSeconds,
}: Pick<RunConfig, 'network' | 'features' | 'frames' | 'offsetSeconds'>): HeardPart {
  const secondsPerFrame = featureNamed(features.name).secondsPerFrame(features.options);
  if (!takesPart(network) || secondsPerFrame === undefined)
    return { first: 0, frames: Number.POSITIVE_INFINITY, startSeconds: 0, endSeconds: Number.POSITIVE_INFINITY };
  return {
    first: Math.round(offsetSeconds / secondsPerFrame),
    frames,
    startSeconds: offsetSeconds,
    endSeconds: offsetSeconds + frames * secondsPerFrame,
  };
}

/** What the network of a run never hears of the clips that it is trained and tested with. */
export function unheard({ config, recordings }: Clips): Unheard {
  const { startSeconds, endSeconds } = heardPart(config);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const missed = recordings.map(
    ({ durationSeconds }) => Math.min(durationSeconds, startSeconds) + Math.max(0, durationSeconds - endSeconds),
  );
  return {
    share: sum(missed) / sum(recordings.map(({ durationSeconds }) => durationSeconds)),
    clips: missed.filter((seconds) => seconds > 0).length,
  };
}

/** The same in a sentence; undefined where all is heard. */
export function unheardInWords(prepared: Clips): string | undefined {
  const { share, clips } = unheard(prepared);
  if (clips === 0) return undefined;
  const { startSeconds, endSeconds } = heardPart(prepared.config);
  const { network } = prepared.config;
  const all = prepared.recordings.length;
  return `The network never hears ${percent(share)} of the sound: of each clip, ${network} takes what lies between ${startSeconds} s and ${endSeconds.toFixed(2)} s, and ${withCommas(clips)} of ${count(all, 'clip')} have more`;
}
