import { closeSync, fstatSync, openSync, readdirSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Segment } from '../../audio/segment.js';
import { writeFile } from '../../common/files.js';
import { sha256 } from '../../common/sha256.js';
import { CONDITIONS_VERSION, type ConditionSettings } from '../../conditions/under-condition.js';
import type { ClipFeatures } from '../clip-features.js';
import { type FeatureSettings, featureNamed } from '../features.js';

const KEY_BYTES = 32;

/** Checksum, sample rate, duration, bands, frames, mean and standard deviation, as float64; then the key. */
const HEADER_BYTES = 7 * 8 + KEY_BYTES;

/** What else determines what is kept of a recording. */
interface KeyOptions {
  readonly condition?: ConditionSettings;
  readonly allowTruncated?: number;
  /** The name of the derivation. */
  readonly derivation?: string;
}

/**
 * The name under which the features of a recording are kept: it depends on the file's content and on what is computed.
 *
 * @param content - SHA-256 of the file's content
 */
export function cacheKey(
  content: string,
  { name, options }: FeatureSettings,
  { condition, allowTruncated = 0, derivation }: KeyOptions = {},
): string {
  const values = Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
  const computed = [
    ...[name, featureNamed(name).version, values],
    ...(condition === undefined ? [] : [{ condition: [condition.name, condition.seed, CONDITIONS_VERSION] }]),
    ...(derivation === undefined ? [] : [derivation]),
    // What is refused where less may be missing is not to be found.
    ...(allowTruncated === 0 ? [] : [{ allowTruncated }]),
  ];
  return sha256(JSON.stringify([...computed, content]));
}

/** The same of a segment of a recording. */
export function segmentKey(recordingKey: string, { startSeconds, endSeconds }: Segment): string {
  return sha256(JSON.stringify([recordingKey, startSeconds, endSeconds]));
}

/** Where an entry is. */
interface Place {
  readonly path: string;
  readonly start: number;
  readonly bytes: number;
}

/** What the entries of one cache have in common. */
export interface CacheSetting {
  readonly features: FeatureSettings;
  /** The condition that recordings were put under first. */
  readonly condition?: ConditionSettings;
  /** The name of what was derived from the features, and is kept in their place. */
  readonly derivation?: string;
}

/**
 * Features of recordings in a folder, by {@link cacheKey}.
 *
 * Each file holds a few entries, one after the other: making a file takes longer than writing the features of one
 * recording. Files are written whole or not at all, and never changed; one found damaged is removed, and its recordings
 * are extracted again. Several threads and processes may use a folder at the same time; each knows what was there when it
 * began, and what it has written itself.
 */
export class FeatureCache {
  private numbers?: Map<string, number>;
  private readonly entries: (Place & { readonly key: string })[] = [];

  constructor(
    private readonly directory: string,
    _setting: CacheSetting,
  ) {}

  /** @returns the number of an entry, by which it can be read again and again; undefined if it is not there */
  find(key: string): number | undefined {
    return this.known().get(key);
  }

  /** @returns what was written, the same each time; undefined if it is gone by now, or damaged */
  read(entry: number): ClipFeatures | undefined {
    const { path, start, bytes, key } = this.entries[entry];
    const features = withFile(path, (file) => entryOf(readBytes(file, start, bytes), key));
    if (!features && this.known().get(key) === entry) this.known().delete(key);
    return features;
  }

  /**
   * Writes features, by key; then they can be found, and read.
   *
   * @throws InputError naming the path and the reason; then none of them are kept
   */
  write(features: ReadonlyMap<string, ClipFeatures>): void {
    if (features.size === 0) return;
    // Named after all that is in it: what another process has written under the same name is the same.
    const name = sha256([...features.keys()].join());
    const path = join(this.directory, `${name}.features`);
    const entries = [...features].map(([key, each]) => bytesOf(key, each));
    writeFile(path, Buffer.concat(entries), { fsync: false });
    let start = 0;
    for (const [i, key] of [...features.keys()].entries()) {
      this.known().set(key, this.entries.push({ path, start, bytes: entries[i].length, key }) - 1);
      start += entries[i].length;
    }
  }

  /** Closes the files that are open; what is read later opens them again. */
  close(): void {}

  private known(): Map<string, number> {
    if (!this.numbers) {
      this.numbers = new Map();
      for (const [key, place] of findEntries(this.directory))
        this.numbers.set(key, this.entries.push({ ...place, key }) - 1);
    }
    return this.numbers;
  }
}

/** The places of all entries in a folder, by key. */
function findEntries(directory: string): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const name of namesIn(directory)) {
    const path = join(directory, name);
    withFile(path, (file) => {
      const { size } = fstatSync(file);
      for (let start = 0; start < size; ) {
        const header = readBytes(file, start, HEADER_BYTES);
        if (header.length < HEADER_BYTES) return undefined;
        const bytes = entryBytes(header);
        if (!Number.isInteger(bytes) || bytes < HEADER_BYTES || bytes > size - start) return undefined;
        places.set(header.toString('hex', HEADER_BYTES - KEY_BYTES), { path, start, bytes });
        start += bytes;
      }
      return true;
    });
  }
  return places;
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => name.endsWith('.features'));
  } catch {
    return [];
  }
}

/** Reads a file of the cache, and removes it where it turns out to be damaged: then `read` and this give undefined. */
function withFile<T>(path: string, read: (file: number) => T | undefined): T | undefined {
  try {
    const file = openSync(path, 'r');
    try {
      const result = read(file);
      if (result === undefined) rmSync(path, { force: true });
      return result;
    } finally {
      closeSync(file);
    }
  } catch {
    // Gone by now, or it can be neither read nor removed: as if it were not there.
    return undefined;
  }
}

function readBytes(file: number, start: number, length: number): Buffer {
  const bytes = Buffer.from(new ArrayBuffer(length));
  return bytes.subarray(0, readSync(file, bytes, 0, length, start));
}

/** The length of an entry according to its header; NaN or nonsense where that is damaged. */
function entryBytes(header: Buffer): number {
  return HEADER_BYTES + header.readDoubleLE(24) * header.readDoubleLE(32) * 4;
}

function entryOf(bytes: Buffer, key: string): ClipFeatures | undefined {
  if (bytes.length < HEADER_BYTES || bytes.toString('hex', HEADER_BYTES - KEY_BYTES, HEADER_BYTES) !== key)
    return undefined;
  const [checksum, sampleRateHz, durationSeconds, bands, frames, mean, std] = new Float64Array(bytes.buffer, 0, 7);
  if (crc32(bytes.subarray(8)) !== checksum || entryBytes(bytes) !== bytes.length) return undefined;
  return {
    matrix: { values: new Float32Array(bytes.buffer.slice(HEADER_BYTES)), bands, frames },
    statistics: { mean: [mean], std: [std] },
    sampleRateHz,
    durationSeconds,
  };
}

function bytesOf(key: string, { matrix, statistics, sampleRateHz, durationSeconds }: ClipFeatures): Buffer {
  const { values, bands, frames } = matrix;
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + values.byteLength);
  const header = [sampleRateHz, durationSeconds, bands, frames, statistics.mean[0], statistics.std[0]];
  for (const [i, value] of header.entries()) bytes.writeDoubleLE(value, 8 * (i + 1));
  bytes.write(key, HEADER_BYTES - KEY_BYTES, 'hex');
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), HEADER_BYTES);
  bytes.writeDoubleLE(crc32(bytes.subarray(8)), 0);
  return bytes;
}
