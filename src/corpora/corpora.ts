/**
 * Corpora. In: a folder of recordings, or a CSV manifest. Out: the corpus, each clip with its speaker, emotion and text,
 * told from the names alone. Only `inspect.ts` opens the recordings, to list what is wrong with them.
 */

import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { AUDIO_ENDINGS } from '../audio/endings.js';
import { InputError, UsageError } from '../common/errors.js';
import { nearest } from '../common/nearest.js';
import { problemGroups } from '../common/problems.js';
import { count } from '../common/text.js';
import { aesdd } from './aesdd.js';
import { cafe } from './cafe.js';
import { chooseEmotions, type EmotionChoice } from './choose.js';
import type { Clip, Corpus } from './clip.js';
import { cremad } from './cremad.js';
import { emodb } from './emodb.js';
import { readEmotionFolders } from './emotion-folders.js';
import { emovdb } from './emovdb.js';
import { emovo } from './emovo.js';
import { emozionalmente } from './emozionalmente.js';
import { esd } from './esd.js';
import { iemocap } from './iemocap.js';
import { readersIn } from './lists.js';
import { MANIFEST_ENDINGS, readManifest } from './manifest.js';
import { meld } from './meld.js';
import { corporaOf } from './mixture.js';
import { nemo } from './nemo.js';
import { withPrintableNames } from './printable-names.js';
import { ravdess } from './ravdess.js';
import { type ClipFacts, type CorpusReader, readName, stemOf } from './reader.js';
import { byPath, endingOf, type FoundRecording, noRecordingsIn, reading, recordingsBelow } from './recordings.js';
import { savee } from './savee.js';
import { shemo } from './shemo.js';
import { tess } from './tess.js';
import { urdu } from './urdu.js';

/** The corpora whose naming is known: a new one is a file of its own and a line here. */
export const READERS: readonly CorpusReader[] = [
  ...[emodb, tess, ravdess, cremad, savee],
  ...[esd, emovdb, iemocap, meld, emovo, emozionalmente, cafe, nemo, aesdd, shemo, urdu],
];

/** File names shown in an error. */
const SHOWN = 3;

/** How a corpus is read. */
export interface LoadOptions extends EmotionChoice {
  /** Name of the corpus; recognised from the file names unless given. */
  readonly corpus?: string;
}
/** The columns of a manifest, for messages. */
const MANIFEST = 'a CSV manifest (path,emotion,speaker[,text])';

/** The reader of a corpus, or undefined for a manifest's. */
export function readerOf(name: string): CorpusReader | undefined {
  return READERS.find((reader) => reader.name === name);
}

/** The published corpora that clips are of, in alphabetical order of their names. */
export function readersOf(clips: readonly Clip[]): CorpusReader[] {
  return corporaOf(clips).flatMap((name) => readerOf(name) ?? []);
}

/** What is spoken in clips, as far as their corpora are known: ISO 639-1 codes, each once, in alphabetical order. */
export function languagesOf(clips: readonly Clip[]): string[] {
  return [...new Set(readersOf(clips).flatMap(({ language }) => language ?? []))].sort();
}

/**
 * Reads a corpus: which recordings there are, and who says what in which emotion. The recordings themselves are not
 * opened.
 *
 * A folder that holds several known corpora is read as all of them, each file as its own corpus names it. Lists that come with a
 * corpus, and say what its names do not, are read where they are in the folder. Where the names are of none
 * that is known, the folders may say the emotions, see {@link readEmotionFolders}.
 *
 * Where an utterance is there several times (a set nested twice, or in two formats), the least nested file is kept; among
 * equally nested ones, the lossless one, or else the first by path.
 *
 * @param root - folder of the recordings, or a CSV manifest (see {@link readManifest})
 * @param options - which emotions are kept; default: all
 * @throws InputError if there is no such folder, or nothing in it that fits, or a name cannot be printed
 * @throws UsageError if `corpus` is unknown, or given for a manifest; or no clip has an emotion that is chosen
 */
export async function loadCorpus(root: string, { corpus: name, ...choice }: LoadOptions = {}): Promise<Corpus> {
  const corpus = withPrintableNames(await wholeCorpus(root, name));
  return { ...corpus, clips: chooseEmotions(corpus.clips, choice) };
}

async function wholeCorpus(root: string, name: string | undefined): Promise<Corpus> {
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
    return withPrintableNames(reading(root, () => readManifest(root)));
  }
  if (!found.isDirectory())
    throw new InputError(`${root} is not a folder; give the folder of the recordings, or a .csv manifest`);

  const recordings = recordingsBelow(root);
  if (recordings.length === 0) throw new InputError(noRecordingsIn(root));
  const folder: Folder = { root, recordings, readers: readersIn(root, READERS) };
  return name === undefined ? recognised(folder) : readAs(name, folder);
}

/** A folder with recordings, and the readers that know the lists in it. */
interface Folder {
  readonly root: string;
  readonly recordings: readonly FoundRecording[];
  readonly readers: readonly CorpusReader[];
}

/** A recording that has been found, and what its name says. */
interface Utterance extends FoundRecording {
  readonly corpus: string;
  readonly facts: ClipFacts;
  /** The same for every file of the same utterance. */
  readonly key: string;
}

/** Reads the corpora that the files are named after, if at least half of them are; else the folders, where these say the emotions. */
function recognised({ root, recordings, readers }: Folder): Corpus {
  const utterances = readTogether(readers, recordings);
  const unwanted = unwantedIn(readers, without(recordings, utterances));
  const clips = utterances.filter(Boolean).length;
  if ((clips + unwanted.size) * 2 >= recordings.length) {
    if (clips === 0) throw new InputError(noneUsable(root, unwanted));
    return corpusOf(root, recordings, { utterances, unwanted });
  }
  const folders = readEmotionFolders(recordings);
  if (!folders)
    throw new InputError(
      `${root} is not a known corpus: fewer than half of its ${recordings.length} recordings (${examples(recordings)}) follow the naming of one of ${READERS.map((reader) => reader.name).join(', ')}; sort them into folders named after their emotions (angry, happy, …), name the \`corpus\`, or describe the recordings in ${MANIFEST}`,
    );
  const own = basename(resolve(root));
  const corpus = readerOf(own) ? `${own} (folders)` : own;
  const sorted = recordings.map((recording, i): Utterance | undefined => {
    const facts = folders.facts[i];
    return facts && { ...recording, corpus, facts, key: recording.relativePath.replace(/\.[^./]*$/, '') };
  });
  return { ...corpusOf(root, recordings, { utterances: sorted }), folders: folders.inWords };
}

/** Reads one corpus, and leaves out what belongs to others. */
function readAs(name: string, { root, recordings, readers }: Folder): Corpus {
  const reader = readers.find((each) => each.name === name)!;
  const utterances = recordings.map((recording) => readBy(reader, recording));
  const unwanted = unwantedIn([reader], without(recordings, utterances));
  if (!utterances.some(Boolean))
    throw new InputError(
      unwanted.size > 0
        ? noneUsable(root, unwanted)
        : `None of the ${recordings.length} recordings in ${root} (${examples(recordings)}) follows the naming of ${reader.name}; leave out its name to have the corpus recognised, or describe the recordings in ${MANIFEST}`,
    );
  const others = readTogether(readers, recordings);
  for (const [i, { path }] of recordings.entries()) {
    const other = others[i];
    if (!utterances[i] && other)
      unwanted.set(path, `a recording of ${other.corpus}, when ${reader.name} was asked for`);
  }
  return corpusOf(root, recordings, { utterances, unwanted });
}

/**
 * What each recording's name says to the corpus that it is of. Where several corpora could have given the name, it is taken for
 * the one with the most files, so that a corpus stays whole.
 */
function readTogether(
  readers: readonly CorpusReader[],
  recordings: readonly FoundRecording[],
): (Utterance | undefined)[] {
  const read = readers.map((reader) => {
    const utterances = new Map<FoundRecording, Utterance>();
    for (const recording of recordings) {
      const utterance = readBy(reader, recording);
      if (utterance) utterances.set(recording, utterance);
    }
    return utterances;
  });
  const largestFirst = read.sort((a, b) => b.size - a.size);
  return recordings.map((recording) => largestFirst.find((each) => each.has(recording))?.get(recording));
}

function readBy(reader: CorpusReader, recording: FoundRecording): Utterance | undefined {
  const read = readName(reader, recording.relativePath);
  if (!read) return undefined;
  const { facts, published } = read;
  const text = reader.utteranceOf?.(published) ?? stemOf(published);
  // The speaker is in the file's name or in the folder's.
  const own = text.toLowerCase().startsWith(`${facts.speaker}_`.toLowerCase())
    ? text.slice(facts.speaker.length + 1)
    : text;
  return { ...recording, corpus: reader.name, facts, key: `${reader.name}/${facts.speaker}/${own}`.toLowerCase() };
}

/** The recordings whose names say nothing. */
function without(
  recordings: readonly FoundRecording[],
  utterances: readonly (Utterance | undefined)[],
): FoundRecording[] {
  return recordings.filter((_, i) => !utterances[i]);
}

/** The files that corpora hold beside their clips, by path, with the reason. */
function unwantedIn(readers: readonly CorpusReader[], recordings: readonly FoundRecording[]): Map<string, string> {
  return new Map(
    recordings.flatMap(({ path, relativePath }): [string, string][] => {
      const reasons = readers.flatMap((reader) => reader.unwanted?.(relativePath) ?? []);
      return reasons.length > 0 ? [[path, reasons[0]]] : [];
    }),
  );
}

/** Why files that belong to corpora give no clip at all, for a message. */
function noneUsable(root: string, unwanted: ReadonlyMap<string, string>): string {
  const reasons = problemGroups([...unwanted].map(([path, reason]) => ({ path, reason })));
  const words = reasons.map(({ reason, paths }) => `${reason} (${count(paths.length, 'file')}, such as ${paths[0]})`);
  return `There are no clips in ${root}: ${words.join('; ')}`;
}

/** The first few names. */
function examples(recordings: readonly FoundRecording[]): string {
  const names = recordings.slice(0, SHOWN).map(({ relativePath }) => relativePath);
  return [...names, ...(recordings.length > SHOWN ? ['…'] : [])].join(', ');
}

/** Makes clips of the recordings that are known, one of each utterance. */
function corpusOf(
  root: string,
  recordings: readonly FoundRecording[],
  {
    utterances,
    unwanted = new Map(),
  }: { readonly utterances: readonly (Utterance | undefined)[]; readonly unwanted?: ReadonlyMap<string, string> },
): Corpus {
  const clips: Clip[] = [];
  const repeated: string[] = [];
  const seen = new Set<string>();
  // The least nested copy of an utterance is the one that is kept.
  const depth = ({ relativePath }: FoundRecording) => relativePath.split('/').length;
  const format = ({ path }: FoundRecording) => AUDIO_ENDINGS.indexOf(endingOf(path));
  const known = utterances.flatMap((utterance) => utterance ?? []);
  const several = new Set(known.map(({ corpus }) => corpus)).size > 1;
  for (const utterance of known.sort((a, b) => depth(a) - depth(b) || format(a) - format(b))) {
    const { path, corpus, facts, key } = utterance;
    // Speakers and texts of two corpora may have the same name without being the same.
    const own = several ? { speaker: `${corpus}/${facts.speaker}`, text: `${corpus}/${facts.text}` } : {};
    if (seen.has(key)) repeated.push(path);
    else clips.push({ path, corpus, ...facts, ...own });
    seen.add(key);
  }
  const misnamed = recordings.flatMap(({ path }, i) => (utterances[i] || unwanted.has(path) ? [] : [path]));
  const published = readersOf(clips).map((reader) => publishedClipsOf(reader, clips));
  return {
    name: corporaOf(clips).join(' + '),
    root,
    clips: clips.sort((a, b) => byPath(a.path, b.path)),
    misnamed,
    repeated: repeated.sort(byPath),
    ...(unwanted.size > 0 && { unwanted: [...unwanted].map(([path, reason]) => ({ path, reason })) }),
    ...(published.length > 0 && { publishedClips: published.reduce((sum, each) => sum + each, 0) }),
  };
}

/** The titles of the published corpora that clips are of; undefined of recordings that are of none. */
export function titleOf(clips: readonly Clip[]): string | undefined {
  const readers = readersOf(clips);
  return readers.length > 0 ? readers.map(({ title }) => title).join('; ') : undefined;
}

function publishedClipsOf(reader: CorpusReader, clips: readonly Clip[]): number {
  const own = clips.filter(({ corpus }) => corpus === reader.name);
  return reader.publishedClipsOf?.(own) ?? reader.publishedClips;
}

/** Names beside a path that does not exist. */
function siblingsOf(path: string): string[] {
  try {
    return readdirSync(dirname(resolve(path)));
  } catch {
    return [];
  }
}

function isManifest(path: string): boolean {
  return MANIFEST_ENDINGS.includes(endingOf(path));
}
