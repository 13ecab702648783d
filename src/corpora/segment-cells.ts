import type { Clip } from './clip.js';

/** Where a clip begins and ends in its recording, as a table has it; empty for the recording's beginning and end. */
export interface SegmentCells {
  readonly startSeconds?: number | '';
  readonly endSeconds?: number | '';
}

/**
 * The columns of a table that say which segments of their recordings clips are; no columns where all clips are whole recordings.
 *
 * @returns a function of each of these clips
 */
export function segmentCells(clips: readonly Pick<Clip, 'segment'>[]): (clip: Pick<Clip, 'segment'>) => SegmentCells {
  if (clips.every(({ segment }) => segment === undefined)) return () => ({});
  return ({ segment }) => ({ startSeconds: segment?.startSeconds ?? '', endSeconds: segment?.endSeconds ?? '' });
}
