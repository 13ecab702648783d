import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, statSync } from 'node:fs';

/** The SHA-256 of a file of any size, which is read once for segments that follow one another. */
export function hashReader(): (path: string) => string {
  let latest: { readonly path: string; readonly hash: string } | undefined;
  return (path) => {
    if (latest?.path !== path) {
      const hash = createHash('sha256');
      for (const piece of piecesOf(path)) hash.update(piece);
      latest = { path, hash: hash.digest('hex') };
    }
    return latest.hash;
  };
}

/** Bytes of a recording that are read at a time where it may be long. */
const PIECE_BYTES = 2 ** 20;

/** A file's content, each piece valid until the next. */
function* piecesOf(path: string): Generator<Uint8Array> {
  const file = openSync(path, 'r');
  try {
    if (scratch.length < PIECE_BYTES) scratch = Buffer.alloc(PIECE_BYTES);
    for (let read = 1; read > 0; ) {
      read = readSync(file, scratch, 0, PIECE_BYTES, null);
      yield scratch.subarray(0, read);
    }
  } finally {
    closeSync(file);
  }
}

/** An utterance is never this large; such a file is not read whole to look it up in the cache. */
const LARGEST_CACHED_BYTES = 64 * 2 ** 20;

/** Read into again and again: allocating memory for each file takes longer than reading it. */
let scratch = Buffer.alloc(0);

/** A file's content, valid until the next call; undefined if it is not a file, or too large. */
export function contentOf(path: string): Uint8Array | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isFile() || found.size > LARGEST_CACHED_BYTES) return undefined;
  if (scratch.length < found.size) scratch = Buffer.alloc(found.size);
  const file = openSync(path, 'r');
  try {
    const read = readSync(file, scratch, 0, found.size, 0);
    return read === found.size ? scratch.subarray(0, read) : undefined;
  } finally {
    closeSync(file);
  }
}
