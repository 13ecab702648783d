import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { csvText, readCsv } from '../common/csv.js';
import { InputError, reasonOf } from '../common/errors.js';
import { writeFile } from '../common/files.js';
import type { Clip } from '../corpora/clip.js';
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

const rowsSchema = z.array(
  z.object({
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
  }),
);

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
export function writeClips(
  path: string,
  { config, clips, recordings, split, skipped, leftOut = [] }: Prepared,
  trained: boolean,
): void {
  const sets = subsetsOf(split);
  const { toFile } = pathsOf(join(dirname(path), RUN_FILES.config));
  const segmentOf = segmentCells([...clips, ...skipped.map(({ clip }) => clip)]);
  const row = ({ path, segment, ...clip }: Clip) => ({
    ...{ path: toFile(path), ...segmentOf({ segment }), ...clip },
    ...{ sex: clip.sex ?? '', intensity: clip.intensity ?? '' },
  });
  const used = clips.map((clip, i) => ({ ...row(clip), ...recordings[i], set: sets.get(i), problem: '' }));
  const unused = skipped.map(({ clip, reason }) => ({
    ...row(clip),
    durationSeconds: '',
    sampleRateHz: '',
    sha256: '',
    set: 'skipped',
    problem: reason.replace(clip.path, () => toFile(clip.path)),
  }));
  const nothing = { corpus: '', speaker: '', emotion: '', label: '', text: '', sex: '', intensity: '' };
  const others = leftOut.map(({ path, reason }) => ({
    ...{ path: toFile(path), ...nothing, durationSeconds: '', sampleRateHz: '', sha256: '' },
    ...{ set: 'left out', problem: reason.replace(path, () => toFile(path)) },
  }));
  const text = csvText([...used, ...unused, ...others]);
  if (trained && existsSync(path) && readFileSync(path, 'utf8') !== text)
    throw new InputError(
      `Cannot resume: the recordings in ${config.data} are no longer those in ${path}; put them back, or start a new run`,
    );
  writeFile(path, text);
}

/**
 * Reads what {@link writeClips} wrote.
 *
 * @throws InputError if it is missing or damaged
 */
export function readClips(path: string, { protocol, seed }: Pick<RunConfig, 'protocol' | 'seed'>): ClipsFile {
  const result = rowsSchema.safeParse(readCsv(path));
  if (!result.success)
    throw new InputError(`${path} is damaged: ${z.prettifyError(result.error).replaceAll('\n', ' ')}`);
  const { fromFile } = pathsOf(join(dirname(path), RUN_FILES.config));
  const rows = result.data.map((row) => ({ ...row, path: fromFile(row.path) }));
  const isUsed = (set: string): set is Subset => (SUBSETS as readonly string[]).includes(set);
  const used = rows.filter(({ set }) => isUsed(set));
  const clips = used.map(clipOf);
  const sets = used.map(({ set }) => (isUsed(set) ? set : undefined));
  return {
    clips,
    split: splitIn(path, () => splitOf(clips, sets, { protocol, seed })),
    sha256: used.map((row) => row.sha256),
    skipped: rows.filter(({ set }) => set === 'skipped').map(clipOf),
  };
}

/** It was a split when it was written: if it no longer is, the file is damaged. */
function splitIn(path: string, read: () => Split): Split {
  try {
    return read();
  } catch (error) {
    throw new InputError(`${path} is damaged: its sets are not those of a split: ${reasonOf(error)}`);
  }
}

function clipOf(row: z.infer<typeof rowsSchema>[number]): Clip {
  const { set, sha256, sex, intensity, startSeconds, endSeconds, ...clip } = row;
  const segment = startSeconds !== undefined && { startSeconds, ...(endSeconds !== undefined && { endSeconds }) };
  return { ...clip, ...(segment && { segment }), ...(sex && { sex }), ...(intensity && { intensity }) };
}
