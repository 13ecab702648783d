import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeCsv } from '../common/csv.js';
import { UsageError } from '../common/errors.js';
import { jsonText, writeFile } from '../common/files.js';
import { count } from '../common/text.js';
import type { Clip } from '../corpora/clip.js';
import { readerOf } from '../corpora/corpora.js';
import { requireNoneOnTwoSides } from '../corpora/duplicates.js';
import { type FoldsBy, foldsOf } from '../dataset/folds.js';
import type { Metrics } from '../evaluation/metrics.js';
import {
  type Assessment,
  assess,
  eachPredictionRow,
  type Predictions,
  pooledTests,
} from '../evaluation/predictions.js';
import { foldsHtml } from '../pages/folds.js';
import { writeListed } from './checksums.js';
import { checkConfig, type FoldsConfig, type RunConfig, readFoldsConfig, writeConfig } from './config.js';
import { corpusFor, corpusInWords } from './corpus.js';
import { type Cost, CostMeter } from './cost.js';
import { writeFinalModel } from './final-model.js';
import { type FinishedRun, readRun, requireSameRecordings } from './finished.js';
import { inFolder, inNewFolder, RUN_FILES } from './folder.js';
import type { CardFacts } from './model-card.js';
import { pathsOf } from './paths.js';
import { splitFor } from './prepare.js';
import { SILENT } from './reporter.js';
import { finishedRun, type ResumeOptions, type RunOptions } from './run.js';

const MOST_NAMED = 5;

/** One fold: trained without some speakers or texts, tested with these. */
export interface Fold {
  readonly tested: readonly string[];
  readonly test: Metrics;
}

/** What leaving each speaker or text out once came to. */
export interface FoldsResult {
  readonly directory: string;
  readonly by: FoldsBy;
  /** The folds that are done. */
  readonly folds: readonly Fold[];
  /** Over all clips, each answered by the network that has not heard its speaker or text; undefined while folds are missing. */
  readonly pooled?: Assessment;
  /** What is told of the model that was fitted to all clips in the end; undefined where there is none. */
  readonly card?: CardFacts;
  /** What all of it has cost so far, earlier sittings included. */
  readonly cost: Cost;
}

/** Whether a folder is one of folds, to be gone on with by {@link resumeFolds}. */
export function holdsFolds(directory: string): boolean {
  return existsSync(join(directory, RUN_FILES.folds));
}

/**
 * Leaves one speaker, text or group of them out at a time: a run without, tested with what was left out; and puts the answers
 * together. So every clip is tested, and none by a network that has heard its speaker or text.
 *
 * @param config - its protocol says whether by speaker or by text; what to test with is set fold by fold
 * @throws InputError, UsageError with a message for the user; what was written stays if training had begun, else the folder is
 *   as it was before
 */
export async function runFolds(config: FoldsConfig, options: RunOptions = {}): Promise<FoldsResult> {
  const meter = new CostMeter();
  const { clips } = await corpusFor(config);
  foldConfigs(clips, config);
  return inNewFolder(options.directory, (directory) => {
    writeConfig(join(directory, RUN_FILES.folds), config);
    return carryOut(config, { ...options, directory, meter });
  });
}

/**
 * Goes on with folds that were interrupted: those that are done are not done again.
 *
 * @throws InputError if the folder's configuration is damaged, or its recordings are others by now
 */
export async function resumeFolds(directory: string, options: ResumeOptions = {}): Promise<FoldsResult> {
  const meter = new CostMeter();
  const path = join(directory, RUN_FILES.folds);
  const begun = readFoldsConfig(path);
  const { maxSkipped = begun.maxSkipped } = options;
  const config = { ...begun, maxSkipped };
  return inFolder(directory, () => {
    if (maxSkipped !== begun.maxSkipped) writeConfig(path, config);
    return carryOut(config, { ...options, directory, meter });
  });
}

/**
 * The run of each fold, in order.
 *
 * @throws InputError if the clips do not allow such folds, or a recording would be on both sides of one
 * @throws UsageError if the configuration does not allow folds
 */
export function foldConfigs(clips: readonly Clip[], { groups, ...config }: FoldsConfig): RunConfig[] {
  checkConfig(config);
  const by = foldsBy(config);
  const configs = foldsOf(clips, { by, groups, seed: config.seed }).map((names) => ({
    ...config,
    ...(by === 'speaker' ? { testSpeakers: names } : { testTexts: names }),
  }));
  for (const each of configs) splitFor(clips, each);
  requireNoneOnTwoSides(clips, (clip) => `${by} ${clip[by]}`);
  return configs;
}

/** Reads the finished folds in a folder. */
export function readFolds(directory: string): FinishedRun[] {
  const runs: FinishedRun[] = [];
  while (existsSync(join(foldFolder(directory, runs.length), RUN_FILES.metrics)))
    runs.push(readRun(foldFolder(directory, runs.length)));
  return runs;
}

function foldsBy({ protocol, testSpeakers, testTexts = [], sets }: RunConfig): FoldsBy {
  const given = testSpeakers.length > 0 || testTexts.length > 0 || sets;
  if ((protocol !== 'speaker' && protocol !== 'text') || given)
    throw new UsageError(
      'Cannot leave out one fold at a time: the protocol must be speaker or text, and neither test speakers, test texts nor sets be given',
    );
  return protocol;
}

function foldFolder(directory: string, index: number): string {
  return join(directory, `fold-${String(index + 1).padStart(2, '0')}`);
}

async function carryOut(
  config: FoldsConfig,
  { meter, ...options }: RunOptions & { readonly directory: string; readonly meter: CostMeter },
): Promise<FoldsResult> {
  const { directory, reporter = SILENT, signal } = options;
  const corpus = await corpusFor(config);
  for (const line of corpusInWords(corpus)) reporter.say(line);
  const configs = foldConfigs(corpus.clips, config);
  const by = foldsBy(config);
  const done: FinishedRun[] = [];
  for (const [i, each] of configs.entries()) {
    reporter.say(`Fold ${i + 1} of ${configs.length}: tested with ${testedNames(by, testedOf(each))}`);
    // The report of all folds has what theirs would have.
    const folder = foldFolder(directory, i);
    const fold = await meter.part(folder, () => finishedRun(folder, each, { ...options, report: false }));
    if (!fold) break;
    done.push(fold);
    if (signal?.aborted) break;
  }
  requireSameRecordings(done);
  const folds = done.map((fold) => ({ tested: testedOf(fold.config), test: fold.metrics.test }));
  if (done.length < configs.length) return { directory, by, folds, cost: meter.record(directory) };
  const predictions = pooledTests(done);
  const pooled = assess(predictions, predictions.split.test);
  const tested = folds.map((fold) => fold.tested);
  const { groups } = config;
  const card = await writeFinalModel({ config: configs[0], corpus, by, groups, tested, pooled }, options);
  if (card) reporter.say(`In ${join(directory, RUN_FILES.model)} is the model that was fitted to all clips in the end`);
  const cost = writeOutputs(config, { directory, by, folds, pooled, predictions, meter });
  return { directory, by, folds, pooled, card, cost };
}

function testedOf({ testSpeakers, testTexts = [] }: RunConfig): readonly string[] {
  return [...testSpeakers, ...testTexts];
}

/** The speakers or texts of a fold in a message: their names if they are few, else their number. */
export function testedNames(by: FoldsBy, names: readonly string[]): string {
  return names.length <= MOST_NAMED ? names.join(', ') : count(names.length, by);
}

function writeOutputs(
  config: FoldsConfig,
  {
    directory,
    by,
    folds,
    pooled,
    predictions,
    meter,
  }: Required<Omit<FoldsResult, 'card' | 'cost'>> & { readonly predictions: Predictions; readonly meter: CostMeter },
): Cost {
  const { toFile } = pathsOf(join(directory, RUN_FILES.folds));
  writeCsv(join(directory, RUN_FILES.predictions), eachPredictionRow(predictions, toFile));
  const data = readerOf(config.corpus ?? '')?.title ?? config.data;
  const rows = folds.map(({ tested, test }) => ({ tested: testedNames(by, tested), test }));
  writeFile(
    join(directory, RUN_FILES.report),
    foldsHtml({ network: config.network, data, by, groups: config.groups, folds: rows, ...pooled }),
  );
  const { metrics, calibrationError } = pooled;
  const cost = meter.record(directory);
  writeListed(join(directory, RUN_FILES.metrics), jsonText({ metrics, calibrationError, folds }), [
    RUN_FILES.folds,
    RUN_FILES.predictions,
  ]);
  return cost;
}
