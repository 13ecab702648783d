import { closest, distance } from 'fastest-levenshtein';

/**
 * A suggestion for a mistyped name, ready to follow it in a message: ` (did you mean tess?)`, or nothing if no known
 * name is near. Case is ignored.
 */
export function nearest(name: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const plain = name.toLowerCase();
  const plainKnown = known.map((other) => other.toLowerCase());
  const best = closest(plain, plainKnown);
  const changes = distance(plain, best);
  // A name of one letter is one change away from every other.
  const near = changes <= Math.max(1, Math.floor(plain.length / 3)) && changes < plain.length;
  return near ? ` (did you mean ${known[plainKnown.indexOf(best)]}?)` : '';
}
