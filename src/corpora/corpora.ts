import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import { InputError, UsageError } from '../errors.js';
import { nearest } from '../nearest.js';
import type { Clip, Corpus } from './clip.js';
import { cremad } from './cremad.js';
import { emodb } from './emodb.js';
import { readManifest } from './manifest.js';
import { ravdess } from './ravdess.js';
import { type CorpusReader, stemOf } from './reader.js';
import { savee } from './savee.js';
import { tess } from './tess.js';

/** The corpora whose naming is known. */
export const READERS: readonly CorpusReader[] = [emodb, tess, ravdess, cremad, savee];

/** Endings of the files that are taken for recordings; what is in them is told by their content. */
const AUDIO_ENDINGS = ['.wav', '.flac', '.mp3', '.ogg', '.oga', '.opus'];

/** File names shown in an error. */
const SHOWN = 3;

/** The reader of a corpus, or undefined for a manifest's. */
export function readerOf(name: string): CorpusReader | undefined {
  return READERS.find((reader) => reader.name === name);
}

/**
 * Reads a corpus: which recordings there are, and who says what in which emotion.
 *
 * @param root - folder of the recordings, or a CSV manifest
 * @param corpus - name of the corpus; recognised from the file names unless given
 * @throws InputError if there is no such folder, or nothing in it that fits
 * @throws UsageError if `corpus` is unknown
 */
export async function loadCorpus(root: string, { corpus: name }: { corpus?: string } = {}): Promise<Corpus> {
  const known = READERS.map((reader) => reader.name);
  if (name !== undefined && !readerOf(name) && !isManifest(root))
    throw new UsageError(
      `Unknown corpus ${name}${nearest(name, known)}; known are ${known.join(', ')}, and any recordings by a CSV manifest`,
    );
  const found = statSync(root, { throwIfNoEntry: false });
  if (!found) throw new InputError(`No such folder: ${root}${nearest(basename(root), siblingsOf(root))}`);
  if (isManifest(root)) return readManifest(root);
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
 * All recordings at a path: the file itself, or those below a folder, hidden ones left out; sorted.
 */
export function audioFilesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  const hidden = (name: string) => name.startsWith('.') || name === '__MACOSX';
  const below = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !hidden(entry.name))
      .flatMap((entry) => {
        const inner = join(folder, entry.name);
        if (statSync(inner, { throwIfNoEntry: false })?.isDirectory()) return below(inner);
        return AUDIO_ENDINGS.includes(extname(entry.name).toLowerCase()) ? [inner] : [];
      });
  return below(path).sort((a, b) => (a < b ? -1 : 1));
}

function isManifest(path: string): boolean {
  return extname(path).toLowerCase() === '.csv';
}

/** The corpus that most of the files are named after: at least half of them. */
function recognised(root: string, relativePaths: readonly string[]): CorpusReader {
  const counts = READERS.map((reader) => relativePaths.filter((path) => reader.parse(path)).length);
  const most = Math.max(...counts);
  if (most * 2 < relativePaths.length || most === 0)
    throw new InputError(
      `${root} is no known corpus: its ${relativePaths.length} recordings (${relativePaths.slice(0, SHOWN).join(', ')}, …) follow the naming of none of ${READERS.map((reader) => reader.name).join(', ')}; name the corpus with --corpus, or describe the recordings in a CSV manifest (path,emotion,speaker[,text])`,
    );
  return READERS[counts.indexOf(most)];
}

function read(reader: CorpusReader, root: string, files: readonly [path: string, relativePath: string][]): Corpus {
  const clips: Clip[] = [];
  const misnamed: string[] = [];
  const repeated: string[] = [];
  const seen = new Set<string>();
  // The least nested copy of an utterance is the one that is kept.
  const depth = (path: string) => path.split('/').length;
  for (const [path, relativePath] of [...files].sort((a, b) => depth(a[1]) - depth(b[1]))) {
    const facts = reader.parse(relativePath);
    if (!facts) {
      misnamed.push(path);
      continue;
    }
    const utterance = `${facts.speaker}/${stemOf(relativePath).toLowerCase()}`;
    if (seen.has(utterance)) repeated.push(path);
    else clips.push({ path, corpus: reader.name, ...facts });
    seen.add(utterance);
  }
  if (clips.length === 0)
    throw new InputError(
      `None of the ${files.length} recordings in ${root} follows the naming of ${reader.name}, e.g. ${files[0][1]}`,
    );
  const byPath = (a: string, b: string) => (a < b ? -1 : 1);
  return {
    name: reader.name,
    root,
    clips: clips.sort((a, b) => byPath(a.path, b.path)),
    misnamed: misnamed.sort(byPath),
    repeated: repeated.sort(byPath),
  };
}

/** Names beside a path that does not exist. */
function siblingsOf(path: string): string[] {
  const folder = dirname(resolve(path));
  return existsSync(folder) ? readdirSync(folder) : [];
}
