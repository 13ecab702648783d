import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, parse, resolve } from 'node:path';
import Papa from 'papaparse';
import { bySource, type Segment, segmentInWords, sourceName } from '../audio/segment.js';
import { InputError } from '../common/errors.js';
import type { Clip, Corpus } from './clip.js';
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
  const [head, ...rows] = readRows(path);
  const names = head?.cells.map((cell) => cell.toLowerCase()) ?? [];
  const columns = columnsIn(names);
  const missing = REQUIRED.filter((column) => columns[column] < 0);
  if (missing.length > 0)
    throw new InputError(
      `${path}: expected the columns path,emotion,speaker[,text], and ${missing.map((column) => `${column} (or ${COLUMNS[column].slice(1).join(', ')})`).join(' and ')} is missing; the first line has: ${names.join(', ')}`,
    );
  if (rows.length === 0) throw new InputError(`${path}: there are no recordings in it, only the line of column names`);

  const name = parse(path).name;
  const mistakes: string[] = [];
  const unwanted: { path: string; reason: string }[] = [];
  const lineOf = new Map<string, number>();
  const valueIn = ({ cells }: Row, column: Column) => cells[columns[column]] ?? '';
  const anySpeaker = rows.some((row) => !isMissing(valueIn(row, 'speaker')));
  const clips = rows.flatMap((row): Clip[] => {
    const { line, cells, malformed } = row;
    const wrong = (mistake: string) => mistakes.push(`line ${line}: ${mistake}`);
    const value = (column: Column) => valueIn(row, column);
    const given = value('path');
    if (malformed) wrong(malformed);
    else if (cells.slice(names.length).some((cell) => cell !== ''))
      wrong(`${cells.length} values for ${names.length} columns; put a value with a comma in it in quotation marks`);
    const speaker = isMissing(value('speaker')) ? '' : value('speaker');
    if (!given) wrong('path is empty');
    if (anySpeaker && !speaker) wrong('speaker is empty; name the speakers of all recordings, or of none');
    const segment = segmentOf(value, wrong);
    const file = existing(given, dirname(path));
    const source = { path: file, ...(segment && { segment }) };
    if (given) {
      const key = sourceName({ ...source, path: resolve(file) });
      const first = lineOf.get(key);
      if (!existsSync(file)) wrong(`no such file: ${file}`);
      else if (!statSync(file).isFile()) wrong(`not a file: ${file}`);
      else if (first) wrong(`${sourceName({ path: given, segment })} is listed twice, first in line ${first}`);
      else lineOf.set(key, line);
    }
    if (isMissing(value('emotion'))) {
      unwanted.push({
        path: sourceName(source),
        reason: `the manifest says ${value('emotion') || 'nothing'} for its emotion`,
      });
      return [];
    }
    const sex = SEXES[value('sex').toLowerCase()];
    return [
      {
        ...source,
        corpus: name,
        speaker,
        emotion: emotionOf(value('emotion')),
        label: value('emotion'),
        text: value('text') || sourceName({ path: given, segment }),
        ...(sex && { sex }),
      },
    ];
  });
  if (mistakes.length > 0) {
    const more = mistakes.length > LISTED ? [`… and ${mistakes.length - LISTED} more`] : [];
    throw new InputError([`${path}:`, ...mistakes.slice(0, LISTED), ...more].join('\n  '));
  }
  if (clips.length === 0)
    throw new InputError(
      `${path}: none of its ${rows.length} recordings has an emotion in the column ${names[columns.emotion]}`,
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

/** The lines that are not blank, their values trimmed. */
function readRows(path: string): Row[] {
  const whole = textOf(path);
  const [separatorLine = '', named] = whole.match(SEPARATOR_LINE) ?? [];
  const text = whole.slice(separatorLine.length);
  // What is found by itself may be wrong where texts are full of commas.
  const delimiter = named ?? (parse(path).ext.toLowerCase() === '.tsv' ? '\t' : undefined);
  const { data, errors } = Papa.parse<string[]>(text, { delimiter });
  const malformed = new Map(errors.filter(({ type }) => type === 'Quotes').map(({ row, message }) => [row, message]));
  const rows: Row[] = [];
  let line = separatorLine ? 2 : 1;
  for (const [i, cells] of data.entries()) {
    rows.push({ line, cells: cells.map((cell) => cell.trim()), malformed: malformed.get(i) });
    // Values in quotation marks may go over several lines.
    line += cells.join('').split(/\r\n|\r|\n/).length;
  }
  return rows.filter(({ cells }) => cells.some((cell) => cell !== ''));
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

/**
 * The spelling of a path under which there is a file. An umlaut is one character or two (NFC, NFD): in the manifest that
 * depends on the keyboard, in the folder on the system that made it. And a list made on Windows has `\` between folders.
 */
function existing(given: string, folder: string): string {
  const spellings = [given, given.replaceAll('\\', '/')].flatMap((path) => {
    const whole = isAbsolute(path) ? path : join(folder, path);
    return [whole, whole.normalize('NFC'), whole.normalize('NFD')];
  });
  return spellings.find((spelling) => existsSync(spelling)) ?? spellings[0];
}
