import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { sourceName } from '../audio/segment.js';
import { csvText } from '../common/csv.js';
import { InputError } from '../common/errors.js';
import { sha256 } from '../common/sha256.js';
import { count } from '../common/text.js';
import { chooseEmotions } from '../corpora/choose.js';
import type { Clip } from '../corpora/clip.js';
import { loadCorpus } from '../corpora/corpora.js';
import { requireNoneOnTwoSides } from '../corpora/duplicates.js';
import { leftOutInWords } from '../corpora/left-out.js';
import { segmentCells } from '../corpora/segment-cells.js';
import { NETWORKS } from '../networks/networks.js';
import { foldsInWords } from '../pages/folds.js';
import { checkConfig, configFor, type FoldsConfig, memberConfigs, type RunConfig } from '../run/config.js';
import { formsOf } from '../run/copies.js';
import { foldConfigs } from '../run/folds.js';
import { splitFor } from '../run/prepare.js';
import type { Plan, Task } from './plan.js';

/** One configuration with one seed on one task: a run, or one for each fold. */
export interface Cell {
  /** In words, what is trained and tested with, and how it is divided. */
  readonly task: string;
  /** In words, what differs between the configurations of a task. */
  readonly configuration: string;
  readonly config: FoldsConfig;
  /** Whether every speaker or text is tested, in folds. */
  readonly folds: boolean;
  /** Its folder, named after its content: other plans with the same cell find it there. */
  readonly directory: string;
  /** How many networks are trained. */
  readonly runs: number;
  readonly clips: number;
  /** Names what is extracted of the clips: the same for all cells with that name. */
  readonly extraction: string;
  /** Written before the cell starts: the recordings of several corpora. */
  readonly manifest?: string;
}

/** The folder of all cells, in that of all experiments. */
export const CELLS_FOLDER = 'cells';

/** What a task comes to on this machine. */
interface Resolved {
  readonly name: string;
  readonly clips: readonly Clip[];
  readonly changes: Partial<FoldsConfig> & Pick<RunConfig, 'data'>;
  readonly manifest?: string;
}

/** All cells of a plan, and what has to be said about them. */
export interface Expansion {
  readonly cells: readonly Cell[];
  readonly notes: readonly string[];
}

/**
 * Looks at the corpora of a plan, and lists its cells: each once, and each checked, so that no run is started where another
 * one could not be.
 *
 * @param out - the folder of all experiments
 * @throws InputError, UsageError with a message for the user
 */
export async function expand(plan: Plan, out: string): Promise<Expansion> {
  const cells = new Map<string, Cell>();
  const notes: string[] = [];
  for (const task of plan.tasks) {
    const resolved = await resolveTask(task, { plan, out, note: (line) => notes.push(line) });
    for (const config of configurations(plan, resolved.changes)) {
      const cell = cellOf(resolved, { config, folds: task.folds !== undefined, out });
      cells.set(cell.directory, cell);
    }
  }
  return { cells: [...cells.values()], notes };
}

function configurations({ networks, normalise, augment, seeds }: Plan, changes: Resolved['changes']): FoldsConfig[] {
  const axis = <K extends 'normalise' | 'augment'>(key: K, values: readonly RunConfig[K][] | undefined) =>
    values?.map((value) => ({ [key]: value })) ?? [{}];
  return networks.flatMap(({ network, ...own }) =>
    axis('normalise', normalise).flatMap((normalised) =>
      axis('augment', augment).flatMap((augmented) =>
        seeds.map((seed) => configFor(network, { ...normalised, ...augmented, ...own, ...changes, seed })),
      ),
    ),
  );
}

function cellOf(
  { name, clips, manifest }: Resolved,
  { config, folds, out }: { readonly config: FoldsConfig; readonly folds: boolean; readonly out: string },
): Cell {
  if (!folds) {
    checkConfig(config);
    splitFor(clips, config);
  }
  const runs = folds ? foldConfigs(clips, config).length : 1;
  // Where the manifest lies does not matter, but what is in it.
  const { data, ...content } = config;
  const hash = hashOf(jsonPieces([content, folds], clips));
  const directory = join(out, CELLS_FOLDER, `${slug(name)}-${config.network}-seed-${config.seed}-${hash}`);
  const extraction = hashOf(jsonPieces([extractionsOf(config)], clips));
  const facts = { runs, clips: clips.length, extraction, manifest };
  return { task: name, configuration: inWords(config), config, folds, directory, ...facts };
}

/** What a run, or each member of an ensemble, has extracted of its clips. */
function extractionsOf(config: RunConfig): unknown[] {
  const members = memberConfigs(config);
  if (members.length > 0) return members.flatMap(extractionsOf);
  return [[NETWORKS[config.network].encoder, config.allowTruncated, formsOf(config)]];
}

/** A network, and all that is not usual with it. */
function inWords(config: FoldsConfig): string {
  const usual = configFor(config.network);
  const { data, corpus, emotions, map, protocol, testSpeakers, seed, groups, ...settings } = config;
  const changed = Object.entries(settings).filter(
    ([key, value]) => !isDeepStrictEqual(value, usual[key as keyof RunConfig]),
  );
  const words = (value: unknown) =>
    Array.isArray(value) ? value.join(' + ') : typeof value === 'object' ? JSON.stringify(value) : String(value);
  return [config.network, ...changed.map(([key, value]) => `${key} ${words(value)}`)].join(', ');
}

interface Surroundings {
  readonly plan: Plan;
  readonly out: string;
  readonly note: (line: string) => void;
}

async function resolveTask(task: Task, surroundings: Surroundings): Promise<Resolved> {
  const { corpus, protocol = 'speaker', folds, emotions, map } = task;
  if (corpus === undefined) return acrossCorpora(task, surroundings);
  const data = surroundings.plan.corpora[corpus];
  const choice = { ...(emotions && { emotions }), ...(map && { map }) };
  const found = await loadCorpus(data, choice);
  const { clips } = found;
  for (const line of leftOutInWords(found)) surroundings.note(`${corpus}: ${line}`);
  const by = protocol === 'speaker' || protocol === 'text' ? protocol : undefined;
  const groups = typeof folds === 'number' ? folds : undefined;
  // Folds look at this themselves.
  if (folds === undefined) requireNoneOnTwoSides(clips, (clip) => (by ? `${by} ${clip[by]}` : sourceName(clip)));
  const how = by && folds !== undefined ? foldsInWords({ by, groups }) : `protocol ${protocol}`;
  const name = `${corpus}, ${how}${choiceInWords(task)}`;
  return { name, clips, changes: { data, ...choice, protocol, ...(groups && { groups }) } };
}

/** Which emotions a task learns, behind its name; nothing where it learns all as they are. */
function choiceInWords({ emotions, map = {} }: Task): string {
  const merged = Object.entries(map).map(([from, to]) => `${from} as ${to}`);
  return [emotions && `, ${emotions.join(', ')}`, merged.length > 0 && `, ${merged.join(', ')}`]
    .filter(Boolean)
    .join('');
}

/** Trains with all speakers of some corpora and tests with all of others, over the emotions that both sides have. */
async function acrossCorpora(task: Task, { plan, out, note }: Surroundings): Promise<Resolved> {
  const { train = [], test = [] } = task;
  const name = `${train.join(' + ')} to ${test.join(' + ')}${choiceInWords(task)}`;
  const clipsOf = async (corpora: readonly string[]) => {
    const clips: Clip[] = [];
    // Speakers and texts of two corpora may have the same name without being the same.
    for (const corpus of corpora) {
      const found = await loadCorpus(plan.corpora[corpus]);
      for (const line of leftOutInWords(found)) note(`${corpus}: ${line}`);
      for (const clip of found.clips)
        clips.push({ ...clip, corpus, speaker: `${corpus}/${clip.speaker}`, text: `${corpus}/${clip.text}` });
    }
    return clips;
  };
  // Chosen from both together: one of them may lack an emotion that is merged.
  const chosen = chooseEmotions([...(await clipsOf(train)), ...(await clipsOf(test))], task);
  const sides = [train, test].map((names) => chosen.filter(({ corpus }) => names.includes(corpus)));
  const emotions = sides.map((side) => new Set(side.map(({ emotion }) => emotion)));
  const shared = (clip: Clip) => emotions.every((each) => each.has(clip.emotion));
  const all = sides.flat();
  const clips = all.filter(shared);
  const alone = new Set(all.filter((clip) => !shared(clip)).map(({ emotion }) => emotion));
  if (clips.length === 0) throw new InputError(`${name}: the corpora have no emotion in common`);
  if (alone.size > 0)
    note(
      `${name}: ${count(all.length - clips.length, 'clip')} of ${[...alone].sort().join(', ')} left out: only one side has such clips`,
    );
  requireNoneOnTwoSides(clips, ({ corpus }) => (test.includes(corpus) ? 'tested with' : 'trained with'));
  const segmentOf = segmentCells(clips);
  const rows = clips.map((clip) => {
    const { path, emotion, speaker, text, sex = '' } = clip;
    const { startSeconds: start, endSeconds: end } = segmentOf(clip);
    return { path, ...(start !== undefined && { start, end }), emotion, speaker, text, sex };
  });
  const manifest = csvText(rows);
  const data = join(out, 'corpora', `${slug(name)}-${hashOf(manifest)}.csv`);
  const testSpeakers = [...new Set(sides[1].filter(shared).map(({ speaker }) => speaker))].sort();
  return { name, clips, changes: { data, protocol: 'speaker', testSpeakers }, manifest };
}

function hashOf(text: string | Iterable<string>): string {
  return sha256(text).slice(0, 12);
}

/** The JSON of an array of some values and the clips; that of many clips would be too long for a text. */
function* jsonPieces(values: readonly unknown[], clips: readonly Clip[]): Generator<string> {
  yield `[${values.map((value) => JSON.stringify(value)).join(',')},[`;
  for (const [i, clip] of clips.entries()) yield (i > 0 ? ',' : '') + JSON.stringify(clip);
  yield ']]';
}

/** For a folder's name. */
function slug(text: string): string {
  return text
    .replace(/[^a-z0-9]+/gi, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60);
}
