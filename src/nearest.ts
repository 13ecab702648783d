import { closest, distance } from 'fastest-levenshtein';

/**
 * A suggestion for a mistyped name, ready to follow it in a message: ` (did you mean tess?)`, or nothing if no known
 * name is near.
 */
export function nearest(name: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const best = closest(name, known);
  return distance(name, best) <= Math.max(1, Math.floor(name.length / 3)) ? ` (did you mean ${best}?)` : '';
}
