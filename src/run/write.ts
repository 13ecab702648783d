import { join } from 'node:path';
import { sourceName } from '../audio/segment.js';
import { writeCsv } from '../common/csv.js';
import { jsonText, writeFile } from '../common/files.js';
import { enumeration } from '../common/text.js';
import { titleOf } from '../corpora/corpora.js';
import { overlapNote } from '../corpora/duplicates.js';
import { emotionNotes } from '../corpora/emotion-notes.js';
import { corporaOf, mixtureNote } from '../corpora/mixture.js';
import { speakersOf, unknownSpeakersNote } from '../corpora/speakers.js';
import { PROTOCOL_DESCRIPTIONS } from '../dataset/splits.js';
import { ENCODERS } from '../encoder/encoder.js';
import { calibrationError } from '../evaluation/calibration.js';
import { chanceLevel, type Metrics } from '../evaluation/metrics.js';
import { assess, eachPredictionRow, type Mistake, mistakesOf } from '../evaluation/predictions.js';
import { NETWORKS } from '../networks/networks.js';
import { type Facts, reportHtml } from '../pages/report.js';
import { writeListed } from './checksums.js';
import { commandOf } from './command.js';
import { copiesInWords } from './copies.js';
import { noteOf } from './corpus-note.js';
import { type Cost, spentInWords } from './cost.js';
import { blendInWords } from './ensemble.js';
import type { Environment } from './environment.js';
import { type DrawnFigure, drawFigures, writeFigures } from './figure-files.js';
import { RUN_FIGURES, setsShown, testReliability } from './figures.js';
import { RUN_FILES } from './folder.js';
import { unheard, unheardInWords } from './heard-part.js';
import { cardFacts, modelCard } from './model-card.js';
import type { Outcome } from './outcome.js';
import { pathsOf } from './paths.js';

/** Mistakes listed in a report. */
export const LISTED_MISTAKES = 10;

/** The files beside the metrics that tables, figures and tests are made from, too: they must not change. */
const LISTED_FILES = (['config', 'environment', 'clips', 'history', 'predictions'] as const).map(
  (name) => RUN_FILES[name],
);

/** What is written. */
export interface OutputOptions {
  /** Whether figures are drawn and a report is written, which takes seconds and 10 MB; default true. */
  readonly report?: boolean;
}

/**
 * The last stage of a run: writes predictions, figures, report, model card and, last of all because it says that the run is finished,
 * the metrics.
 *
 * @returns what the run has cost
 */
export async function writeOutputs(outcome: Outcome, { report = true }: OutputOptions = {}): Promise<Cost> {
  const { meter, directory, prepared, metrics, probabilities, fitted, seconds } = outcome;
  const { labels, clips, split } = prepared;
  const predictions = { clips, split, labels, probabilities };
  const file = (name: keyof typeof RUN_FILES) => join(directory, RUN_FILES[name]);
  writeCsv(file('predictions'), eachPredictionRow(predictions, pathsOf(file('config')).toFile));
  if (report) await writeReport(outcome, mistakesOf(predictions));
  writeFile(file('modelCard'), modelCard(cardFacts(outcome)));
  const { history, bestEpoch } = fitted;
  const kept = {
    labels,
    ...metrics,
    calibrationError: calibrationError(testReliability(outcome)),
    unheard: unheard(prepared).share,
    epochs: history.length,
    bestEpoch,
    seconds,
  };
  const cost = meter.record(directory);
  writeListed(file('metrics'), jsonText(kept), LISTED_FILES);
  return cost;
}

async function writeReport(outcome: Outcome, mistakes: readonly Mistake[]): Promise<void> {
  const { directory } = outcome;
  const figures = await drawFigures(RUN_FIGURES, outcome);
  await writeFigures(directory, figures);
  writeFile(join(directory, RUN_FILES.report), makeReport(outcome, figures, mistakes));
}

function makeReport(outcome: Outcome, figures: readonly DrawnFigure[], mistakes: readonly Mistake[]): string {
  const { directory, corpus, prepared, metrics, environment, fitted, blend, seconds, meter } = outcome;
  const { config, clips, split, labels, skipped, leftOut } = prepared;
  const { encoder } = NETWORKS[config.network];
  const { sets, ...settings } = config;
  return reportHtml({
    title: `Speech emotion recognition: ${corpus.name}, protocol ${config.protocol}`,
    created: new Date().toISOString().slice(0, 16).replace('T', ' '),
    command: commandOf(config, directory, environment),
    corpus: { name: corpus.name, title: titleOf(clips) ?? corpus.root, note: noteOf(clips) },
    protocol: {
      name: config.protocol,
      description: PROTOCOL_DESCRIPTIONS[config.protocol],
      optimistic: split.optimistic,
    },
    folders: corpus.folders,
    mixture: mixtureNote(clips),
    unknownSpeakers: unknownSpeakersNote(clips),
    notes: [overlapNote(clips) ?? [], emotionNotes(clips), copiesInWords(config) ?? []].flat(),
    unheard: unheardInWords(prepared),
    pretrained: encoder && ENCODERS[encoder].description,
    seed: config.seed,
    config: { ...flattened(settings), ...(sets && { sets: 'as given' }) },
    environment: environmentFacts(environment),
    sets: metrics,
    chance: chanceLevel(metrics.test),
    labels,
    corpora: corporaTested(outcome),
    ...fitted,
    blend: blend && blendInWords(blend),
    seconds,
    cost: spentInWords(meter.record(directory)),
    splits: setsShown(split).map((set) => ({
      set,
      clips: split[set].length,
      speakers: speakersOf(split[set].map((i) => clips[i])),
    })),
    skipped: skipped.map(({ clip, reason }) => ({ path: sourceName(clip), reason })),
    leftOut,
    mostConfidentMistakes: mistakes.slice(0, LISTED_MISTAKES).map((each) => ({ ...each, path: sourceName(each) })),
    figures,
  });
}

/** The environment as reports show it: packages that are missing are left out. */
export function environmentFacts({ backend, packages, ...machine }: Environment): Facts {
  const installed = Object.fromEntries(Object.entries(packages).filter(([, version]) => version !== null));
  return { ...machine, ...flattened({ backend }), ...installed };
}

/** The figures of each corpus on the test set, where there are several. */
function corporaTested({ prepared, probabilities }: Outcome): { name: string; test?: Metrics }[] {
  const { clips, split, labels } = prepared;
  const corpora = corporaOf(clips);
  if (corpora.length < 2) return [];
  return corpora.map((name) => {
    const own = split.test.filter((i) => clips[i].corpus === name);
    return own.length === 0 ? { name } : { name, test: assess({ clips, split, labels, probabilities }, own).metrics };
  });
}

/** Nested settings as one level, `mel.bands` and the like. */
export function flattened(value: object, prefix = ''): Record<string, string | number | boolean> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]): [string, string | number | boolean][] => {
      if (inner === undefined) return [];
      if (Array.isArray(inner)) return [[prefix + key, enumeration(inner.map(String))]];
      if (typeof inner === 'object' && inner !== null) return Object.entries(flattened(inner, `${prefix}${key}.`));
      return [[prefix + key, inner]];
    }),
  );
}
