/**
 * Corpora. In: a folder of recordings, or a CSV manifest. Out: the corpus, each clip with its speaker, emotion and text,
 * told from the names alone. Only `inspect.ts` opens the recordings, to list what is wrong with them.
 */

import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import { AUDIO_ENDINGS } from '../audio/endings.js';
import { InputError, reasonOf, UsageError } from '../common/errors.js';
import { nearest } from '../common/nearest.js';
import type { Clip, Corpus } from './clip.js';
import { cremad } from './cremad.js';
import { emodb } from './emodb.js';
import { readManifest } from './manifest.js';
import { ravdess } from './ravdess.js';
import { type CorpusReader, stemOf } from './reader.js';
import { savee } from './savee.js';
import { tess } from './tess.js';

/** The corpora whose naming is known: a new one is a file of its own and a line here. */
export const READERS: readonly CorpusReader[] = [emodb, tess, ravdess, cremad, savee];

/** File names shown in an error. */
const SHOWN = 3;

/** The reader of a corpus, or undefined for a manifest's. */
export function readerOf(name: string): CorpusReader | undefined {
  return READERS.find((reader) => reader.name === name);
}

/**
 * Reads a corpus: which recordings there are, and who says what in which emotion. The recordings themselves are not
 * opened.
 *
 * Where an utterance is there several times (a set nested twice, or in two formats), the least nested file is kept; among
 * equally nested ones, the lossless one, or else the first by path.
 *
 * @param root - folder of the recordings, or a CSV manifest (see {@link readManifest})
 * @param corpus - name of the corpus; recognised from the file names unless given
 * @throws InputError if there is no such folder, or nothing in it that fits
 * @throws UsageError if `corpus` is unknown, or given for a manifest
 */
export async function loadCorpus(root: string, { corpus: name }: { corpus?: string } = {}): Promise<Corpus> {
  const known = READERS.map((reader) => reader.name);
  if (name !== undefined && !readerOf(name))
    throw new UsageError(
      `Unknown corpus ${name}${nearest(name, known)}; known are ${known.join(', ')}; other recordings are described in a CSV manifest`,
    );
  const found = reading(root, () => statSync(root, { throwIfNoEntry: false }));
  if (!found)
    throw new InputError(
      `No such ${isManifest(root) ? 'manifest' : 'folder'}: ${root}${nearest(basename(root), siblingsOf(root))}`,
    );
  if (found.isFile() && isManifest(root)) {
    if (name !== undefined)
      throw new UsageError(
        `Cannot read ${root} as ${name}: a manifest says what is in it; leave out the name of the corpus`,
      );
    return reading(root, () => readManifest(root));
  }
  if (!found.isDirectory())
    throw new InputError(`${root} is not a folder; give the folder of the recordings, or a .csv manifest`);

  const paths = audioFilesBelow(root);
  if (paths.length === 0)
    throw new InputError(`There are no recordings in ${root}; expected files ending in ${AUDIO_ENDINGS.join(', ')}`);
  const relativePaths = paths.map((path) => relative(root, path).split(sep).join('/').normalize('NFC'));
  const reader = name ? readerOf(name)! : recognised(root, relativePaths);
  return read(
    reader,
    root,
    paths.map((path, i) => [path, relativePaths[i]]),
  );
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
  const below = (folder: string, above: readonly string[]): string[] => {
    const real = reading(folder, () => realpathSync(folder));
    // A link to a folder above it would be followed for ever.
    if (above.includes(real)) return [];
    return reading(folder, () => readdirSync(folder, { withFileTypes: true }))
      .filter(({ name }) => !name.startsWith('.') && name !== '__MACOSX')
      .flatMap((entry) => {
        const inner = join(folder, entry.name);
        if (isFolder(entry, inner)) return below(inner, [...above, real]);
        return AUDIO_ENDINGS.includes(extname(entry.name).toLowerCase()) ? [inner] : [];
      });
  };
  return below(path, []).sort(byPath);
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
function reading<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`Cannot read ${path}: ${reasonOf(error)}`);
  }
}

/** By code units, which, unlike a locale's order, is the same everywhere. */
function byPath(a: string, b: string): number {
  return a < b ? -1 : 1;
}

function isManifest(path: string): boolean {
  return extname(path).toLowerCase() === '.csv';
}

/** The corpus that most of the files are named after: at least half of them. */
function recognised(root: string, relativePaths: readonly string[]): CorpusReader {
  const counts = READERS.map((reader) => relativePaths.filter((path) => reader.parse(path)).length);
  const most = Math.max(...counts);
  if (most === 0 || most * 2 < relativePaths.length)
    throw new InputError(
      `${root} is not a known corpus: fewer than half of its ${relativePaths.length} recordings (${examples(relativePaths)}) follow the naming of one of ${READERS.map((reader) => reader.name).join(', ')}; name the \`corpus\`, or describe the recordings in a CSV manifest (path,emotion,speaker[,text])`,
    );
  return READERS[counts.indexOf(most)];
}

/** The first few names. */
function examples(names: readonly string[]): string {
  return [...names.slice(0, SHOWN), ...(names.length > SHOWN ? ['…'] : [])].join(', ');
}

function read(reader: CorpusReader, root: string, files: readonly [path: string, relativePath: string][]): Corpus {
  const clips: Clip[] = [];
  const misnamed: string[] = [];
  const repeated: string[] = [];
  const seen = new Set<string>();
  // The least nested copy of an utterance is the one that is kept.
  const depth = (path: string) => path.split('/').length;
  const format = (path: string) => AUDIO_ENDINGS.indexOf(extname(path).toLowerCase());
  const bestFirst = [...files].sort(([, a], [, b]) => depth(a) - depth(b) || format(a) - format(b));
  for (const [path, relativePath] of bestFirst) {
    const facts = reader.parse(relativePath);
    if (!facts) {
      misnamed.push(path);
      continue;
    }
    const utterance = utteranceOf(facts.speaker, relativePath);
    if (seen.has(utterance)) repeated.push(path);
    else clips.push({ path, corpus: reader.name, ...facts });
    seen.add(utterance);
  }
  if (clips.length === 0)
    throw new InputError(
      `None of the ${files.length} recordings in ${root} (${examples(files.map((file) => file[1]))}) follows the naming of ${reader.name}; leave out its name to have the corpus recognised, or describe the recordings in a CSV manifest (path,emotion,speaker[,text])`,
    );
  return {
    name: reader.name,
    root,
    clips: clips.sort((a, b) => byPath(a.path, b.path)),
    misnamed: misnamed.sort(byPath),
    repeated: repeated.sort(byPath),
    publishedClips: reader.publishedClipsOf?.(clips) ?? reader.publishedClips,
  };
}

/** Two files with the same one hold the same utterance. The speaker is in the file's name or in the folder's. */
function utteranceOf(speaker: string, relativePath: string): string {
  const stem = stemOf(relativePath);
  return `${speaker}/${stem.startsWith(`${speaker}_`) ? stem.slice(speaker.length + 1) : stem}`.toLowerCase();
}

/** Names beside a path that does not exist. */
function siblingsOf(path: string): string[] {
  try {
    return readdirSync(dirname(resolve(path)));
  } catch {
    return [];
  }
}
