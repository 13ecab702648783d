import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Source, sourceName } from '../audio/segment.js';
import { InputError, reasonOf } from '../common/errors.js';
import type { Clip } from './clip.js';

/**
 * Makes sure that no recording is there under two names on different sides: a network would be tested with what it has
 * learnt by heart. Two segments of one recording are not the same, unless they begin and end alike.
 *
 * @param side - says of a clip what it is divided by, e.g. its speaker
 * @throws InputError naming the first two files of equal bytes that differ in this, or a file that cannot be read
 */
export function requireNoneOnTwoSides(clips: readonly Clip[], side: (clip: Clip) => string): void {
  const first = new Map<string, Clip>();
  // A recording of many segments is read once.
  const hashes = new Map<string, string>();
  const keyOf = ({ path, segment }: Source) => {
    const hash = hashes.get(path) ?? hashOf(path);
    hashes.set(path, hash);
    return sourceName({ path: hash, segment });
  };
  for (const clip of clips) {
    const hash = keyOf(clip);
    const other = first.get(hash);
    if (other && side(other) !== side(clip))
      throw new InputError(
        `Cannot divide the recordings: ${sourceName(other)} (${side(other)}) and ${sourceName(clip)} (${side(clip)}) are the same recording, so that it could be learnt from and tested with; remove one of them`,
      );
    first.set(hash, other ?? clip);
  }
}

function hashOf(path: string): string {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch (error) {
    throw new InputError(`Cannot read ${path}: ${reasonOf(error)}`);
  }
}
