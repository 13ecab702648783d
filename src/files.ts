import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Papa from 'papaparse';
import writeFileAtomic from 'write-file-atomic';
import { InputError } from './errors.js';

/**
 * Writes a file whole or not at all: to a temporary name beside it, then renamed. Folders are made as needed.
 *
 * @param fsync - waits until the data is on the disk (default); for what can be made again it need not be
 * @throws InputError naming the path and the reason (read-only folder, full disk, …)
 */
export function writeFile(path: string, data: string | Uint8Array, { fsync = true } = {}): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    const bytes = typeof data === 'string' ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    writeFileAtomic.sync(path, bytes, { fsync });
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

/** Writes a value as indented JSON. */
export function writeJson(path: string, value: unknown): void {
  writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** Writes rows as CSV with a header line; the columns are the first row's unless given. */
export function writeCsv(path: string, rows: readonly object[], columns?: readonly string[]): void {
  writeFile(path, `${Papa.unparse(rows as object[], { columns: columns as string[], newline: '\n' })}\n`);
}

/**
 * Reads a JSON file.
 *
 * @throws InputError if it is missing or not JSON
 */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new InputError(existsSync(path) ? `${path} is damaged: ${(error as Error).message}` : `${path} is missing`);
  }
}

/** What to tell the user when a path cannot be written. */
export function cannotWrite(path: string, error: unknown): InputError {
  const { code, message } = error as NodeJS.ErrnoException;
  const known: Record<string, string> = {
    EACCES: 'the folder is not writable; choose another with --out, or change its permissions',
    EPERM: 'the folder is not writable; choose another with --out, or change its permissions',
    EROFS: 'the file system is read-only; choose another folder with --out',
    ENOSPC: 'the disk is full; free some space and continue with --resume',
    ENOTDIR: 'a part of the path is a file, not a folder',
    EEXIST: 'a part of the path is a file, not a folder',
  };
  return new InputError(`Cannot write ${path}: ${known[code ?? ''] ?? message}`);
}
