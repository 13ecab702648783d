import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { byTime, overlap, sourceName, spanOf } from '../audio/segment.js';
import { InputError, reasonOf } from '../common/errors.js';
import { grouped } from '../common/grouped.js';
import { count } from '../common/text.js';
import type { Clip } from './clip.js';

/** Two clips that are the same sound, or largely. */
type Pair = readonly [Clip, Clip];

/**
 * Makes sure that no recording is there under two names on different sides: a network would be tested with what it has
 * learnt by heart. Segments of one recording are different sounds unless they overlap, see {@link overlap}.
 *
 * @param side - says of a clip what it is divided by, e.g. its speaker
 * @throws InputError naming the first two files of equal bytes, or two segments of them, that differ in this, or a file that cannot be
 *   read
 */
export function requireNoneOnTwoSides(clips: readonly Clip[], side: (clip: Clip) => string): void {
  // A recording of many segments is read once.
  const hashes = new Map<string, string>();
  const hashOfFile = ({ path }: Clip) => {
    const hash = hashes.get(path) ?? hashOf(path);
    hashes.set(path, hash);
    return hash;
  };
  for (const [a, b] of sameSounds(clips, hashOfFile))
    if (side(a) !== side(b))
      throw new InputError(
        `Cannot divide the recordings: ${sourceName(a)} (${side(a)}) and ${sourceName(b)} (${side(b)}) ${a.segment || b.segment ? 'overlap' : 'are the same recording'}, so that it could be learnt from and tested with; remove one of them`,
      );
}

/** What is to be said of segments that overlap others of the same recording; undefined where none does. */
export function overlapNote(clips: readonly Clip[]): string | undefined {
  const overlapping = new Set<Clip>();
  for (const pair of sameSounds(clips, ({ path }) => path)) for (const clip of pair) overlapping.add(clip);
  if (overlapping.size === 0) return undefined;
  return `${count(overlapping.size, 'segment')} overlap others of the same recording by half or more: a sound that is on two sides of a split was learnt by heart, and flatters the figures.`;
}

/** The pairs of clips that are of the same recording and overlap. */
function* sameSounds(clips: readonly Clip[], recordingOf: (clip: Clip) => string): Generator<Pair> {
  for (const own of grouped(clips, recordingOf).values()) {
    const inTime = own.sort(byTime);
    for (const [i, a] of inTime.entries())
      for (let next = i + 1; next < inTime.length && spanOf(inTime[next]).start < spanOf(a).end; next++)
        if (overlap(a, inTime[next])) yield [a, inTime[next]];
  }
}

function hashOf(path: string): string {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch (error) {
    throw new InputError(`Cannot read ${path}: ${reasonOf(error)}`);
  }
}
