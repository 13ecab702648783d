/**
 * What a model withstands. In: a run, or a model and a corpus. Out: how good its answers are when the recordings are noisy,
 * come over the telephone, from another room, and so on, beside those to the recordings as they are.
 */
import { accessSync, constants, existsSync, opendirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { sourceName } from '../audio/segment.js';
import type { BackendInfo, BackendName } from '../backend/info.js';
import { writeCsv } from '../common/csv.js';
import { InputError, UsageError } from '../common/errors.js';
import { cannotWrite, writeFile, writeJson } from '../common/files.js';
import { nearest } from '../common/nearest.js';
import type { FileProblem } from '../common/problems.js';
import { CONDITIONS, type Condition } from '../conditions/conditions.js';
import type { Clip } from '../corpora/clip.js';
import { loadCorpus } from '../corpora/corpora.js';
import { leftOutOf } from '../corpora/left-out.js';
import { classIndex } from '../dataset/examples.js';
import { PROTOCOL_DESCRIPTIONS, type Protocol, SPLIT_DEFAULTS } from '../dataset/splits.js';
import { rowsOf } from '../evaluation/predictions.js';
import { type ConditionMetrics, conditionMetrics, type Robustness, robustness } from '../evaluation/robustness.js';
import type { TrainedModel } from '../model/emotion-model.js';
import { loadModel } from '../model/load.js';
import { stressHtml } from '../pages/stress.js';
import { answersOf, type ClipAnswers, heardBefore, knownTo } from './answers.js';
import { readRun } from './finished.js';
import { RUN_FILES } from './folder.js';
import { type Reporter, SILENT } from './reporter.js';

/** The files that {@link stress} writes. */
export const STRESS_FILES = { table: 'stress.csv', results: 'stress.json', report: 'stress.html' } as const;

/** Which recordings a model hears, under which conditions. */
export interface StressOptions {
  /** A corpus or CSV manifest to test with; default: the test part of the run. */
  readonly data?: string;
  /** Names of conditions, or of kinds of them, see {@link CONDITIONS}; default: all. */
  readonly only?: readonly string[];
  /** Governs noise and rooms; default: 42. */
  readonly seed?: number;
  /** Where to write; default: the folder that was given. */
  readonly out?: string;
  /** What computes; default: the native library where there is one, else WebAssembly. */
  readonly backend?: 'auto' | BackendName;
  readonly reporter?: Reporter;
  /** Ends the test; then nothing is written. */
  readonly signal?: AbortSignal;
}

/** What a model withstands. */
export interface StressResult {
  /** The folder with the table, the figures and the page. */
  readonly directory: string;
  /** Which recordings were heard, in a few words. */
  readonly data: string;
  readonly seed: number;
  /** Recordings that were heard. */
  readonly clips: number;
  /** Those that were left out, and why. */
  readonly leftOut: readonly { readonly path: string; readonly reason: string }[];
  /** Of the recordings as they are. */
  readonly clean: ConditionMetrics;
  /** By name, in the order of {@link CONDITIONS}. */
  readonly conditions: Readonly<Record<string, Robustness>>;
}

/**
 * Tests a model under conditions that recordings may be made in, on clips whose emotions it knows, and writes a table, a page
 * and all figures.
 *
 * Each clip is answered as `predict` answers it. A model normalised by speaker takes the clips of a speaker together, all
 * under one condition.
 *
 * @param folder - a run's, or with `data` also a model's
 * @throws InputError, UsageError with a message for the user; the signal's reason if it is aborted
 */
export async function stress(folder: string, options: StressOptions = {}): Promise<StressResult> {
  const { seed = SPLIT_DEFAULTS.seed, out = folder, reporter = SILENT, signal } = options;
  const conditions = conditionsNamed(options.only ?? []);
  const material = await materialOf(folder, options.data);
  requireWritable(out);
  const model = await loadModel(folder, { backend: options.backend, report: reporter.say });
  try {
    const { labels } = model.settings;
    const { clips, unknown } = knownTo(model, material.clips);
    reporter.say(`${clips.length} clips: ${material.data}; ${Object.keys(conditions).length} conditions`);
    const asked = await answersOf(model, clips, {
      ...{ conditions, seed, reporter, signal },
      allowTruncated: material.allowTruncated,
    });
    const unused = [
      ...unknown.map((clip) => ({
        path: sourceName(clip),
        reason: `${sourceName(clip)}: the model does not know its emotion, ${clip.emotion}`,
      })),
      ...[...asked.problems].map(([i, reason]) => ({ path: sourceName(clips[i]), reason })),
    ];
    if (unused.length === material.clips.length)
      throw new InputError(
        `Cannot test ${folder}: none of the ${unused.length} recordings can be used: ${unused[0].reason}`,
      );
    const leftOut = [...unused, ...(material.noClips ?? [])];
    const figures = measured(asked, { clips, labels, names: Object.keys(conditions) });
    const result = { directory: out, data: material.data, seed, leftOut, ...figures };
    writeResult(result, { model: folder, backend: model.backend, caveats: caveatsOf(material, model) });
    return result;
  } finally {
    model.dispose();
  }
}

/** The figures of the clips that have all answers. */
function measured(
  { answers, problems }: ClipAnswers,
  { clips, labels, names }: { clips: readonly Clip[]; labels: readonly string[]; names: readonly string[] },
): Pick<StressResult, 'clips' | 'clean' | 'conditions'> {
  const kept = [...clips.keys()].filter((i) => !problems.has(i));
  const targets = kept.map((i) => classIndex(clips[i].emotion, labels));
  const [clean, ...perturbed] = answers.map((rows) => rowsOf(rows, kept, labels.length));
  return {
    clips: kept.length,
    clean: conditionMetrics(targets, clean, labels),
    conditions: Object.fromEntries(
      names.map((name, c) => [name, robustness({ targets, labels, clean }, perturbed[c])]),
    ),
  };
}

/**
 * The conditions of some names and kinds, all of them if there are none.
 *
 * @throws UsageError if there is no such condition
 */
function conditionsNamed(names: readonly string[]): Record<string, Condition> {
  const kinds = [...new Set(Object.values(CONDITIONS).map(({ kind }) => kind))];
  const known = [...new Set([...kinds, ...Object.keys(CONDITIONS)])];
  const wrong = names.find((name) => !known.includes(name));
  if (wrong !== undefined)
    throw new UsageError(`There is no condition ${wrong}${nearest(wrong, known)}; there are ${known.join(', ')}`);
  return Object.fromEntries(
    Object.entries(CONDITIONS).filter(
      ([name, { kind }]) => names.length === 0 || names.includes(name) || names.includes(kind),
    ),
  );
}

/** The recordings that a model is tested with. */
interface Material {
  readonly clips: readonly Clip[];
  /** What they are, in a few words. */
  readonly data: string;
  /** The corpus, where it is not a run's test part. */
  readonly corpus?: string;
  /** The recordings of it that are no clips, and why. */
  readonly noClips?: readonly FileProblem[];
  /** How the run was divided, where it is one's test part. */
  readonly protocol?: Protocol;
  /** Share of a recording that may be missing, where a run allowed some. */
  readonly allowTruncated?: number;
}

async function materialOf(folder: string, data: string | undefined): Promise<Material> {
  if (data !== undefined) {
    const corpus = await loadCorpus(data);
    const { name, clips } = corpus;
    return { clips, data: `${name} in ${data}`, corpus: name, noClips: leftOutOf(corpus) };
  }
  if (!existsSync(join(folder, RUN_FILES.config)))
    throw new InputError(
      `Cannot test ${folder}: it is not the folder of a run, which knows its test part; give one, or name recordings with \`data\``,
    );
  const { clips, split, config } = readRun(folder);
  return {
    clips: split.test.map((i) => clips[i]),
    data: `test part of ${folder}`,
    protocol: config.protocol,
    allowTruncated: config.allowTruncated,
  };
}

/** What limits what the figures say. */
function caveatsOf({ corpus, protocol }: Material, model: TrainedModel): string[] {
  const { conditions = [] } = model.settings.trainedOn;
  return [
    ...(protocol === undefined ? [] : [`Protocol ${protocol}: ${PROTOCOL_DESCRIPTIONS[protocol]}.`]),
    ...(protocol === undefined && corpus !== undefined ? heardBefore(model, corpus) : []),
    ...(conditions.length > 0
      ? [
          `The model has learnt from copies under ${conditions.join(', ')}, too: expect less of conditions unlike these.`,
        ]
      : []),
  ];
}

/** Makes sure, before the work, that its result can be written, without making the folder yet. */
function requireWritable(path: string): void {
  let there = resolve(path);
  while (!existsSync(there)) there = dirname(there);
  try {
    opendirSync(there).closeSync();
    accessSync(there, constants.W_OK);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

function writeResult(
  result: StressResult,
  { model, backend, caveats }: { model: string; backend: BackendInfo; caveats: readonly string[] },
): void {
  const { directory, clean, conditions, ...facts } = result;
  const file = (name: keyof typeof STRESS_FILES) => join(directory, STRESS_FILES[name]);
  writeCsv(file('table'), [
    { condition: 'clean', kind: '', clips: facts.clips, ...clean, drop: 0, flipped: 0 },
    ...Object.entries(conditions).map(([name, each]) => ({
      condition: name,
      kind: CONDITIONS[name].kind,
      clips: facts.clips,
      ...each,
    })),
  ]);
  const described = Object.entries(conditions).map(([name, each]) => [
    name,
    { description: CONDITIONS[name].description, ...each },
  ]);
  const page = {
    title: `Stress test of ${model}`,
    ...facts,
    caveats,
    clean,
    conditions: Object.fromEntries(described),
  };
  writeFile(file('report'), stressHtml(page));
  writeJson(file('results'), { model, backend, ...facts, clean, conditions });
}
