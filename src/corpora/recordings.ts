import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { AUDIO_ENDINGS } from '../audio/endings.js';
import { InputError, reasonOf } from '../common/errors.js';

/** What recordings come packed in. */
const ARCHIVE_ENDINGS = ['.zip', '.tar', '.tgz', '.gz', '.bz2', '.xz', '.7z', '.rar'];

/** Names of places that hold no recordings of the user's. */
const IGNORED = '__MACOSX';

/** A recording in a folder. */
export interface FoundRecording {
  /** Usable from the working directory. */
  readonly path: string;
  /** Relative to the folder, with `/` between folders and letters in their composed form. */
  readonly relativePath: string;
}

/** The recordings below a folder, see {@link audioFilesBelow}. */
export function recordingsBelow(root: string): FoundRecording[] {
  return audioFilesBelow(root).map((path) => ({
    path,
    relativePath: relative(root, path).split(sep).join('/').normalize('NFC'),
  }));
}

/**
 * All recordings at a path: the file itself, or those below a folder, in an order that is the same on every machine.
 *
 * Left out are hidden files and folders, such as the `._x.wav` that macOS puts beside each file, and `__MACOSX`.
 *
 * @throws InputError if a folder cannot be read
 */
export function audioFilesBelow(path: string): string[] {
  if (!reading(path, () => statSync(path)).isDirectory()) return [path];
  return filesBelow(path, AUDIO_ENDINGS);
}

/** Why there are no recordings in a folder, and what to do, for a message. */
export function noRecordingsIn(root: string): string {
  const [archive] = filesBelow(root, ARCHIVE_ENDINGS);
  return archive === undefined
    ? `There are no recordings in ${root}; expected files ending in .wav, .flac, .mp3, .ogg, .opus, .m4a or the like`
    : `There are no recordings in ${root}, but an archive; unpack it first: ${archive}`;
}

/** All files below a folder that have one of these endings, found as {@link audioFilesBelow} finds recordings. */
export function filesBelow(root: string, endings: readonly string[]): string[] {
  const below = (folder: string, above: readonly string[]): string[] => {
    const real = reading(folder, () => realpathSync(folder));
    // A link to a folder above it would be followed for ever.
    if (above.includes(real)) return [];
    return reading(folder, () => readdirSync(folder, { withFileTypes: true }))
      .filter(({ name }) => !name.startsWith('.') && name !== IGNORED)
      .flatMap((entry) => {
        const inner = join(folder, entry.name);
        if (isFolder(entry, inner)) return below(inner, [...above, real]);
        return endings.includes(endingOf(entry.name)) ? [inner] : [];
      });
  };
  return below(root, []).sort(byPath);
}

/** A file's ending, in lower case, with its point. */
export function endingOf(path: string): string {
  return extname(path).toLowerCase();
}

function isFolder(entry: Dirent, path: string): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  try {
    return statSync(path).isDirectory();
  } catch {
    // A link to nothing: named like a recording, it counts as one that cannot be read.
    return false;
  }
}

/** Does what may fail because of the file system, and says where it failed. */
export function reading<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`Cannot read ${path}: ${reasonOf(error)}`);
  }
}

/** By code units, which, unlike a locale's order, is the same everywhere. */
export function byPath(a: string, b: string): number {
  return a < b ? -1 : 1;
}
