import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { writeFile } from '../files.js';
import type { ClipFeatures } from './clip-features.js';
import type { MelOptions } from './mel.js';

/** Raised whenever the same samples and options would give other features than before. */
const FEATURES_VERSION = 2;

/** Checksum, sample rate, duration, bands, frames, mean and standard deviation, as float64. */
const HEADER_BYTES = 7 * 8;

/** The name under which the features of a recording are kept: it depends on the file's content and the options. */
export function cacheKey(content: Uint8Array, options: MelOptions): string {
  const values = Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([FEATURES_VERSION, values]))
    .update(content)
    .digest('hex');
}

/**
 * Reads an entry of the cache.
 *
 * @returns the features, or undefined if there is no such entry or it is damaged
 */
export function readEntry(directory: string, key: string): ClipFeatures | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(pathOf(directory, key));
  } catch {
    return undefined;
  }
  if (bytes.length < HEADER_BYTES) return undefined;
  const [checksum, sampleRateHz, durationSeconds, bands, frames, mean, std] = new Float64Array(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + HEADER_BYTES),
  );
  if (bytes.length !== HEADER_BYTES + bands * frames * 4 || crc32(bytes.subarray(8)) !== checksum) return undefined;
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset + HEADER_BYTES, bytes.byteOffset + bytes.length));
  return {
    decibels: { values, bands, frames },
    statistics: { mean: [mean], std: [std] },
    sampleRateHz,
    durationSeconds,
  };
}

/** Writes an entry of the cache, whole or not at all. */
export function writeEntry(directory: string, key: string, features: ClipFeatures): void {
  const { decibels, statistics, sampleRateHz, durationSeconds } = features;
  const { values, bands, frames } = decibels;
  const bytes = Buffer.alloc(HEADER_BYTES + values.byteLength);
  const header = [sampleRateHz, durationSeconds, bands, frames, statistics.mean[0], statistics.std[0]];
  for (const [i, value] of header.entries()) bytes.writeDoubleLE(value, 8 * (i + 1));
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), HEADER_BYTES);
  bytes.writeDoubleLE(crc32(bytes.subarray(8)), 0);
  writeFile(pathOf(directory, key), bytes, { fsync: false });
}

function pathOf(directory: string, key: string): string {
  return join(directory, key.slice(0, 2), `${key}.mel`);
}
