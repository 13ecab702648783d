import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InputError } from '../common/errors.js';
import { bytesOf, writeFile } from '../common/files.js';
import { sha256 } from '../common/sha256.js';

/** The checksums of a folder's files, as `sha256sum` lists them; `sha256sum --check checksums.txt` compares them. */
export const CHECKSUMS_FILE = 'checksums.txt';

/**
 * Writes a file by which its folder is known for what it is, and before it the checksums of it and of others there: once the
 * file is there, so are they.
 *
 * @param others - names of the files beside it that are listed, too, where they are there
 */
export function writeListed(path: string, content: string, others: readonly string[] = []): void {
  const directory = dirname(path);
  const there = others.filter((name) => existsSync(join(directory, name)));
  const listed = [
    ...there.map((name) => [sha256(bytesOf(join(directory, name))), name]),
    [sha256(content), basename(path)],
  ];
  writeFile(join(directory, CHECKSUMS_FILE), listed.map(([hash, name]) => `${hash}  ${name}\n`).join(''));
  writeFile(path, content);
}

/**
 * Makes sure that files are as they were written. A folder of an earlier version, which has no checksums, passes.
 *
 * @param names - default: all files that are listed
 * @throws InputError naming the first file that was changed, is missing, or is not listed
 */
export function requireUnchanged(directory: string, names?: readonly string[]): void {
  const list = join(directory, CHECKSUMS_FILE);
  if (!existsSync(list)) return;
  const lines = readFileSync(list, 'utf8').split('\n').filter(Boolean);
  const hashes = new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
  for (const name of names ?? hashes.keys()) {
    const path = join(directory, name);
    if (!existsSync(path)) throw new InputError(`${path} is missing`);
    if (sha256(bytesOf(path)) !== hashes.get(name))
      throw new InputError(
        `${path} was changed since it was written: its checksum is not the one in ${list}; put the original back, or start a new run`,
      );
  }
}
