import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { csvPieces, csvRows } from '../common/csv.js';
import { InputError, reasonOf } from '../common/errors.js';
import { bytesOf, writeFile } from '../common/files.js';
import { sha256 } from '../common/sha256.js';
import { ownText, textPool } from '../common/text-pool.js';
import { type Clip, clipOf } from '../corpora/clip.js';
import { segmentCells } from '../corpora/segment-cells.js';
import { type Split, SUBSETS, type Subset, splitOf } from '../dataset/splits.js';
import { subsetsOf } from '../evaluation/predictions.js';
import type { RunConfig } from './config.js';
import { RUN_FILES } from './folder.js';
import { pathsOf } from './paths.js';
import type { Prepared } from './prepare.js';

/** A time as it stands in a CSV file; undefined where there is none. */
const seconds = z
  .string()
  .transform((text) => (text === '' ? undefined : Number(text)))
  .pipe(z.number().nonnegative().optional())
  .optional();

const rowSchema = z.object({
  path: z.string(),
  startSeconds: seconds,
  endSeconds: seconds,
  corpus: z.string(),
  speaker: z.string(),
  emotion: z.string(),
  label: z.string(),
  text: z.string(),
  sex: z.enum(['', 'female', 'male']),
  intensity: z.string(),
  /** Runs of earlier versions have not kept it. */
  sha256: z.string().optional(),
  set: z.enum([...SUBSETS, 'skipped', 'left out']),
});
type Row = z.infer<typeof rowSchema>;

/** What a run has written down about its clips. */
export interface ClipsFile {
  readonly clips: readonly Clip[];
  readonly split: Split;
  /** SHA-256 of each clip's recording. */
  readonly sha256: readonly (string | undefined)[];
  /** The clips that were left out as unusable. */
  readonly skipped: readonly Clip[];
}

/**
 * Writes one row for each clip, with its set; unusable clips follow with the reason, and recordings that are no clips.
 *
 * @param trained - whether training has begun with what is in the file already
 * @throws InputError if it began with other clips or sets, so that going on would mix two jobs
 */
export function writeClips(path: string, prepared: Prepared, trained: boolean): void {
  const text = () => csvPieces(rowsOf(prepared, path));
  if (trained && existsSync(path) && sha256(bytesOf(path)) !== sha256(text()))
    throw new InputError(
      `Cannot resume: the recordings in ${prepared.config.data} are no longer those in ${path}; put them back, or start a new run`,
    );
  writeFile(path, text());
}

function* rowsOf({ clips, recordings, split, skipped, leftOut = [] }: Prepared, path: string): Generator<object> {
  const sets = subsetsOf(split);
  const { toFile } = pathsOf(join(dirname(path), RUN_FILES.config));
  const segmentOf = segmentCells([...clips, ...skipped.map(({ clip }) => clip)]);
  const row = ({ path, segment, ...clip }: Clip) => ({
    ...{ path: toFile(path), ...segmentOf({ segment }), ...clip },
    ...{ sex: clip.sex ?? '', intensity: clip.intensity ?? '' },
  });
  for (const [i, clip] of clips.entries()) yield { ...row(clip), ...recordings[i], set: sets.get(i), problem: '' };
  for (const { clip, reason } of skipped)
    yield {
      ...row(clip),
      durationSeconds: '',
      sampleRateHz: '',
      sha256: '',
      set: 'skipped',
      problem: reason.replace(clip.path, () => toFile(clip.path)),
    };
  const nothing = { corpus: '', speaker: '', emotion: '', label: '', text: '', sex: '', intensity: '' };
  for (const { path, reason } of leftOut)
    yield {
      ...{ path: toFile(path), ...nothing, durationSeconds: '', sampleRateHz: '', sha256: '' },
      ...{ set: 'left out', problem: reason.replace(path, () => toFile(path)) },
    };
}

/**
 * Reads what {@link writeClips} wrote.
 *
 * @throws InputError if it is missing or damaged
 */
export function readClips(path: string, { protocol, seed }: Pick<RunConfig, 'protocol' | 'seed'>): ClipsFile {
  const { fromFile } = pathsOf(join(dirname(path), RUN_FILES.config));
  const clips: Clip[] = [];
  const sets: Subset[] = [];
  const hashes: (string | undefined)[] = [];
  const skipped: Clip[] = [];
  const pooled = textPool();
  let number = 0;
  for (const cells of csvRows(path)) {
    const { success, data: row, error } = rowSchema.safeParse(cells);
    if (!success)
      throw new InputError(`${path} is damaged: row ${number}: ${z.prettifyError(error).replaceAll('\n', ' ')}`);
    number++;
    if (row.set === 'left out') continue;
    const clip = clipIn({ ...row, path: ownText(fromFile(row.path)) }, pooled);
    if (row.set === 'skipped') {
      skipped.push(clip);
      continue;
    }
    clips.push(clip);
    sets.push(row.set);
    hashes.push(row.sha256 === undefined ? undefined : ownText(row.sha256));
  }
  return { clips, split: splitIn(path, () => splitOf(clips, sets, { protocol, seed })), sha256: hashes, skipped };
}

/** It was a split when it was written: if it no longer is, the file is damaged. */
function splitIn(path: string, read: () => Split): Split {
  try {
    return read();
  } catch (error) {
    throw new InputError(`${path} is damaged: its sets are not those of a split: ${reasonOf(error)}`);
  }
}

/** @param pooled - gives the same text for equal ones, see {@link textPool} */
function clipIn(row: Row, pooled: (text: string) => string): Clip {
  const { path, startSeconds, endSeconds, corpus, speaker, emotion, label, text, sex, intensity } = row;
  const segment = startSeconds !== undefined && { startSeconds, ...(endSeconds !== undefined && { endSeconds }) };
  return clipOf({
    path,
    ...(segment && { segment }),
    corpus: pooled(corpus),
    speaker: pooled(speaker),
    emotion: pooled(emotion),
    label: pooled(label),
    text: pooled(text),
    ...(sex && { sex }),
    intensity: pooled(intensity),
  });
}
