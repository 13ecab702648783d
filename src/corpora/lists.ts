import { readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import Papa from 'papaparse';
import type { CorpusList, CorpusReader } from './reader.js';
import { filesBelow, reading } from './recordings.js';

/** Endings of the lists that come with corpora. */
const LIST_ENDINGS = ['.csv', '.txt'];

/**
 * The readers for the recordings in a folder: those of corpora that come with lists have read the ones that are there.
 *
 * @throws InputError if a list cannot be read
 */
export function readersIn(root: string, readers: readonly CorpusReader[]): CorpusReader[] {
  const files = filesBelow(root, LIST_ENDINGS);
  return readers.map((reader) => {
    if (!reader.lists) return reader;
    const lists = files
      .map((file): [string, string] => [file, relative(root, file).split(sep).join('/')])
      .filter(([, path]) => reader.lists!.includes(path))
      .map(([file, path]): CorpusList => ({ path, text: reading(file, () => readFileSync(file, 'utf8')) }));
    return { ...reader, ...reader.lists.read(lists) };
  });
}

/** The rows of a CSV list, each by the names of its columns. */
export function rowsOf({ text }: CorpusList): Partial<Record<string, string>>[] {
  const { data } = Papa.parse<Record<string, string>>(text.replace(/^\uFEFF/, ''), {
    header: true,
    skipEmptyLines: true,
    transformHeader: (column) => column.trim(),
    transform: (value) => value.trim(),
  });
  return data;
}
