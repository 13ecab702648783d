import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, parse, resolve } from 'node:path';
import Papa from 'papaparse';
import { InputError } from '../common/errors.js';
import type { Clip, Corpus } from './clip.js';
import { emotionOf } from './emotions.js';

const REQUIRED = ['path', 'emotion', 'speaker'];

/** What may stand in the column `sex`; by anything else, it is unknown. */
const SEXES: Readonly<Record<string, Clip['sex']>> = { female: 'female', f: 'female', male: 'male', m: 'male' };

/** Mistakes named in an error. */
const LISTED = 10;

/** A line of the manifest. */
interface Row {
  /** Its number in the file, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
  /** What is wrong with its quotation marks. */
  readonly malformed?: string;
}

/**
 * Reads a CSV manifest of any recordings: columns `path,emotion,speaker[,text][,sex]`, in any order; others are
 * ignored. Paths are relative to the manifest's folder. Emotions are mapped to the shared vocabulary, see
 * {@link emotionOf}. The manifest's name is the corpus's.
 *
 * Where there is no text, every recording counts as a text of its own. `sex` is `female` or `male`, and unknown with any other
 * value.
 *
 * @throws InputError if it is not UTF-8 text, has no rows, or lacks a column; and, listing the lines, if values are
 *   missing or too many, or recordings do not exist or are listed twice
 */
export function readManifest(path: string): Corpus {
  const [head, ...rows] = readRows(path);
  const columns = head?.cells.map((cell) => cell.toLowerCase()) ?? [];
  const missing = REQUIRED.filter((column) => !columns.includes(column));
  if (missing.length > 0)
    throw new InputError(
      `${path}: expected the columns path,emotion,speaker[,text], and ${missing.join(', ')} is missing; the first line has: ${columns.join(', ')}`,
    );
  if (rows.length === 0) throw new InputError(`${path}: there are no recordings in it, only the line of column names`);

  const name = parse(path).name;
  const mistakes: string[] = [];
  const lineOf = new Map<string, number>();
  const clips = rows.map(({ line, cells, malformed }): Clip => {
    const wrong = (mistake: string) => mistakes.push(`line ${line}: ${mistake}`);
    const value = (column: string) => cells[columns.indexOf(column)] ?? '';
    const given = value('path');
    const file = existing(isAbsolute(given) ? given : join(dirname(path), given));
    if (malformed) wrong(malformed);
    else if (cells.slice(columns.length).some((cell) => cell !== ''))
      wrong(`${cells.length} values for ${columns.length} columns; put a value with a comma in it in quotation marks`);
    const sex = SEXES[value('sex').toLowerCase()];
    for (const column of REQUIRED) if (!value(column)) wrong(`${column} is empty`);
    if (given) {
      const first = lineOf.get(resolve(file));
      if (!existsSync(file)) wrong(`no such file: ${file}`);
      else if (!statSync(file).isFile()) wrong(`not a file: ${file}`);
      else if (first) wrong(`${given} is listed twice, first in line ${first}`);
      else lineOf.set(resolve(file), line);
    }
    return {
      path: file,
      corpus: name,
      speaker: value('speaker'),
      emotion: emotionOf(value('emotion')),
      label: value('emotion'),
      text: value('text') || given,
      ...(sex && { sex }),
    };
  });
  if (mistakes.length > 0) {
    const more = mistakes.length > LISTED ? [`… and ${mistakes.length - LISTED} more`] : [];
    throw new InputError([`${path}:`, ...mistakes.slice(0, LISTED), ...more].join('\n  '));
  }
  clips.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { name, root: path, clips, misnamed: [], repeated: [] };
}

/** The lines that are not blank, their values trimmed. */
function readRows(path: string): Row[] {
  const { data, errors } = Papa.parse<string[]>(textOf(path));
  const malformed = new Map(errors.filter(({ type }) => type === 'Quotes').map(({ row, message }) => [row, message]));
  const rows: Row[] = [];
  let line = 1;
  for (const [i, cells] of data.entries()) {
    rows.push({ line, cells: cells.map((cell) => cell.trim()), malformed: malformed.get(i) });
    // Values in quotation marks may go over several lines.
    line += cells.join('').split(/\r\n|\r|\n/).length;
  }
  return rows.filter(({ cells }) => cells.some((cell) => cell !== ''));
}

function textOf(path: string): string {
  const bytes = readFileSync(path);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InputError(`${path} is not a text file in UTF-8; save it as "CSV UTF-8"`);
  }
}

/**
 * The spelling of a path under which there is a file. An umlaut is one character or two (NFC, NFD): in the manifest that
 * depends on the keyboard, in the folder on the system that made it.
 */
function existing(path: string): string {
  const spellings = [path, path.normalize('NFC'), path.normalize('NFD')];
  return spellings.find((spelling) => existsSync(spelling)) ?? path;
}
