import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { sourceName } from '../audio/segment.js';
import { writeCsv } from '../common/csv.js';
import { jsonText, writeFile } from '../common/files.js';
import { readersOf, titleOf } from '../corpora/corpora.js';
import { overlapNote } from '../corpora/duplicates.js';
import { emotionNotes } from '../corpora/emotion-notes.js';
import { corporaOf, mixtureNote } from '../corpora/mixture.js';
import { speakersOf, unknownSpeakersNote } from '../corpora/speakers.js';
import { PROTOCOL_DESCRIPTIONS } from '../dataset/splits.js';
import { ENCODERS } from '../encoder/encoder.js';
import { calibrationError } from '../evaluation/calibration.js';
import { chanceLevel, type Metrics } from '../evaluation/metrics.js';
import { assess, type Mistake, mistakesOf, predictionRows } from '../evaluation/predictions.js';
import { NETWORKS } from '../networks/networks.js';
import { toHtml } from '../pages/html.js';
import { toPng } from '../pages/picture.js';
import { plotlySource } from '../pages/plotly-source.js';
import { reportHtml } from '../pages/report.js';
import type { Figure } from '../plots/figures.js';
import { writeListed } from './checksums.js';
import { commandOf } from './command.js';
import { blendInWords } from './ensemble.js';
import { RUN_FIGURES, setsShown, testReliability } from './figures.js';
import { RUN_FILES } from './folder.js';
import { modelCard } from './model-card.js';
import type { Outcome } from './outcome.js';
import { pathsOf } from './paths.js';

/** A figure as it is written. */
interface DrawnFigure {
  readonly name: string;
  readonly title: string;
  readonly caption: string;
  readonly figure: Figure;
}

/** Mistakes listed in the report. */
const LISTED_MISTAKES = 10;

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
 */
export async function writeOutputs(outcome: Outcome, { report = true }: OutputOptions = {}): Promise<void> {
  const { directory, prepared, metrics, probabilities, fitted, seconds } = outcome;
  const { labels, clips, split } = prepared;
  const predictions = { clips, split, labels, probabilities };
  const file = (name: keyof typeof RUN_FILES) => join(directory, RUN_FILES[name]);
  writeCsv(file('predictions'), predictionRows(predictions, pathsOf(file('config')).toFile));
  if (report) await writeReport(outcome, mistakesOf(predictions));
  writeFile(file('modelCard'), modelCard(outcome));
  const { history, bestEpoch } = fitted;
  const kept = {
    labels,
    ...metrics,
    calibrationError: calibrationError(testReliability(outcome)),
    epochs: history.length,
    bestEpoch,
    seconds,
  };
  writeListed(file('metrics'), jsonText(kept), LISTED_FILES);
}

async function writeReport(outcome: Outcome, mistakes: readonly Mistake[]): Promise<void> {
  const { directory } = outcome;
  const figures = await drawFigures(outcome);
  // The pages share Plotly, which is larger than all of them.
  const plotlyFile = 'plotly.min.js';
  writeFile(join(directory, RUN_FILES.figures, plotlyFile), plotlySource());
  for (const { name, title, figure } of figures) {
    // Lets Ctrl-C through, which drawing would keep out for seconds.
    await setImmediate();
    writeFile(join(directory, RUN_FILES.figures, `${name}.html`), toHtml(figure, { title, plotlyFile }));
    writeFile(join(directory, RUN_FILES.figures, `${name}.png`), await toPng(figure));
  }
  writeFile(join(directory, RUN_FILES.report), makeReport(outcome, figures, mistakes));
}

async function drawFigures(outcome: Outcome): Promise<DrawnFigure[]> {
  const drawn: DrawnFigure[] = [];
  for (const { name, title, caption, draw } of RUN_FIGURES) {
    await setImmediate();
    const figure = await draw(outcome);
    if (figure) drawn.push({ name, title, caption: caption(outcome), figure });
  }
  return drawn;
}

function makeReport(outcome: Outcome, figures: readonly DrawnFigure[], mistakes: readonly Mistake[]): string {
  const { directory, corpus, prepared, metrics, environment, fitted, blend, seconds } = outcome;
  const { config, clips, split, labels, skipped, leftOut } = prepared;
  const notes = readersOf(clips).flatMap(({ note }) => note ?? []);
  const { encoder } = NETWORKS[config.network];
  const { backend, packages, ...machine } = environment;
  const installed = Object.fromEntries(Object.entries(packages).filter(([, version]) => version !== null));
  const { sets, ...settings } = config;
  return reportHtml({
    title: `Speech emotion recognition: ${corpus.name}, protocol ${config.protocol}`,
    created: new Date().toISOString().slice(0, 16).replace('T', ' '),
    command: commandOf(config, directory, backend),
    corpus: { name: corpus.name, title: titleOf(clips) ?? corpus.root, note: notes.join(' ') },
    protocol: {
      name: config.protocol,
      description: PROTOCOL_DESCRIPTIONS[config.protocol],
      optimistic: split.optimistic,
    },
    folders: corpus.folders,
    mixture: mixtureNote(clips),
    unknownSpeakers: unknownSpeakersNote(clips),
    notes: [overlapNote(clips) ?? [], emotionNotes(clips)].flat(),
    pretrained: encoder && ENCODERS[encoder].description,
    seed: config.seed,
    config: { ...flattened(settings), ...(sets && { sets: 'as given' }) },
    environment: { ...machine, ...flattened({ backend }), ...installed },
    sets: metrics,
    chance: chanceLevel(metrics.test),
    labels,
    corpora: corporaTested(outcome),
    ...fitted,
    blend: blend && blendInWords(blend),
    seconds,
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
function flattened(value: object, prefix = ''): Record<string, string | number | boolean> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]): [string, string | number | boolean][] => {
      if (inner === undefined) return [];
      if (Array.isArray(inner)) return [[prefix + key, inner.join(', ')]];
      if (typeof inner === 'object' && inner !== null) return Object.entries(flattened(inner, `${prefix}${key}.`));
      return [[prefix + key, inner]];
    }),
  );
}
