import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeCsv } from '../common/csv.js';
import { InputError, UsageError } from '../common/errors.js';
import { writeFile, writeJson } from '../common/files.js';
import { loadCorpus, readerOf } from '../corpora/corpora.js';
import { classIndex } from '../dataset/examples.js';
import { calibrationError, type ReliabilityBin, reliability } from '../evaluation/calibration.js';
import { type CoveragePoint, coverageCurve } from '../evaluation/coverage.js';
import { evaluate, type Metrics } from '../evaluation/metrics.js';
import { foldsHtml } from '../pages/folds.js';
import { checkConfig, type RunConfig, readConfig } from './config.js';
import { createRunFolder, RUN_FILES } from './folder.js';
import { SILENT } from './reporter.js';
import type { RunOptions } from './run.js';
import { type FinishedRun, finishedRun } from './saved.js';

/** The configuration that all folds share; it tells a folder of folds from that of a run. */
const FOLDS_FILE = 'folds.json';

/** One fold: trained without a speaker, tested with this one. */
export interface Fold {
  readonly speaker: string;
  readonly test: Metrics;
}

/** What leaving each speaker out in turn came to. */
export interface FoldsResult {
  readonly directory: string;
  /** The folds that are done. */
  readonly folds: readonly Fold[];
  /** Over all clips, each answered by the network that has not heard its speaker; undefined while folds are missing. */
  readonly pooled?: { readonly metrics: Metrics; readonly calibrationError: number };
}

/** Whether a folder is one of folds, to be gone on with by {@link resumeFolds}. */
export function holdsFolds(directory: string): boolean {
  return existsSync(join(directory, FOLDS_FILE));
}

/**
 * Leaves one speaker out at a time: a run without, tested with this one, for each speaker; and puts their answers together.
 * So every clip is tested, and none by a network that has heard its speaker.
 *
 * @param config - its protocol must be `speaker`; the speakers to test with are set fold by fold
 * @throws InputError, UsageError with a message for the user; what was written until then stays
 */
export async function runFolds(config: RunConfig, options: RunOptions = {}): Promise<FoldsResult> {
  checkConfig(config);
  if (config.protocol !== 'speaker' || config.testSpeakers.length > 0 || config.sets)
    throw new UsageError(
      'Cannot leave out one speaker at a time: the protocol must be speaker, and neither test speakers nor sets be given',
    );
  await speakersOf(config);
  const directory = createRunFolder(options.directory);
  writeJson(join(directory, FOLDS_FILE), config);
  return carryOut(config, { ...options, directory });
}

/**
 * Goes on with folds that were interrupted: those that are done are not done again.
 *
 * @throws InputError if the folder's configuration is damaged, or its recordings are others by now
 */
export async function resumeFolds(
  directory: string,
  options: Omit<RunOptions, 'directory'> = {},
): Promise<FoldsResult> {
  return carryOut(readConfig(join(directory, FOLDS_FILE)), { ...options, directory });
}

async function carryOut(config: RunConfig, options: RunOptions & { readonly directory: string }): Promise<FoldsResult> {
  const { directory, reporter = SILENT, signal } = options;
  const speakers = await speakersOf(config);
  const done: FinishedRun[] = [];
  for (const [i, speaker] of speakers.entries()) {
    reporter.say(`Fold ${i + 1} of ${speakers.length}: tested with speaker ${speaker}`);
    const folder = join(directory, speaker.replace(/[^\w-]/g, '_'));
    const fold = await finishedRun(folder, { ...config, testSpeakers: [speaker] }, options);
    if (!fold) break;
    done.push(fold);
    if (signal?.aborted) break;
  }
  const folds = done.map(({ config: { testSpeakers }, metrics }) => ({ speaker: testSpeakers[0], test: metrics.test }));
  if (done.length < speakers.length) return { directory, folds };
  const pooled = pool(done);
  writeOutputs({ config, directory, folds, ...pooled });
  return { directory, folds, pooled };
}

async function speakersOf({ data, corpus }: RunConfig): Promise<string[]> {
  const { clips } = await loadCorpus(data, { corpus });
  const speakers = [...new Set(clips.map(({ speaker }) => speaker))].sort();
  if (speakers.length < 2)
    throw new InputError(`Cannot leave speakers out: there must be at least 2, and there is only ${speakers.join()}`);
  return speakers;
}

/** The answers of all folds to the clips that each was tested with. */
interface Pooled {
  readonly metrics: Metrics;
  readonly calibrationError: number;
  readonly bins: readonly ReliabilityBin[];
  readonly coverage: readonly CoveragePoint[];
  readonly rows: readonly object[];
}

function pool(folds: readonly FinishedRun[]): Pooled {
  const labels = [...new Set(folds.flatMap((fold) => fold.labels))].sort();
  const targets: number[] = [];
  const probabilities: number[] = [];
  const rows: object[] = [];
  for (const fold of folds)
    for (const i of fold.split.test) {
      const { path, speaker, emotion } = fold.clips[i];
      // A class that a fold does not know has no probability there.
      const row = labels.map((label) => {
        const c = fold.labels.indexOf(label);
        return c < 0 ? 0 : fold.probabilities[i * fold.labels.length + c];
      });
      targets.push(classIndex(emotion, labels));
      probabilities.push(...row);
      const predicted = labels[row.indexOf(Math.max(...row))];
      rows.push({
        path,
        speaker,
        true: emotion,
        predicted,
        ...Object.fromEntries(labels.map((label, c) => [label, row[c]])),
      });
    }
  const values = Float32Array.from(probabilities);
  const bins = reliability(targets, values, labels.length);
  return {
    metrics: evaluate(targets, values, labels),
    calibrationError: calibrationError(bins),
    bins,
    coverage: coverageCurve(targets, values, labels.length),
    rows,
  };
}

function writeOutputs({
  config,
  directory,
  folds,
  metrics,
  calibrationError,
  bins,
  coverage,
  rows,
}: Pooled & { config: RunConfig; directory: string; folds: readonly Fold[] }): void {
  writeCsv(join(directory, RUN_FILES.predictions), rows);
  const reader = readerOf(config.corpus ?? '');
  const title = `Speech emotion recognition: ${config.network}, one speaker left out at a time`;
  const report = { title, data: reader?.title ?? config.data, folds, metrics, calibrationError, bins, coverage };
  writeFile(join(directory, RUN_FILES.report), foldsHtml(report));
  writeJson(join(directory, RUN_FILES.metrics), { metrics, calibrationError, folds });
}
