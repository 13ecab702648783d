import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { InputError, reasonOf } from '../common/errors.js';
import type { Clip } from './clip.js';

/**
 * Makes sure that no recording is there under two names on different sides: a network would be tested with what it has
 * learnt by heart.
 *
 * @param side - says of a clip what it is divided by, e.g. its speaker
 * @throws InputError naming the first two files of equal bytes that differ in this, or a file that cannot be read
 */
export function requireNoneOnTwoSides(clips: readonly Clip[], side: (clip: Clip) => string): void {
  const first = new Map<string, Clip>();
  for (const clip of clips) {
    const hash = hashOf(clip.path);
    const other = first.get(hash);
    if (other && side(other) !== side(clip))
      throw new InputError(
        `Cannot divide the recordings: ${other.path} (${side(other)}) and ${clip.path} (${side(clip)}) are the same recording, so that it could be learnt from and tested with; remove one of them`,
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
