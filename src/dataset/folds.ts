import { InputError } from '../common/errors.js';
import { deriveSeed, seededRandom, shuffled } from '../common/random.js';
import type { Clip } from '../corpora/clip.js';
import { requireSpeakers } from '../corpora/speakers.js';

/** What folds are divided by: each speaker, or each text, is tested once. */
export type FoldsBy = 'speaker' | 'text';

export interface FoldOptions {
  readonly by: FoldsBy;
  /** How many folds: speakers or texts are drawn into groups of nearly the same number. Default: each is a fold of its own. */
  readonly groups?: number;
  /** Governs which are in a group together. */
  readonly seed: number;
}

/**
 * The speakers or texts that each fold is tested with, in alphabetical order. They depend on the names and the seed alone,
 * so that other networks are tested with the same folds.
 *
 * @throws InputError if there are fewer than 2 of them, or unknown speakers among them, or fewer than there are to be groups
 */
export function foldsOf(clips: readonly Clip[], { by, groups, seed }: FoldOptions): string[][] {
  if (by === 'speaker') requireSpeakers(clips, 'leave speakers out');
  const names = [...new Set(clips.map((clip) => clip[by]))].sort();
  if (names.length < 2)
    throw new InputError(`Cannot leave ${by}s out: there must be at least 2, and there is only ${names.join()}`);
  if (groups === undefined) return names.map((name) => [name]);
  if (groups > names.length)
    throw new InputError(
      `Cannot make groups of ${by}s: there can be at most ${names.length}, one for each, current number is ${groups}`,
    );
  const drawn = shuffled(names, seededRandom(deriveSeed(seed, 'folds')));
  return Array.from({ length: groups }, (_, g) => drawn.filter((_, i) => i % groups === g).sort());
}
