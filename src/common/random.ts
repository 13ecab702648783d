/** A source of uniform random numbers in [0, 1). */
export type Random = () => number;

/** What {@link seededRandom} adds to its state at each draw. */
export const RANDOM_STRIDE = 0x6d2b79f5;

/**
 * A small, fast, seeded generator (mulberry32, Tommy Ettinger, public domain), the project's only source of randomness.
 *
 * @param seed - any integer; equal seeds give equal sequences on every machine
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + RANDOM_STRIDE) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * A seed for one purpose, derived from the run's seed: streams for splitting, shuffling and dropout stay independent
 * of one another, so that a change in one leaves the others as they were (FNV-1a over the name).
 */
export function deriveSeed(seed: number, purpose: string): number {
  let hash = Math.imul(0x811c9dc5 ^ seed, 0x01000193);
  for (const character of purpose) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
  return hash >>> 0;
}

/** A copy of `items` in random order (Fisher–Yates). */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const copy = [...items];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [copy[i], copy[j]] = [copy[j], copy[i]];
  }
  return copy;
}
