import type { Clip } from './clip.js';

/** What a corpus's naming says about a recording. */
export type ClipFacts = Omit<Clip, 'path' | 'corpus'>;

/** A published corpus: what is known of it, and how its file names are read. */
export interface CorpusReader {
  readonly name: string;
  readonly title: string;
  /** Number of clips as published. */
  readonly publishedClips: number;
  /** The same for a corpus published in parts: counts the parts that these clips belong to. */
  readonly publishedClipsOf?: (clips: readonly Clip[]) => number;
  /** The language spoken in it, by its ISO 639-1 code. */
  readonly language?: string;
  readonly licence: string;
  /** Where to get it. */
  readonly source: string;
  readonly citation: string;
  /** What a report has to mention where the copy that comes with the project was used. */
  readonly suppliedNote?: string;
  /**
   * Reads a recording's name.
   *
   * @param path - relative to the corpus's folder, with `/` between folders
   * @returns undefined if the name does not follow the corpus's naming
   */
  parse(path: string): ClipFacts | undefined;
}

/** The file's name without folders and extension. */
export function stemOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.[^.]*$/, '');
}
