import { joined } from '../common/joined.js';
import type { Recording } from './decode.js';
import { resample } from './resample.js';

type Sound = Pick<Recording, 'samples' | 'sampleRateHz'>;

/** Recordings one after the other, and where each of them is. */
export interface JoinedRecording extends Sound {
  /** In the recordings' order. */
  readonly stretches: readonly { readonly startSeconds: number; readonly endSeconds: number }[];
}

/**
 * Joins recordings into one, with nothing between them, and tells where each of them is in it.
 *
 * @param sampleRateHz - of the result; recordings at another rate are resampled; default: the first one's
 * @throws RangeError if there are no recordings
 */
export function joinRecordings(
  recordings: readonly Sound[],
  sampleRateHz = recordings[0]?.sampleRateHz,
): JoinedRecording {
  if (recordings.length === 0)
    throw new RangeError('Cannot join recordings: there must be at least one, current number is 0');
  const parts = recordings.map((each) => resample(each.samples, each.sampleRateHz, sampleRateHz));
  const stretches: JoinedRecording['stretches'][number][] = [];
  let start = 0;
  for (const part of parts) {
    const end = start + part.length;
    stretches.push({ startSeconds: start / sampleRateHz, endSeconds: end / sampleRateHz });
    start = end;
  }
  return { samples: joined(parts), sampleRateHz, stretches };
}
