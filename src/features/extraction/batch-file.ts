/**
 * The files of the feature cache: entries one after the other, then an index of them.
 *
 * In: features, by key. Out: bytes; and from bytes that may be damaged, or a file that may be gone, features, or undefined.
 */

import { closeSync, fstatSync, openSync, readSync, rmSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { ClipFeatures } from '../clip-features.js';
import { KEY_WORDS } from './entry-table.js';

/** How the names of the files end. */
export const BATCH_ENDING = '.features';

const KEY_BYTES = 4 * KEY_WORDS;

/** Checksum, sample rate, duration, bands, frames, mean and standard deviation, as float64; then the key. */
const HEADER_BYTES = 7 * 8 + KEY_BYTES;

/** The key of an entry, and its length in bytes. */
const INDEX_WORDS = KEY_WORDS + 1;

/** At the end of a file: checksum of the index, number of entries, and by which a file is known to be one of these. */
const TRAILER_WORDS = 4;
const TRAILER_BYTES = 4 * TRAILER_WORDS;

/** Raised whenever entries or files are written otherwise: settings have other folders then. */
export const FORMAT = 2;
const MAGIC = [0x53455246, FORMAT];

/** Read from the end of a file: the index of a file of spectrograms, but not of one with many small entries, is in it. */
const TAIL_BYTES = 2 ** 16;

/** An entry as it is written. */
export function entryBytes(
  key: Uint32Array,
  { matrix, statistics, sampleRateHz, durationSeconds }: ClipFeatures,
): Buffer {
  const { values, bands, frames } = matrix;
  const bytes = Buffer.allocUnsafeSlow(HEADER_BYTES + values.byteLength);
  const numbers = [0, sampleRateHz, durationSeconds, bands, frames, statistics.mean[0], statistics.std[0]];
  new Float64Array(bytes.buffer, 0, numbers.length).set(numbers);
  new Uint32Array(bytes.buffer, HEADER_BYTES - KEY_BYTES, KEY_WORDS).set(key);
  new Float32Array(bytes.buffer, HEADER_BYTES).set(values);
  new Float64Array(bytes.buffer, 0, 1)[0] = crc32(bytes.subarray(8));
  return bytes;
}

/** The features of an entry; undefined if it is damaged, or another's. */
export function entryOf(bytes: Buffer, key: Uint32Array): ClipFeatures | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const [checksum, sampleRateHz, durationSeconds, bands, frames, mean, std] = new Float64Array(bytes.buffer, 0, 7);
  const found = new Uint32Array(bytes.buffer, HEADER_BYTES - KEY_BYTES, KEY_WORDS);
  if (found.some((word, i) => word !== key[i]) || HEADER_BYTES + 4 * bands * frames !== bytes.length) return undefined;
  if (crc32(bytes.subarray(8)) !== checksum) return undefined;
  return {
    matrix: { values: new Float32Array(bytes.buffer, HEADER_BYTES, bands * frames), bands, frames },
    statistics: { mean: [mean], std: [std] },
    sampleRateHz,
    durationSeconds,
  };
}

/** The end of a file: which entries are in it, in their order. */
export function indexBytes(entries: readonly { readonly key: Uint32Array; readonly bytes: number }[]): Uint8Array {
  const words = new Uint32Array(entries.length * INDEX_WORDS + TRAILER_WORDS);
  for (const [i, { key, bytes }] of entries.entries()) {
    words.set(key, i * INDEX_WORDS);
    words[i * INDEX_WORDS + KEY_WORDS] = bytes;
  }
  const index = words.subarray(0, entries.length * INDEX_WORDS);
  words.set([crc32(bytesOf(index)), entries.length, ...MAGIC], index.length);
  return bytesOf(words);
}

/** What is in a file. */
export interface BatchIndex {
  readonly entries: number;
  /** Of each entry, in their order: its key, and its length in bytes. */
  readonly words: Uint32Array;
}

/** The key of an entry of an index, and its length in bytes. */
export function indexed({ words }: BatchIndex, i: number): { readonly key: Uint32Array; readonly bytes: number } {
  const at = i * INDEX_WORDS;
  return { key: words.subarray(at, at + KEY_WORDS), bytes: words[at + KEY_WORDS] };
}

/** The index of a file; undefined if the file is gone, or cannot be read. One that is damaged is removed. */
export function readIndex(path: string): BatchIndex | undefined {
  return withFile(path, (file) => {
    const { size } = fstatSync(file);
    const index = indexIn(file, size);
    if (!index) rmSync(path, { force: true });
    return index;
  });
}

/** How many entries a file has, as it says at its end; undefined if it says nothing. */
export function countEntries(path: string): number | undefined {
  return withFile(path, (file) => {
    const { size } = fstatSync(file);
    return trailerOf(readBytes(file, Math.max(0, size - TRAILER_BYTES), TRAILER_BYTES))?.entries;
  });
}

function indexIn(file: number, size: number): BatchIndex | undefined {
  let tail = readBytes(file, Math.max(0, size - TAIL_BYTES), Math.min(size, TAIL_BYTES));
  const trailer = size % 4 === 0 ? trailerOf(tail) : undefined;
  if (!trailer) return undefined;
  const { entries, checksum } = trailer;
  const endBytes = 4 * INDEX_WORDS * entries + TRAILER_BYTES;
  if (endBytes > size) return undefined;
  if (endBytes > tail.length) tail = readBytes(file, size - endBytes, endBytes);
  const words = new Uint32Array(tail.buffer, tail.length - endBytes, INDEX_WORDS * entries);
  if (crc32(bytesOf(words)) !== checksum) return undefined;
  let bytes = endBytes;
  for (let i = 0; i < entries; i++) bytes += words[i * INDEX_WORDS + KEY_WORDS];
  return bytes === size ? { entries, words } : undefined;
}

/** What stands at the end of a file; undefined if it is none of these. */
function trailerOf(tail: Buffer): { readonly checksum: number; readonly entries: number } | undefined {
  if (tail.length < TRAILER_BYTES) return undefined;
  const [checksum, entries, ...magic] = Array.from({ length: TRAILER_WORDS }, (_, i) =>
    tail.readUInt32LE(tail.length - TRAILER_BYTES + 4 * i),
  );
  return magic.every((word, i) => word === MAGIC[i]) ? { checksum, entries } : undefined;
}

/** Opens a file for as long as it is read; undefined if that is not possible. */
function withFile<T>(path: string, read: (file: number) => T | undefined): T | undefined {
  try {
    const file = openSync(path, 'r');
    try {
      return read(file);
    } finally {
      closeSync(file);
    }
  } catch {
    // Gone by now, or it can be neither read nor removed: as if it were not there.
    return undefined;
  }
}

/** A part of a file, in memory of its own; less where the file ends before. */
export function readBytes(file: number, start: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, start));
}

function bytesOf(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}
