/**
 * Finished runs as TensorBoard shows them. In: the folders of runs, folds or comparisons. Out: a folder of event files, of which
 * each run has one for its configuration and results, and one for each of the curves.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { InputError } from '../common/errors.js';
import { readJson, writeFile } from '../common/files.js';
import { corporaOf } from '../corpora/mixture.js';
import { PROTOCOL_DESCRIPTIONS } from '../dataset/splits.js';
import type { Metrics } from '../evaluation/metrics.js';
import { assess, pooledTests } from '../evaluation/predictions.js';
import { eventFile, type Hyperparameter, type LogEvent, type Summary } from '../exchange/event-file.js';
import type { EpochRecord } from '../training/training.js';
import { type Cost, readCost, spentInWords } from './cost.js';
import type { Environment } from './environment.js';
import { type FinishedRun, readRun } from './finished.js';
import { RUN_FILES } from './folder.js';
import { holdsFolds, readFolds } from './folds.js';
import { environmentFacts, flattened } from './write.js';

/** TensorBoard takes every file with this in its name. */
const EVENTS = 'events.out.tfevents.ser';

/** Where width and height are in a PNG. */
const PNG_SIZE_AT = 16;

/**
 * Writes finished runs as event files, each in a folder of its own below `out`, named after the run's.
 *
 * @param directories - of runs, folds or comparisons
 * @returns the folders that were written
 * @throws InputError if one is not finished, damaged or there already: then none of it is written
 */
export function exportToTensorBoard(directories: readonly string[], out: string): string[] {
  const written = directories.map((directory) => join(out, basename(resolve(directory))));
  const there = written.find((path) => existsSync(path));
  if (there !== undefined) throw new InputError(`Cannot write ${there}: there is such a file or folder already`);
  const files = directories.flatMap((directory, i) => filesOf(directory, written[i]));
  for (const { path, events } of files) writeFile(join(path, EVENTS), eventFile(events), { fsync: false });
  return written;
}

/** The events of one folder. */
interface LogFile {
  readonly path: string;
  readonly events: readonly LogEvent[];
}

function filesOf(directory: string, path: string): LogFile[] {
  if (existsSync(join(directory, RUN_FILES.comparison)))
    return readdirSync(directory)
      .filter((name) => existsSync(join(directory, name, RUN_FILES.config)))
      .flatMap((name) => filesOf(join(directory, name), join(path, name)));
  if (!holdsFolds(directory)) {
    const run = readRun(directory);
    return [summaryFile(directory, path, { runs: [run], metrics: run.metrics }), ...curvesOf(run, path)];
  }
  const runs = readFolds(directory);
  if (runs.length === 0 || !existsSync(join(directory, RUN_FILES.metrics)))
    throw new InputError(`Cannot export the folds in ${directory}: they are not finished`);
  const predictions = pooledTests(runs);
  const { metrics } = assess(predictions, predictions.split.test);
  return [
    summaryFile(directory, path, { runs, metrics: { test: metrics } }),
    ...runs.flatMap((run) => {
      const fold = join(path, basename(run.directory));
      const results = scalars('test', run.metrics.test);
      const events = results.map((summary) => ({ ...at(run.directory), step: 0, summary }));
      return [{ path: fold, events }, ...curvesOf(run, fold)];
    }),
  ];
}

/** What was trained, what came of it, what it cost, its figures and its card. */
function summaryFile(
  directory: string,
  path: string,
  { runs, metrics }: { readonly runs: readonly FinishedRun[]; readonly metrics: Readonly<Record<string, Metrics>> },
): LogFile {
  const [{ config, clips }] = runs;
  const cost = readCost(directory);
  const { seconds } = at(directory);
  const endedAt = seconds + (cost?.wallSeconds ?? 0);
  const results = Object.entries(metrics).flatMap(([set, each]) => scalars(set, each));
  const spent = cost ? spentScalars(cost) : [];
  const summaries: Summary[] = [
    { hyperparameters: hyperparametersOf({ config, clips }, runs.length), seconds },
    ...results,
    ...spent,
    { tag: 'about', markdown: about(runs[0], cost) },
    ...card(directory),
    ...figures(directory),
    { endedAt },
  ];
  return {
    path,
    events: summaries.map((summary) => ({ seconds: 'endedAt' in summary ? endedAt : seconds, step: 0, summary })),
  };
}

/** The configuration, without what names folders of this machine, or clip by clip. */
function hyperparametersOf(
  { config, clips }: Pick<FinishedRun, 'config' | 'clips'>,
  runs: number,
): Record<string, Hyperparameter> {
  const { data, sets, testSpeakers, testTexts, ...settings } = config;
  return {
    ...flattened({ ...settings, corpus: corporaOf(clips).join(' + ') }),
    ...(runs > 1 ? { folds: runs } : flattened({ testSpeakers, testTexts })),
  };
}

function scalars(set: string, { uar, accuracy, macroF1, loss, perClass }: Metrics): Summary[] {
  const recalls = Object.entries(perClass).map(([emotion, { recall }]) => [`recall of ${emotion}`, recall] as const);
  const all = [
    ...Object.entries({ UAR: uar, accuracy, 'macro-F1': macroF1, loss }),
    ...(set === 'test' ? recalls : []),
  ];
  return all.map(([name, scalar]) => ({ tag: `${set}/${name}`, scalar }));
}

function spentScalars({ wallSeconds, processorSeconds, peakMegabytes }: Cost): Summary[] {
  const spent = { 'wall seconds': wallSeconds, 'processor seconds': processorSeconds, 'peak megabytes': peakMegabytes };
  return Object.entries(spent).map(([name, scalar]) => ({ tag: `cost/${name}`, scalar }));
}

function about({ directory, config: { protocol } }: FinishedRun, cost: Cost | undefined): string {
  const environment = readJson(join(directory, RUN_FILES.environment)) as Environment;
  const facts = {
    protocol: PROTOCOL_DESCRIPTIONS[protocol],
    ...(cost && { cost: spentInWords(cost) }),
    ...environmentFacts(environment),
  };
  const rows = Object.entries(facts).filter(([, value]) => value !== undefined);
  return ['| what | |', '| --- | --- |', ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join('\n');
}

function card(directory: string): Summary[] {
  const path = join(directory, RUN_FILES.modelCard);
  return existsSync(path) ? [{ tag: 'model card', markdown: readFileSync(path, 'utf8') }] : [];
}

function figures(directory: string): Summary[] {
  const folder = join(directory, RUN_FILES.figures);
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.png')) : [];
  return names.sort().map((name) => {
    const png = readFileSync(join(folder, name));
    const [width, height] = [png.readUInt32BE(PNG_SIZE_AT), png.readUInt32BE(PNG_SIZE_AT + 4)];
    return { tag: `figures/${basename(name, '.png')}`, png, width, height };
  });
}

/** The epochs, under the names and in the folders that Keras gives them. */
function curvesOf({ directory, history }: FinishedRun, path: string): LogFile[] {
  if (history.length === 0) return [];
  const { seconds: began } = at(directory);
  const curve = (name: string, values: (record: EpochRecord) => readonly [number, number]): LogFile => {
    let seconds = began;
    const events = history.flatMap((record) => {
      seconds += record.seconds;
      const [loss, accuracy] = values(record);
      return Object.entries({ epoch_loss: loss, epoch_accuracy: accuracy }).map(([tag, scalar]) => ({
        seconds,
        step: record.epoch,
        summary: { tag, scalar },
      }));
    });
    return { path: join(path, name), events };
  };
  return [
    curve('train', ({ loss, accuracy }) => [loss, accuracy]),
    curve('validation', ({ valLoss, valAccuracy }) => [valLoss, valAccuracy]),
  ];
}

/** When a run began, in seconds since 1970. */
function at(directory: string): { readonly seconds: number } {
  const [first] = readCost(directory)?.sittings ?? [];
  const { mtimeMs } = statSync(join(directory, holdsFolds(directory) ? RUN_FILES.folds : RUN_FILES.config));
  return { seconds: (first ? Date.parse(first.began) : mtimeMs) / 1000 };
}
