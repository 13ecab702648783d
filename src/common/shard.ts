/** One of several parts of a list, counted from 1. */
export interface Shard {
  readonly part: number;
  readonly of: number;
}

/** The items of a shard. Shards are contiguous, and as even as can be; together, in order, they are the whole list. */
export function shardOf<T>(items: readonly T[], { part, of }: Shard): T[] {
  const begin = (p: number) => Math.floor((p * items.length) / of);
  return items.slice(begin(part - 1), begin(part));
}

/** The whole list as one part. */
export const WHOLE: Shard = { part: 1, of: 1 };
