import { InputError } from '../common/errors.js';
import type { Recording } from './decode.js';

/** A part of a recording, from its beginning. */
export interface Segment {
  readonly startSeconds: number;
  /** Default: the recording's end. */
  readonly endSeconds?: number;
}

/** A recording, or a part of it. */
export interface Source {
  readonly path: string;
  readonly segment?: Segment;
}

/** How far a segment may reach behind the end of its recording: times in lists are rounded. */
const ROUNDING_SECONDS = 0.1;

/** What tells a source from all others: its path, and of a segment its times: `talk.wav [1.5 s to 3 s]`. */
export function sourceName({ path, segment }: Source): string {
  return segment ? `${path} [${segmentInWords(segment)}]` : path;
}

/** `1.5 s to 3 s`, or `1.5 s to the end`. */
export function segmentInWords({ startSeconds, endSeconds }: Segment): string {
  return `${startSeconds} s to ${endSeconds === undefined ? 'the end' : `${endSeconds} s`}`;
}

/** By path and within a recording by time: an order that does not depend on how sources are listed. */
export function bySource(a: Source, b: Source): number {
  if (a.path !== b.path) return a.path < b.path ? -1 : 1;
  return byTime(a, b);
}

/** Parts of one recording by their start, then by their end. */
export function byTime(a: Source, b: Source): number {
  const [one, other] = [spanOf(a), spanOf(b)];
  return one.start - other.start || (one.end === other.end ? 0 : one.end - other.end);
}

/** From where to where a source is in its recording. */
export function spanOf({ segment }: Source): { readonly start: number; readonly end: number } {
  return { start: segment?.startSeconds ?? 0, end: segment?.endSeconds ?? Number.POSITIVE_INFINITY };
}

/**
 * Whether two parts of one recording are largely the same sound: they have at least half of the shorter one in common. A recording
 * without a segment is all of it.
 */
export function overlap(a: Source, b: Source): boolean {
  const [one, other] = [spanOf(a), spanOf(b)];
  const common = Math.min(one.end, other.end) - Math.max(one.start, other.start);
  return common > 0 && common >= Math.min(one.end - one.start, other.end - other.start) / 2;
}

/**
 * Cuts a segment out of a recording; the samples share their memory. Samples are those whose time is from the start up to, but not
 * including, the end, rounded to the nearest sample.
 *
 * @param name - of the recording, for messages
 * @throws InputError if the segment reaches behind the end of the recording, or is shorter than a sample
 */
export function cutSegment(recording: Recording, segment: Segment, name: string): Recording {
  const { samples, sampleRateHz, durationSeconds } = recording;
  const { startSeconds, endSeconds = durationSeconds } = segment;
  const wrong = (what: string) => new InputError(`${name}: the segment from ${segmentInWords(segment)} ${what}`);
  if (startSeconds >= durationSeconds || endSeconds > durationSeconds + ROUNDING_SECONDS)
    throw wrong(`reaches behind the end of the recording, at ${Number(durationSeconds.toFixed(3))} s`);
  const cut = samples.subarray(Math.round(startSeconds * sampleRateHz), Math.round(endSeconds * sampleRateHz));
  if (cut.length === 0) throw wrong('is shorter than a sample');
  return {
    ...recording,
    samples: cut,
    durationSeconds: cut.length / sampleRateHz,
    // What is missing behind a segment does not matter to it.
    truncated: segment.endSeconds === undefined ? recording.truncated : undefined,
  };
}
