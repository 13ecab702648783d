import type { Clip } from './clip.js';
import { emotionOf } from './emotions.js';

/** What a corpus's naming says about a recording. */
export type ClipFacts = Omit<Clip, 'path' | 'segment' | 'corpus'>;

/** A text file that comes with a corpus. */
export interface CorpusList {
  /** Relative to the corpus's folder, with `/` between folders. */
  readonly path: string;
  readonly text: string;
}

/** The lists of a corpus whose file names do not tell the emotions. */
export interface CorpusLists {
  /** Whether a file in the corpus's folder is one of them, by its path as in {@link CorpusList}. */
  includes(path: string): boolean;
  /** Reads them; without them, or where they do not name a recording, `unwanted` says so. */
  read(lists: readonly CorpusList[]): Pick<CorpusReader, 'parse' | 'unwanted'>;
}

/** A published corpus: what is known of it, and how its file names are read. */
export interface CorpusReader {
  readonly name: string;
  readonly title: string;
  /** Number of clips as published. */
  readonly publishedClips: number;
  /** The same for a corpus published in parts: counts the parts that these clips belong to. */
  readonly publishedClipsOf?: (clips: readonly Clip[]) => number;
  /** The language spoken in it, by its ISO 639-1 code; several if each speaker speaks one of them. */
  readonly language?: string | readonly string[];
  /** Whether the emotions are acted; default: true. */
  readonly acted?: boolean;
  readonly licence: string;
  /** Where to get it. */
  readonly source: string;
  readonly citation: string;
  /** What a report has to mention where the copy that comes with the project was used. */
  readonly suppliedNote?: string;
  /**
   * What this reader was tried on where the recordings could not be had: a published list of their names, or only what
   * is written about them.
   */
  readonly triedOnlyOn?: 'names' | 'descriptions';
  /** The lists that tell what the names do not. */
  readonly lists?: CorpusLists;
  /**
   * Reads a recording's name.
   *
   * @param path - relative to the corpus's folder, with `/` between folders
   * @returns undefined if the name does not follow the corpus's naming
   */
  parse(path: string): ClipFacts | undefined;
  /** Why a file that belongs to the corpus is no clip of it, e.g. a video without sound; undefined of all others. */
  unwanted?(path: string): string | undefined;
  /** What two files of the same utterance have in common; default: the file's name without its ending. */
  utteranceOf?(path: string): string;
}

/** What a path says, and the path as the corpus has it. */
export interface ReadName {
  readonly facts: ClipFacts;
  readonly published: string;
}

/** `03-01-02-01-01-01-01_calm.wav`: a name that somebody has written the emotion behind. */
const WITH_EMOTION = /^(.+)[_-]([a-z]+)(\.[^./]+)$/i;

/**
 * Reads a recording's name as the corpus has it, or with its emotion written behind it.
 *
 * @returns undefined if it follows the corpus's naming in neither way, or names two emotions
 */
export function readName(reader: CorpusReader, path: string): ReadName | undefined {
  const facts = reader.parse(path);
  if (facts) return { facts, published: path };
  const [, stem, word, ending] = path.match(WITH_EMOTION) ?? [];
  if (word === undefined) return undefined;
  const published = stem + ending;
  const found = reader.parse(published);
  return found && found.emotion === emotionOf(word) ? { facts: found, published } : undefined;
}

/** The file's name without folders and extension. */
export function stemOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.[^.]*$/, '');
}
