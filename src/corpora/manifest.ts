import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, parse } from 'node:path';
import Papa from 'papaparse';
import { InputError } from '../errors.js';
import type { Clip, Corpus } from './clip.js';
import { emotionOf } from './emotions.js';

const REQUIRED = ['path', 'emotion', 'speaker'];

/** Mistakes named in an error. */
const LISTED = 10;

/**
 * Reads a CSV manifest of one's own recordings: columns `path,emotion,speaker[,text]`, in any order; others are
 * ignored. Paths are relative to the manifest's folder.
 *
 * Where there is no text, every recording counts as a text of its own.
 *
 * @throws InputError with line numbers: a column or a value is missing, a file does not exist or is listed twice
 */
export function readManifest(path: string): Corpus {
  const parsed = Papa.parse<Record<string, string | undefined>>(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''), {
    header: true,
    skipEmptyLines: 'greedy',
    transformHeader: (name) => name.trim().toLowerCase(),
    transform: (value) => value.trim(),
  });
  const missing = REQUIRED.filter((column) => !parsed.meta.fields?.includes(column));
  if (missing.length > 0)
    throw new InputError(
      `${path}: expected the columns path,emotion,speaker[,text], and ${missing.join(', ')} is missing; the first line has: ${parsed.meta.fields?.join(', ') ?? ''}`,
    );
  const name = parse(path).name;
  const lines = new Map<string, number>();
  const mistakes: string[] = [];
  const clips = parsed.data.map((row, i): Clip => {
    const line = i + 2;
    const given = row.path ?? '';
    const file = isAbsolute(given) ? given : join(dirname(path), given);
    for (const column of REQUIRED) if (!row[column]) mistakes.push(`line ${line}: ${column} is empty`);
    if (given && !existsSync(file)) mistakes.push(`line ${line}: no such file: ${file}`);
    if (given && lines.has(file))
      mistakes.push(`line ${line}: ${given} is listed twice, first in line ${lines.get(file)}`);
    lines.set(file, line);
    return {
      path: file,
      corpus: name,
      speaker: row.speaker ?? '',
      emotion: emotionOf(row.emotion ?? ''),
      label: row.emotion ?? '',
      text: row.text || given,
    };
  });
  if (clips.length === 0) throw new InputError(`${path}: there are no recordings in it, only the line of column names`);
  if (mistakes.length > 0) {
    const more = mistakes.length > LISTED ? [`… and ${mistakes.length - LISTED} more`] : [];
    throw new InputError([`${path}:`, ...mistakes.slice(0, LISTED), ...more].join('\n  '));
  }
  clips.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { name: basename(name), root: path, clips, misnamed: [], repeated: [] };
}
