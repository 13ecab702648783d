import { randomInt } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { InputError, reasonOf } from './errors.js';

/** What is written to a file: all of it, or one piece of text after the other, so that it is never in memory as a whole. */
export type Content = string | Uint8Array | Iterable<string>;

/**
 * Writes a file whole or not at all: to a temporary name beside it, then renamed. Folders are made as needed.
 *
 * @param fsync - whether to wait until the data is on the disk; default true, not needed for what can be made again
 * @throws InputError naming the path and the reason (read-only folder, full disk, …)
 */
export function writeFile(path: string, data: Content, { fsync = true } = {}): void {
  const temporary = temporaryBeside(path);
  try {
    const file = openInFolder(temporary);
    try {
      // Goes on after a write that took only a part, which is how a disk that is nearly full begins to fail.
      const pieces = typeof data === 'string' || data instanceof Uint8Array ? [data] : data;
      for (const piece of pieces) writeFileSync(file, piece);
      if (fsync) fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    removeIfThere(temporary);
    throw cannotWrite(path, error);
  }
}

/** A file that is written piece by piece, and has a temporary name beside its own until it is whole. Folders are made as needed. */
export class GrowingFile {
  /** Where it can be read until it is whole. */
  readonly temporary: string;
  private readonly file: number;
  private size = 0;

  /** @throws InputError naming the path and the reason */
  constructor(readonly path: string) {
    this.temporary = temporaryBeside(path);
    try {
      makeFolders(dirname(path));
      this.file = openSync(this.temporary, 'wx');
    } catch (error) {
      throw cannotWrite(path, error);
    }
  }

  /** Its bytes so far. */
  get length(): number {
    return this.size;
  }

  /**
   * Appends a piece, or nothing.
   *
   * @throws InputError naming the path and the reason; what was appended before stays, and the next piece follows it
   */
  append(bytes: Uint8Array): void {
    try {
      // A disk that is nearly full begins to fail with a write that takes only a part.
      for (let done = 0; done < bytes.length; )
        done += writeSync(this.file, bytes, done, bytes.length - done, this.size + done);
      this.size += bytes.length;
    } catch (error) {
      throw cannotWrite(this.path, error);
    }
  }

  /**
   * Appends the last piece, and gives the file its name: it is whole.
   *
   * @throws InputError naming the path and the reason; then nothing is left of it
   */
  finish(last: Uint8Array): void {
    try {
      // What is left of a piece that could not be appended may be all that the disk has room for.
      ftruncateSync(this.file, this.size);
      this.append(last);
    } catch (error) {
      this.discard();
      throw error instanceof InputError ? error : cannotWrite(this.path, error);
    }
    try {
      closeSync(this.file);
      renameSync(this.temporary, this.path);
    } catch (error) {
      removeIfThere(this.temporary);
      throw cannotWrite(this.path, error);
    }
  }

  /** Removes it: it is not going to be whole. */
  discard(): void {
    closeSync(this.file);
    removeIfThere(this.temporary);
  }
}

/** Opens a new file; its folder is made only where there is none, which is asked no more often than it has to be. */
function openInFolder(path: string): number {
  try {
    return openSync(path, 'w');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    makeFolders(dirname(path));
    return openSync(path, 'w');
  }
}

/**
 * Makes a folder, and those that it is in, unless they are there.
 *
 * @throws InputError naming the path and the reason
 */
export function makeFolder(path: string): void {
  try {
    makeFolders(path);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

/** Node tries for ever to make a folder in a working directory that somebody has removed. */
function makeFolders(path: string): void {
  if (!isAbsolute(path) && !existsSync(process.cwd())) throw new Error('the working directory was removed');
  mkdirSync(path, { recursive: true });
}

/**
 * Makes a file that is not there yet. It appears with its content: nobody finds it empty or in part.
 *
 * @returns false if there is one already
 * @throws InputError naming the path and the reason
 */
export function createFile(path: string, data: string): boolean {
  const temporary = temporaryBeside(path);
  try {
    writeFileSync(temporary, data);
    linkOrWrite(temporary, path, data);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw cannotWrite(path, error);
  } finally {
    removeIfThere(temporary);
  }
}

function linkOrWrite(temporary: string, path: string, data: string): void {
  try {
    linkSync(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
    // Some file systems, such as exFAT, have no hard links: there the file is empty for a moment.
    writeFileSync(path, data, { flag: 'wx' });
  }
}

/** Other processes and threads may write the same path at the same time, each under a name of its own. */
function temporaryBeside(path: string): string {
  return `${path}.${process.pid}-${randomInt(2 ** 32)}.tmp`;
}

/** Removes what {@link writeFile} left in a folder, and in those below it, when its process was killed. */
export function removeLeftovers(directory: string): void {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  for (const name of names) if (isTemporary(name)) removeIfThere(join(directory, name));
}

/** Whether a file has a name under which {@link writeFile} writes. */
export function isTemporary(name: string): boolean {
  return /\.\d+-\d+\.tmp$/.test(name);
}

/** Tidying up must not hide the error that made it necessary. */
function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // A part of the path is a file, or the file system is read-only: then nothing was written.
  }
}

/** Writes a value as indented JSON. */
export function writeJson(path: string, value: unknown): void {
  writeFile(path, jsonText(value));
}

/** A value as indented JSON. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** No JSON of this project is larger. */
const LARGEST_JSON_BYTES = 64 * 2 ** 20;

/**
 * Reads a JSON file.
 *
 * @throws InputError if it is missing, no regular file, too large or not JSON
 */
export function readJson(path: string): unknown {
  const text = readWhole(path, LARGEST_JSON_BYTES).toString('utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${path} is damaged: ${reasonOf(error)}`);
  }
}

/**
 * Reads a file that is not to be larger than it may be. Of anything but a regular file, nothing is read: a FIFO would be
 * waited for, and a device may have no end.
 *
 * @throws InputError naming the path and the reason
 */
export function readWhole(path: string, mostBytes: number): Buffer {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found) throw new InputError(`${path} is missing`);
    if (!found.isFile()) throw new InputError(`${path} is damaged: it is no regular file`);
    if (found.size > mostBytes)
      throw new InputError(`${path} is damaged: it has ${found.size} bytes, and may have ${mostBytes}`);
    return readFileSync(path);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`Cannot read ${path}: ${reasonOf(error)}`);
  }
}

/** Bytes of a piece of a file. */
const PIECE_BYTES = 2 ** 20;

/** The bytes of a file, piece by piece, so that it is never in memory as a whole. */
export function* bytesOf(path: string): Generator<Uint8Array> {
  const file = openSync(path, 'r');
  try {
    for (;;) {
      const piece = new Uint8Array(PIECE_BYTES);
      const read = readSync(file, piece);
      if (read === 0) return;
      yield piece.subarray(0, read);
    }
  } finally {
    closeSync(file);
  }
}

const FULL = 'the disk is full; free some space, then go on (a run with `resume`)';

/** What to tell the user when a path cannot be written. */
export function cannotWrite(path: string, error: unknown): InputError {
  const { code, message } = error as NodeJS.ErrnoException;
  const known: Record<string, string> = {
    EACCES: 'the folder is not writable; choose another, or change its permissions',
    EPERM: 'the folder is not writable; choose another, or change its permissions',
    EROFS: 'the file system is read-only; choose another folder',
    ENOSPC: FULL,
    EDQUOT: FULL,
    EFBIG: 'it would be larger than a file may be there',
    ENOENT: 'no folder can be made there; choose another',
    EISDIR: 'it is a folder',
    ENOTDIR: 'a part of the path is a file, not a folder',
    EEXIST: 'a part of the path is a file, not a folder',
  };
  // Windows names no reason of its own where a folder is in the way.
  const isFolder = code === 'EPERM' && statSync(path, { throwIfNoEntry: false })?.isDirectory();
  return new InputError(`Cannot write ${path}: ${known[isFolder ? 'EISDIR' : (code ?? '')] ?? message}`);
}
