import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import type { Recording } from '../audio/decode.js';
import { cutSegment, sourceName } from '../audio/segment.js';
import { SILENCE_PEAK, SILENCE_REASON } from '../audio/silence.js';
import { InputError, reasonOf } from '../common/errors.js';
import { grouped } from '../common/grouped.js';
import { LISTED, problemGroups } from '../common/problems.js';
import { median } from '../common/statistics.js';
import { count, enumeration, MOST_SHOWN, withCommas } from '../common/text.js';
import { textTable } from '../common/text-table.js';
import type { Clip, Corpus } from './clip.js';
import { unknownEmotions } from './emotion-notes.js';
import { isKnownEmotion } from './emotions.js';
import { misnamedOf } from './left-out.js';
import { corporaOf } from './mixture.js';

/** Kinds of problems, worst first. */
export const PROBLEM_KINDS = [
  'unreadable',
  'truncated',
  'silent',
  'channels',
  'duplicate',
  'unknown emotion',
  'missing',
  'misnamed',
  'repeated',
  'clipped',
  'sample rate',
  'duration',
] as const;
export type ProblemKind = (typeof PROBLEM_KINDS)[number];

/** Something about a corpus that its user should know. */
export interface Problem {
  readonly kind: ProblemKind;
  /** The recording, or the corpus's folder. */
  readonly path: string;
  readonly detail: string;
}

/** Smallest, middle, largest and sum of some values. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
  readonly total: number;
}

/** What a corpus holds, and what is wrong with it. */
export interface Inspection {
  readonly corpus: string;
  readonly root: string;
  readonly clips: number;
  /** How the folders were understood, where these say the emotions. */
  readonly folders?: string;
  /** Clips by emotion and corpus, where there are several. */
  readonly corpora?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Clips by emotion and speaker, `unknown` where the speaker is not known. */
  readonly counts: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Clips by emotion and the corpus's own word for it. */
  readonly labels: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Of the readable clips. */
  readonly durationSeconds: Spread | null;
  /** Readable clips by sample rate in Hz. */
  readonly sampleRatesHz: Readonly<Record<string, number>>;
  readonly problems: readonly Problem[];
}

export interface InspectionOptions {
  /** Reads a recording; throws InputError if it cannot. */
  readonly decode: (path: string) => Promise<Recording>;
  /** Told after each clip. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Samples at least this large in a row, at the limit of the scale, are clipping. */
const FULL_SCALE = 0.999;
const CLIPPED_RUN = 4;
/** A clip this many times longer or shorter than the median is pointed out. */
const ODD_DURATION = 3;
/** More speakers than this, or names that together are wider, are listed one below the other. */
const MOST_ABREAST = 12;
const WIDEST_ABREAST = 80;

/** Stands for a speaker that is not known. */
const UNKNOWN = 'unknown';

/** What is kept of the recordings that could be read while the others are: not their samples, which may fill the memory. */
interface Readings {
  readonly clips: Clip[];
  readonly durationsSeconds: number[];
  readonly sampleRatesHz: number[];
}

/**
 * Says what a corpus holds (clips by emotion and speaker, durations, sample rates) and every problem:
 *
 * - unreadable: `decode` refuses it, for the reason given (also an empty file, or no sound in it)
 * - truncated: the header promises more than there is
 * - silent: no sample reaches -60 dB of full scale
 * - channels: they cancel each other out, so that one of them is used
 * - duplicate: the same samples at the same rate as an earlier clip, in whatever file format
 * - unknown emotion: one that the shared vocabulary has no word for, e.g. because it is misspelt
 * - missing: fewer clips than published
 * - misnamed: a recording that is left out for its name, which does not follow the corpus's naming, or is another corpus's
 * - repeated: a recording left out for another file of the same utterance
 * - clipped: 4 or more samples in a row at full scale (0.999)
 * - sample rate: not the one that most clips have
 * - duration: more than 3 times the median, or less than a third
 *
 * One recording is in memory at a time.
 *
 * @returns a plain object that can be written as JSON
 */
export async function inspectCorpus(corpus: Corpus, { decode, onProgress }: InspectionOptions): Promise<Inspection> {
  const problems = namingProblems(corpus);
  const readings: Readings = { clips: [], durationsSeconds: [], sampleRatesHz: [] };
  const firstByHash = new Map<string, Clip>();
  const decoded = segmentReader(decode);
  for (const [i, clip] of corpus.clips.entries()) {
    const path = sourceName(clip);
    try {
      const recording = await decoded(clip);
      const found = soundProblems(path, recording);
      problems.push(...found);
      readings.clips.push(clip);
      readings.durationsSeconds.push(recording.durationSeconds);
      readings.sampleRatesHz.push(recording.sampleRateHz);
      const hash = hashOf(recording);
      const first = firstByHash.get(hash);
      if (!first) firstByHash.set(hash, clip);
      // Silent clips of the same length are alike: that they are silent has been said.
      else if (!found.some(({ kind }) => kind === 'silent'))
        problems.push({
          kind: 'duplicate',
          path,
          detail: `the same sound as ${sourceName(first)}${disagreement(first, clip)}`,
        });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      problems.push({
        kind: 'unreadable',
        path,
        detail: reasonOf(error).replace(`${clip.path}: `, '').replace(`${path}: `, ''),
      });
    }
    onProgress?.(i + 1, corpus.clips.length);
  }
  for (const problem of oddOnes(readings)) problems.push(problem);
  const rank = (problem: Problem) => PROBLEM_KINDS.indexOf(problem.kind);
  return {
    corpus: corpus.name,
    root: corpus.root,
    clips: corpus.clips.length,
    ...(corpus.folders !== undefined && { folders: corpus.folders }),
    ...(corporaOf(corpus.clips).length > 1 && { corpora: countsOf(corpus, (clip) => clip.corpus) }),
    counts: countsOf(corpus, ({ speaker }) => speaker || UNKNOWN),
    labels: countsOf(corpus, ({ label }) => label),
    durationSeconds: spreadOf(readings.durationsSeconds),
    sampleRatesHz: tally(readings.sampleRatesHz.map(String)),
    problems: problems.sort((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1)),
  };
}

/**
 * The inspection as tables for a terminal.
 *
 * What is wrong with several recordings is said once, with their number; of each kind of problem the first 20 are named.
 */
export function formatInspection({
  corpus,
  root,
  clips,
  folders,
  corpora,
  counts,
  labels,
  durationSeconds,
  sampleRatesHz,
  problems,
}: Inspection): string {
  const speakers = speakersOf(counts);
  const seconds = (value: number) => `${value.toFixed(2)} s`;
  const parts = [
    `${corpus}: ${count(clips, 'clip')} of ${speakers.length === 1 && speakers[0] === UNKNOWN ? 'unknown speakers' : count(speakers.length, 'speaker')} in ${root}`,
    ...(folders === undefined ? [] : [folders]),
    ...(corpora ? [countsTable(corpora, 'corpus')] : []),
    countsTable(counts, 'speaker'),
    ...labelsTable(labels),
  ];
  if (durationSeconds) {
    const { min, max, total } = durationSeconds;
    parts.push(
      `durations: ${seconds(min)} to ${seconds(max)}, median ${seconds(durationSeconds.median)}, ${(total / 60).toFixed(1)} min in all`,
    );
    const rates = Object.entries(sampleRatesHz).map(
      ([rate, having]) => `${withCommas(Number(rate))} Hz (${count(having, 'clip')})`,
    );
    parts.push(`sample rates: ${rates.join(', ')}`);
  }
  if (problems.length === 0) parts.push('no problems');
  else {
    const byKind = grouped(problems, ({ kind }) => kind);
    parts.push(
      textTable(
        ['problem', 'where', 'what'],
        PROBLEM_KINDS.flatMap((kind) => rowsOf(root, byKind.get(kind) ?? [])),
      ),
    );
    const sizes = [...byKind].map(([kind, { length }]) => `${withCommas(length)} ${kind}`);
    parts.push(`${count(problems.length, 'problem')}: ${sizes.join(', ')}`);
  }
  return parts.join('\n');
}

/** Clips by emotion and speaker, or corpus, with their sums; side by side as long as that fits a terminal. */
function countsTable(counts: Inspection['counts'], by: 'speaker' | 'corpus'): string {
  const emotions = Object.keys(counts);
  const speakers = speakersOf(counts);
  const few = speakers.length <= MOST_ABREAST && speakers.join(' │ ').length <= WIDEST_ABREAST;
  const [across, down] = few ? [speakers, emotions] : [emotions, speakers];
  const clips = (emotion: string, speaker: string) =>
    Object.hasOwn(counts[emotion], speaker) ? counts[emotion][speaker] : 0;
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const rows = down.map((row) => across.map((column) => (few ? clips(row, column) : clips(column, row))));
  const all = across.map((_, i) => sum(rows.map((row) => row[i])));
  const shown = rows.slice(0, MOST_SHOWN).map((row, i) => [down[i], ...row, sum(row)]);
  const more = rows.length - shown.length;
  return textTable(
    [few ? 'emotion' : by, ...across, 'all'],
    [
      ...shown,
      ...(more > 0 ? [[`… and ${withCommas(more)} more, see --json`, ...across.map(() => ''), '']] : []),
      ['all', ...all, sum(all)],
    ],
  );
}

/** The corpus's own words for each emotion, where they are others than ours. */
function labelsTable(labels: Inspection['labels']): string[] {
  const entries = Object.entries(labels);
  const rows = entries
    .slice(0, MOST_SHOWN)
    .map(([emotion, words]) => [
      isKnownEmotion(emotion) ? emotion : `${emotion} (unknown)`,
      enumeration(Object.entries(words).map(([word, clips]) => `${word} (${withCommas(clips)})`)),
    ]);
  const more = entries.length - rows.length;
  if (more > 0) rows.push(['…', `and ${withCommas(more)} more, see --json`]);
  const same = entries.every(([emotion, words]) => Object.keys(words).every((word) => word === emotion));
  return same ? [] : [textTable(['emotion', 'as labelled'], rows)];
}

/** Speakers in the order of a reader: 2 before 10. */
function speakersOf(counts: Inspection['counts']): string[] {
  const speakers = new Set(Object.values(counts).flatMap((bySpeaker) => Object.keys(bySpeaker)));
  return [...speakers].sort(new Intl.Collator('en', { numeric: true }).compare);
}

/** A path without the folder that the first line names already, which would make most tables too wide for a terminal. */
function below(root: string, path: string): string {
  const inner = relative(root, path);
  return inner === '' || inner.startsWith('..') ? path : inner;
}

/** The problems of one kind as rows of a table. */
function rowsOf(root: string, problems: readonly Problem[]): string[][] {
  const groups = problemGroups(problems.map(({ path, detail }) => ({ path, reason: detail })));
  const shown: string[][] = [];
  let rows = 0;
  for (const { reason, paths } of groups) {
    const several = paths.length > 1;
    rows += paths.length + Number(several);
    if (shown.length >= LISTED) continue;
    if (several) shown.push([count(paths.length, 'recording'), reason]);
    for (const path of paths.slice(0, LISTED - shown.length)) shown.push([below(root, path), several ? '' : reason]);
  }
  const more = rows - shown.length;
  const all = more > 0 ? [...shown, ['…', `and ${withCommas(more)} more, see --json`]] : shown;
  return all.map((row, i) => [i === 0 ? problems[0].kind : '', ...row]);
}

function hashOf({ samples, sampleRateHz }: Recording): string {
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  return createHash('sha256').update(`${sampleRateHz} `).update(bytes).digest('base64');
}

/** Reads clips; a recording is decoded once for segments of it that follow one another. */
function segmentReader(decode: InspectionOptions['decode']): (clip: Clip) => Promise<Recording> {
  let latest: { readonly path: string; readonly recording: Promise<Recording> } | undefined;
  return async ({ path, segment }) => {
    if (latest?.path !== path) latest = undefined;
    if (!segment) return decode(path);
    latest ??= { path, recording: decode(path) };
    return cutSegment(await latest.recording, segment, path);
  };
}

/** One sound under two labels is worse than one twice. */
function disagreement(a: Clip, b: Clip): string {
  const what = (['emotion', 'speaker'] as const).filter((key) => a[key] !== b[key]).map((key) => `${key} ${a[key]}`);
  return what.length > 0 ? `, which has ${what.join(' and ')}` : '';
}

function namingProblems(corpus: Corpus): Problem[] {
  const { root, clips, unwanted = [], repeated, publishedClips: published = 0 } = corpus;
  const missing = published - clips.length;
  return [
    ...[...misnamedOf(corpus), ...unwanted].map(
      ({ path, reason }): Problem => ({ kind: 'misnamed', path, detail: `${reason}; left out` }),
    ),
    ...repeated.map(
      (path): Problem => ({ kind: 'repeated', path, detail: 'the same utterance as a clip that is kept; left out' }),
    ),
    ...unknownEmotions(clips).map(
      ({ inWords }): Problem => ({
        kind: 'unknown emotion',
        path: root,
        detail: `${inWords} is not in the shared vocabulary; it counts as an emotion of its own`,
      }),
    ),
    ...(missing > 0
      ? [
          {
            kind: 'missing' as const,
            path: root,
            detail: `${missing} of the ${published} published clips are not there`,
          },
        ]
      : []),
  ];
}

function soundProblems(path: string, { samples, truncated, warning }: Recording): Problem[] {
  const problems: Problem[] = [];
  if (truncated) problems.push({ kind: 'truncated', path, detail: truncated });
  if (warning) problems.push({ kind: 'channels', path, detail: warning });
  let peak = 0;
  let run = 0;
  let clippedSamples = 0;
  for (let i = 0; i < samples.length; i++) {
    const size = Math.abs(samples[i]);
    if (size > peak) peak = size;
    run = size >= FULL_SCALE ? run + 1 : 0;
    if (run === CLIPPED_RUN) clippedSamples += CLIPPED_RUN;
    else if (run > CLIPPED_RUN) clippedSamples++;
  }
  if (peak < SILENCE_PEAK) problems.push({ kind: 'silent', path, detail: SILENCE_REASON });
  if (clippedSamples > 0)
    problems.push({
      kind: 'clipped',
      path,
      detail: `${clippedSamples} samples at full scale, ${CLIPPED_RUN} or more in a row`,
    });
  return problems;
}

/** Clips whose sample rate or duration is unlike that of the others. */
function* oddOnes({ clips, durationsSeconds, sampleRatesHz }: Readings): Generator<Problem> {
  if (clips.length === 0) return;
  const rates = Object.entries(tally(sampleRatesHz.map(String)));
  const [usualRate] = rates.sort((a, b) => b[1] - a[1])[0];
  const usual = median(durationsSeconds);
  for (const [i, clip] of clips.entries()) {
    const [sampleRateHz, durationSeconds] = [sampleRatesHz[i], durationsSeconds[i]];
    if (String(sampleRateHz) !== usualRate)
      yield {
        kind: 'sample rate',
        path: sourceName(clip),
        detail: `${sampleRateHz} Hz, most have ${usualRate} Hz; it is resampled`,
      };
    if (durationSeconds > usual * ODD_DURATION || durationSeconds < usual / ODD_DURATION)
      yield {
        kind: 'duration',
        path: sourceName(clip),
        detail: `${durationSeconds.toFixed(2)} s, the median is ${usual.toFixed(2)} s`,
      };
  }
}

/** Clips by emotion, and by something else of them. */
function countsOf({ clips }: Corpus, by: (clip: Clip) => string): Record<string, Record<string, number>> {
  const byEmotion = grouped(clips, ({ emotion }) => emotion);
  const emotions = [...byEmotion.keys()].sort();
  return Object.fromEntries(emotions.map((emotion) => [emotion, tally(byEmotion.get(emotion)!.map(by))]));
}

function spreadOf(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  return {
    min: sorted[0],
    median: median(values),
    max: sorted[sorted.length - 1],
    total: sorted.reduce((a, b) => a + b, 0),
  };
}

function tally(values: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Object.fromEntries(counts);
}
