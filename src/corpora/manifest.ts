import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, parse, resolve } from 'node:path';
import Papa from 'papaparse';
import { bySource, type Segment, segmentInWords, sourceName } from '../audio/segment.js';
import { InputError } from '../common/errors.js';
import { ownText, textPool } from '../common/text-pool.js';
import { type Clip, type Corpus, clipOf } from './clip.js';
import { emotionOf, isMissing } from './emotions.js';
import { secondsOf } from './times.js';

/** What a column may be named, in any case; where a list has several of them, the first one here counts. */
const COLUMNS = {
  path: ['path', 'file', 'filename', 'file_name', 'filepath', 'file_path', 'audio', 'audio_path', 'audio_file', 'wav'],
  emotion: ['emotion', 'emotions', 'label', 'labels', 'emotion_label', 'class'],
  speaker: ['speaker', 'speaker_id', 'speakerid', 'speaker_name', 'spk', 'spk_id', 'actor', 'actor_id', 'subject'],
  text: ['text', 'sentence', 'transcript', 'transcription', 'utterance'],
  sex: ['sex', 'gender'],
  start: ['start', 'start_time', 'start_seconds'],
  end: ['end', 'end_time', 'end_seconds'],
  duration: ['duration', 'duration_seconds'],
} as const;
type Column = keyof typeof COLUMNS;

const REQUIRED = ['path', 'emotion'] as const;

/** Endings of manifests, in lower case. */
export const MANIFEST_ENDINGS = ['.csv', '.tsv'];

/** What may stand in the column `sex`; by anything else, it is unknown. */
const SEXES: Readonly<Record<string, Clip['sex']>> = { female: 'female', f: 'female', male: 'male', m: 'male' };

/** Mistakes named in an error. */
const LISTED = 10;

/** Spreadsheets name the character between the values in a first line of its own: `sep=;`. */
const SEPARATOR_LINE = /^"?sep=(.)"?[^\S\r\n]*(\r\n|\r|\n)/i;

/** Characters from the beginning that tell what stands between values and between lines. */
const TOLD_BY = 2 ** 20;

/** A line of the manifest. */
interface Row {
  /** Its number in the file, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
  /** What is wrong with its quotation marks. */
  readonly malformed?: string;
}

/**
 * Reads a manifest of any recordings, CSV or TSV in UTF-8 or UTF-16: columns `path,emotion[,speaker][,text][,sex]` or other usual names
 * of these, see {@link COLUMNS}, in any order; others are ignored. Paths are relative to the manifest's folder, with `/` or `\`.
 * Emotions are mapped to the shared vocabulary, see {@link emotionOf}. The manifest's name is the corpus's.
 *
 * Where there is no text, every recording counts as a text of its own; where there is no speaker, it is unknown. `sex` is `female` or
 * `male`, and unknown with any other value. Lines without an emotion (see {@link isMissing}) are left out, as `unwanted`.
 *
 * With a column `start` or `end`, a line is a segment of its recording: from `start`, or else the beginning, to `end`, or as long as
 * `duration` says, or else to the end of the recording; times are in seconds or as pandas writes them, see {@link secondsOf}.
 *
 * @throws InputError if it is not text, has no rows, or lacks a column; and, listing the lines, if values are
 *   missing, wrong or too many, or recordings do not exist or are listed twice
 */
export function readManifest(path: string): Corpus {
  const text = textOf(path);
  const names = namesIn(text, path);
  const columns = columnsIn(names);
  const missing = REQUIRED.filter((column) => columns[column] < 0);
  if (missing.length > 0)
    throw new InputError(
      `${path}: expected the columns path,emotion,speaker[,text], and ${missing.map((column) => `${column} (or ${COLUMNS[column].slice(1).join(', ')})`).join(' and ')} is missing; the first line has: ${names.join(', ')}`,
    );

  const name = parse(path).name;
  const mistakes: string[] = [];
  let moreMistakes = 0;
  const unwanted: { path: string; reason: string }[] = [];
  const clips: Clip[] = [];
  const placeOf = places(dirname(path));
  const pooled = textPool();
  const valueIn = ({ cells }: Row, column: Column) => cells[columns[column]] ?? '';
  const anySpeaker = someRow(text, path, (row) => !isMissing(valueIn(row, 'speaker')));
  let rows = 0;
  let row: Row;
  const value = (column: Column) => valueIn(row, column);
  const wrong = (mistake: string) => {
    if (mistakes.length < LISTED) mistakes.push(`line ${row.line}: ${mistake}`);
    else moreMistakes++;
  };
  eachRow(text, path, (next) => {
    row = next;
    rows++;
    const { line, cells, malformed } = row;
    const given = value('path');
    if (malformed) wrong(malformed);
    else if (cells.slice(names.length).some((cell) => cell !== ''))
      wrong(`${cells.length} values for ${names.length} columns; put a value with a comma in it in quotation marks`);
    const speaker = isMissing(value('speaker')) ? '' : value('speaker');
    if (!given) wrong('path is empty');
    if (anySpeaker && !speaker) wrong('speaker is empty; name the speakers of all recordings, or of none');
    const segment = segmentOf(value, wrong);
    const place = placeOf(given);
    const source = { path: place.path, ...(segment && { segment }) };
    const said = sourceName({ path: given, segment });
    if (given) {
      const part = segment ? segmentInWords(segment) : '';
      const first = place.lineOf.get(part);
      if (place.problem) wrong(place.problem);
      else if (first) wrong(`${said} is listed twice, first in line ${first}`);
      else place.lineOf.set(part, line);
    }
    const label = pooled(value('emotion'));
    if (isMissing(label)) {
      unwanted.push({
        path: ownText(sourceName(source)),
        reason: pooled(`the manifest says ${label || 'nothing'} for its emotion`),
      });
      return;
    }
    const sex = SEXES[value('sex').toLowerCase()];
    clips.push(
      clipOf({
        ...source,
        corpus: name,
        speaker: pooled(speaker),
        emotion: pooled(emotionOf(label)),
        label,
        text: value('text') ? pooled(value('text')) : said === place.path ? place.path : ownText(said),
        ...(sex && { sex }),
      }),
    );
  });
  if (mistakes.length > 0) {
    const more = moreMistakes > 0 ? [`… and ${moreMistakes} more`] : [];
    throw new InputError([`${path}:`, ...mistakes, ...more].join('\n  '));
  }
  if (rows === 0) throw new InputError(`${path}: there are no recordings in it, only the line of column names`);
  if (clips.length === 0)
    throw new InputError(
      `${path}: none of its ${rows} recordings has an emotion in the column ${names[columns.emotion]}`,
    );
  return { name, root: path, clips: clips.sort(bySource), misnamed: [], repeated: [], unwanted };
}

/** Where each column is; -1 where it is not there. */
function columnsIn(names: readonly string[]): Record<Column, number> {
  return Object.fromEntries(
    Object.entries<readonly string[]>(COLUMNS).map(([column, known]) => [
      column,
      names.indexOf(known.find((name) => names.includes(name)) ?? column),
    ]),
  ) as Record<Column, number>;
}

/** The segment that a line names; undefined where it is the whole recording. */
function segmentOf(value: (column: Column) => string, wrong: (mistake: string) => void): Segment | undefined {
  const time = (column: Column) => {
    const text = value(column);
    if (isMissing(text)) return undefined;
    const seconds = secondsOf(text);
    if (Number.isNaN(seconds)) wrong(`${column} is no time: ${text}; expected seconds, or 0 days 00:00:01.5`);
    return seconds;
  };
  const [start, end] = [time('start'), time('end')];
  // A duration alone says how long the recording is, as in many lists.
  if (start === undefined && end === undefined) return undefined;
  const startSeconds = start ?? 0;
  const length = end === undefined ? time('duration') : undefined;
  const endSeconds = length === undefined ? end : startSeconds + length;
  if (startSeconds === 0 && endSeconds === undefined) return undefined;
  const segment = { startSeconds, ...(endSeconds !== undefined && { endSeconds }) };
  if (endSeconds !== undefined && endSeconds <= startSeconds)
    wrong(`the segment from ${segmentInWords(segment)} is empty`);
  return segment;
}

/** The names of the columns, in lower case; none where the list is blank. */
function namesIn(text: string, path: string): readonly string[] {
  let names: readonly string[] = [];
  parseRows(text, path, ({ cells }) => {
    names = cells.map((cell) => cell.toLowerCase());
    return true;
  });
  return names;
}

/** Whether there is such a line below that of the column names. */
function someRow(text: string, path: string, is: (row: Row) => boolean): boolean {
  let found = false;
  let isHead = true;
  parseRows(text, path, (row) => {
    found = !isHead && is(row);
    isHead = false;
    return found;
  });
  return found;
}

/** Hands over one line after the other, below that of the column names. */
function eachRow(text: string, path: string, take: (row: Row) => void): void {
  someRow(text, path, (row) => {
    take(row);
    return false;
  });
}

/** Hands over the lines that are not blank, their values trimmed, until one is enough: together they would fill the memory. */
function parseRows(whole: string, path: string, take: (row: Row) => boolean): void {
  const [separatorLine = '', named] = whole.match(SEPARATOR_LINE) ?? [];
  const text = whole.slice(separatorLine.length);
  // What is found by itself may be wrong where texts are full of commas.
  const delimiter = named ?? (parse(path).ext.toLowerCase() === '.tsv' ? '\t' : undefined);
  const { meta } = Papa.parse(text.slice(0, TOLD_BY), { delimiter, preview: 1 });
  let line = separatorLine ? 2 : 1;
  Papa.parse<string[]>(text, {
    delimiter: meta.delimiter,
    newline: meta.linebreak as '\n',
    // It would be faster by holding all lines at once.
    fastMode: false,
    step({ data, errors }, parser) {
      const cells = data.map((cell) => cell.trim());
      const malformed = errors.findLast(({ type }) => type === 'Quotes')?.message;
      if (cells.some((cell) => cell !== '') && take({ line, cells, malformed })) parser.abort();
      // Values in quotation marks may go over several lines.
      line += data.join('').split(/\r\n|\r|\n/).length;
    },
  });
}

/** The text of a file in UTF-8, or in UTF-16 where its first bytes say so, without the byte order mark. */
function textOf(path: string): string {
  const bytes = readFileSync(path);
  const mark = bytes.length >= 2 ? bytes.readUInt16BE(0) : 0;
  const encoding = mark === 0xfffe ? 'utf-16le' : mark === 0xfeff ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new InputError(`${path} is not a text file in UTF-8 or UTF-16; save it as "CSV UTF-8"`);
  }
}

/** A recording that a manifest names. */
interface Place {
  /** The spelling under which it is there. */
  readonly path: string;
  /** Why it is no recording. */
  readonly problem?: string;
  /** By the segment, or nothing for all of it, the line that names it first. */
  readonly lineOf: Map<string, number>;
}

/** Finds the recordings that are named in a manifest, each once: there may be many segments of one. */
function places(folder: string): (given: string) => Place {
  const known = new Map<string, Place>();
  return (given) => {
    const whole = inFolder(given, folder);
    const before = known.get(resolve(whole));
    if (before) return before;
    const path = ownText(spellingsOf(given, folder).find((spelling) => existsSync(spelling)) ?? whole);
    const key = resolve(path);
    const place = known.get(key) ?? { path, problem: problemWith(path), lineOf: new Map<string, number>() };
    known.set(key === path ? path : key, place);
    return place;
  };
}

function problemWith(path: string): string | undefined {
  if (!existsSync(path)) return `no such file: ${path}`;
  return statSync(path).isFile() ? undefined : `not a file: ${path}`;
}

/**
 * How the path of a file may be spelt. An umlaut is one character or two (NFC, NFD): in the manifest that depends on the
 * keyboard, in the folder on the system that made it. And a list made on Windows has `\` between folders.
 */
function spellingsOf(given: string, folder: string): string[] {
  return [given, given.replaceAll('\\', '/')].flatMap((path) => {
    const whole = inFolder(path, folder);
    return [whole, whole.normalize('NFC'), whole.normalize('NFD')];
  });
}

function inFolder(path: string, folder: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}
