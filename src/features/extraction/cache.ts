import { randomInt } from 'node:crypto';
import { closeSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Segment } from '../../audio/segment.js';
import { GrowingFile } from '../../common/files.js';
import { sha256 } from '../../common/sha256.js';
import { size } from '../../common/text.js';
import type { ClipFeatures } from '../clip-features.js';
import { BATCH_ENDING, entryBytes, entryOf, indexBytes, indexed, readBytes, readIndex } from './batch-file.js';
import { type CacheSetting, folderOf, markUsed, namesIn, shrink, valuesOf, writeAbout } from './cache-folder.js';
import { EntryTable, KEY_WORDS } from './entry-table.js';

/**
 * The name under which the features of a recording are kept: it depends on the file's content and on what is computed.
 *
 * @param content - SHA-256 of the file's content
 * @param allowTruncated - share of a recording that may be missing: what is refused where less may be is not to be found
 */
export function cacheKey(content: string, setting: CacheSetting, allowTruncated = 0): string {
  return sha256(JSON.stringify([...valuesOf(setting), ...(allowTruncated === 0 ? [] : [{ allowTruncated }]), content]));
}

/** The same of a segment of a recording. */
export function segmentKey(recordingKey: string, { startSeconds, endSeconds }: Segment): string {
  return sha256(JSON.stringify([recordingKey, startSeconds, endSeconds]));
}

/** How a cache is kept. */
export interface CacheOptions {
  /** Bytes that all caches in the folder may take together; default: a tenth of the disk. */
  readonly limitBytes?: number;
  /** Told, once, if what is in use is more than that. */
  readonly say?: (line: string) => void;
}

/** A file is whole when it has as much as this, and the next one begins: few files, and not much is removed with one of them. */
const FILE_BYTES = 64 * 2 ** 20;

/** Or when it is as old as this: what is not whole is lost with a process that is killed. */
const FILE_MILLISECONDS = 10_000;

/** Files that are open at a time for reading. */
const MOST_OPEN = 64;

/** A file that entries are in. */
interface EntryFile {
  path: string;
  gone: boolean;
}

/** The file that is being written. */
interface BatchUnderWay {
  readonly file: GrowingFile;
  /** Its number among all files. */
  readonly number: number;
  readonly begun: number;
  readonly entries: { readonly key: Uint32Array; readonly bytes: number }[];
}

/** The folders of which it was said that more is in use than their bound. */
const told = new Set<string>();

/**
 * Features of recordings of one setting, by {@link cacheKey}, in a folder for it alone.
 *
 * Each file holds many entries, one after the other, and is written under a temporary name until it is whole; then it is never
 * changed. One found damaged is removed, and its recordings are extracted again. Several threads, processes and machines may use
 * a folder at the same time, without locks; each knows what was there when it began, and what it has written itself.
 */
export class FeatureCache {
  private readonly folder: string;
  private readonly files: EntryFile[] = [];
  private table?: EntryTable;
  private underWay?: BatchUnderWay;
  /** Descriptors of open files by their numbers, the one that was read last at the end. */
  private readonly open = new Map<number, number>();

  /** @param directory - of all caches */
  constructor(
    private readonly directory: string,
    private readonly setting: CacheSetting,
    private readonly options: CacheOptions = {},
  ) {
    this.folder = join(directory, folderOf(setting));
  }

  /** @returns the number of an entry, by which it can be read again and again; undefined if it is not there */
  find(key: string): number | undefined {
    const entry = this.entries().find(wordsOf(key));
    return entry === undefined || this.files[this.entries().placeOf(entry).file].gone ? undefined : entry;
  }

  /** @returns what was written, the same each time; undefined if it is gone by now, or damaged */
  read(entry: number): ClipFeatures | undefined {
    const { file: number, start, bytes } = this.entries().placeOf(entry);
    const file = this.files[number];
    if (file.gone) return undefined;
    try {
      const features = entryOf(readBytes(this.opened(number), start, bytes), this.entries().keyOf(entry));
      if (!features) this.forget(number);
      else if (number !== this.underWay?.number) markUsed(file.path);
      return features;
    } catch {
      // Removed by another process, or not to be read: as if it were not there.
      file.gone = true;
      this.closeFile(number);
      return undefined;
    }
  }

  /**
   * Writes features, by key; then they can be found, and read. Other processes find them when the file is whole, see {@link flush}.
   *
   * @throws InputError naming the path and the reason; then none of them are kept
   */
  write(features: ReadonlyMap<string, ClipFeatures>): void {
    if (features.size === 0) return;
    const keys = [...features.keys()].map(wordsOf);
    const pieces = [...features.values()].map((each, i) => entryBytes(keys[i], each));
    this.underWay ??= this.begun();
    const { file, number, begun, entries } = this.underWay;
    let start = file.length;
    file.append(Buffer.concat(pieces));
    for (const [i, { length: bytes }] of pieces.entries()) {
      entries.push({ key: keys[i], bytes });
      this.entries().add(keys[i], { file: number, start, bytes });
      start += bytes;
    }
    if (file.length >= FILE_BYTES || performance.now() - begun >= FILE_MILLISECONDS) this.flush();
  }

  /**
   * Makes the file that is being written whole, for others to find, and removes what was used least recently where the caches
   * have become too large.
   *
   * @throws InputError naming the path and the reason; then what was in the file is gone
   */
  flush(): void {
    if (!this.underWay) return;
    const { file, number, entries } = this.underWay;
    this.underWay = undefined;
    this.closeFile(number);
    if (entries.length === 0) {
      file.discard();
      return;
    }
    try {
      file.finish(indexBytes(entries));
    } catch (error) {
      this.files[number].gone = true;
      throw error;
    }
    this.files[number].path = file.path;
    markUsed(file.path);
    writeAbout(this.folder, this.setting);
    this.keepWithinBound();
  }

  /** Closes the files that are open; what is read later opens them again. */
  close(): void {
    for (const number of this.open.keys()) this.closeFile(number);
  }

  /** What is there, looked up when it is first needed. */
  private entries(): EntryTable {
    if (this.table) return this.table;
    this.table = new EntryTable();
    for (const name of namesIn(this.folder)) {
      const path = join(this.folder, name);
      const index = name.endsWith(BATCH_ENDING) ? readIndex(path) : undefined;
      if (!index) continue;
      const file = this.files.push({ path, gone: false }) - 1;
      let start = 0;
      for (let i = 0; i < index.entries; i++) {
        const { key, bytes } = indexed(index, i);
        this.table.add(key, { file, start, bytes });
        start += bytes;
      }
    }
    return this.table;
  }

  private begun(): BatchUnderWay {
    // A name that no other process has: what it has written is never replaced.
    const file = new GrowingFile(join(this.folder, `${Date.now()}-${randomInt(2 ** 32)}${BATCH_ENDING}`));
    const number = this.files.push({ path: file.temporary, gone: false }) - 1;
    return { file, number, begun: performance.now(), entries: [] };
  }

  /** The descriptor of a file. */
  private opened(number: number): number {
    const descriptor = this.open.get(number) ?? openSync(this.files[number].path, 'r');
    this.open.delete(number);
    this.open.set(number, descriptor);
    const [oldest] = this.open.keys();
    if (this.open.size > MOST_OPEN) this.closeFile(oldest);
    return descriptor;
  }

  private closeFile(number: number): void {
    const descriptor = this.open.get(number);
    this.open.delete(number);
    if (descriptor !== undefined) closeSync(descriptor);
  }

  /** Removes a damaged file. */
  private forget(number: number): void {
    const file = this.files[number];
    file.gone = true;
    this.closeFile(number);
    rmSync(file.path, { force: true });
  }

  private keepWithinBound(): void {
    const { limitBytes, say } = this.options;
    const shrunk = shrink(this.directory, limitBytes);
    if (!say || shrunk.bytes <= shrunk.limitBytes || told.has(this.directory)) return;
    told.add(this.directory);
    say(
      `The features kept in ${this.directory} take ${size(shrunk.bytes)}, more than the ${size(shrunk.limitBytes)} that they may (\`cacheLimitBytes\`): all of them are in use`,
    );
  }
}

/** A key as numbers. */
function wordsOf(key: string): Uint32Array {
  return Uint32Array.from({ length: KEY_WORDS }, (_, i) => Number.parseInt(key.slice(8 * i, 8 * i + 8), 16));
}
