import { join } from 'node:path';
import { decodeFile } from '../audio/decode-file.js';
import { writeCsv } from '../common/csv.js';
import { writeFile, writeJson } from '../common/files.js';
import type { Corpus } from '../corpora/clip.js';
import { readerOf } from '../corpora/corpora.js';
import type { Collection } from '../dataset/dataset.js';
import { PROTOCOL_DESCRIPTIONS, type Split, SUBSETS, type Subset } from '../dataset/splits.js';
import { chanceLevel, type Metrics } from '../evaluation/metrics.js';
import { type Mistake, mistakesOf, predictionRows } from '../evaluation/predictions.js';
import { createFeatureExtractor } from '../features/clip-features.js';
import { bandCentresHz } from '../features/mel.js';
import { toHtml } from '../pages/html.js';
import { toPng } from '../pages/picture.js';
import { plotlySource } from '../pages/plotly-source.js';
import { reportHtml } from '../pages/report.js';
import {
  classBalanceFigure,
  confusionFigure,
  type Figure,
  historyFigure,
  recallFigure,
  spectrogramFigure,
  waveformFigure,
} from '../plots/figures.js';
import type { EpochRecord } from '../training/training.js';
import { RUN_DEFAULTS, type RunConfig } from './config.js';
import type { Environment } from './environment.js';
import { RUN_FILES } from './folder.js';

/** Time that each step took; the features' is next to nothing where they come from the cache. */
export interface Seconds {
  readonly features: number;
  readonly training: number;
  readonly evaluation: number;
  readonly total: number;
}

/** All that a finished run has to tell. */
export interface Outcome {
  readonly config: RunConfig;
  readonly corpus: Corpus;
  readonly directory: string;
  readonly collection: Collection;
  readonly split: Split;
  readonly labels: readonly string[];
  readonly metrics: Readonly<Record<Subset, Metrics>>;
  /** Of every usable clip, row-major, shape `(clips, labels)`. */
  readonly probabilities: Float32Array;
  readonly environment: Environment;
  readonly history: readonly EpochRecord[];
  readonly bestEpoch: number;
  readonly epochs: number;
  readonly seconds: Seconds;
}

/** A figure with the name of its files. */
interface NamedFigure {
  readonly name: string;
  readonly title: string;
  readonly caption: string;
  readonly figure: Figure;
}

/** Mistakes listed in the report. */
const LISTED_MISTAKES = 10;

/** Writes predictions, figures, report and, last of all because it says that the run is finished, the metrics. */
export async function writeOutputs(outcome: Outcome): Promise<void> {
  const { directory, labels, metrics, epochs, bestEpoch, seconds } = outcome;
  const predictions = { ...outcome, clips: outcome.collection.clips };
  writeCsv(join(directory, RUN_FILES.predictions), predictionRows(predictions));
  const figures = await makeFigures(outcome);
  // The pages share Plotly, which is larger than all of them.
  const plotlyFile = 'plotly.min.js';
  writeFile(join(directory, RUN_FILES.figures, plotlyFile), plotlySource());
  for (const { name, title, figure } of figures) {
    writeFile(join(directory, RUN_FILES.figures, `${name}.html`), toHtml(figure, { title, plotlyFile }));
    writeFile(join(directory, RUN_FILES.figures, `${name}.png`), await toPng(figure));
  }
  writeFile(join(directory, RUN_FILES.report), makeReport(outcome, figures, mistakesOf(predictions)));
  writeJson(join(directory, RUN_FILES.metrics), { labels, ...metrics, epochs, bestEpoch, seconds });
}

async function makeFigures(outcome: Outcome): Promise<NamedFigure[]> {
  const { collection, split, labels, metrics, history, bestEpoch, config } = outcome;
  const { confusion } = metrics.test;
  const clip = collection.clips[split.test[0]];
  const recording = await decodeFile(clip.path);
  const { mel } = config;
  const { decibels } = createFeatureExtractor(mel)(recording);
  const spectrogram = {
    ...mel,
    ...decibels,
    bandCentresHz: bandCentresHz(mel),
  };
  const example = `The first clip of the test set: speaker ${clip.speaker}, ${clip.emotion}`;
  const balance = Object.fromEntries(
    subsetsShown(split).map((set) => [set, split[set].map((i) => collection.clips[i])]),
  );
  const entries: [name: string, title: string, caption: string, figure: Figure][] = [
    [
      'history',
      'Training history',
      `Accuracy and loss by epoch; the weights of epoch ${bestEpoch}, which has the lowest validation loss, are the ones evaluated.`,
      historyFigure(history, bestEpoch),
    ],
    [
      'confusion',
      'Confusion matrix (test set)',
      'Clips by true emotion (row) and predicted emotion (column).',
      confusionFigure(confusion, labels, { normalise: false }),
    ],
    [
      'confusion-normalised',
      'Confusion matrix by row (test set)',
      "Shares of each true emotion's clips; the diagonal holds the recalls.",
      confusionFigure(confusion, labels, { normalise: true }),
    ],
    [
      'recall',
      'Recall by emotion (test set)',
      'Share of the clips of each emotion that are found, and what guessing would find.',
      recallFigure(metrics.test),
    ],
    [
      'class-balance',
      'Clips by emotion and set',
      'How many clips of each emotion each set has.',
      classBalanceFigure(balance),
    ],
    ['waveform', 'Waveform of one clip', `${example}.`, waveformFigure(recording.samples, recording.sampleRateHz)],
    [
      'spectrogram',
      'Mel spectrogram of one clip',
      `${example}, as the network sees it, before normalisation.`,
      spectrogramFigure(spectrogram),
    ],
  ];
  return entries.map(([name, title, caption, figure]) => ({ name, title, caption, figure }));
}

function makeReport(outcome: Outcome, figures: readonly NamedFigure[], mistakes: readonly Mistake[]): string {
  const { config, corpus, directory, collection, split, labels, metrics, environment, history, bestEpoch, seconds } =
    outcome;
  const reader = readerOf(corpus.name);
  const { backend, packages, ...machine } = environment;
  return reportHtml({
    title: `Speech emotion recognition: ${corpus.name}, protocol ${config.protocol}`,
    created: new Date().toISOString().slice(0, 16).replace('T', ' '),
    command: commandOf(config, directory),
    corpus: { name: corpus.name, title: reader?.title ?? corpus.root, note: reader?.note },
    protocol: {
      name: config.protocol,
      description: PROTOCOL_DESCRIPTIONS[config.protocol],
      optimistic: split.optimistic,
    },
    seed: config.seed,
    config: flattened(config),
    environment: { ...machine, ...flattened({ backend }), ...packages },
    sets: metrics,
    chance: chanceLevel(metrics.test),
    labels,
    history,
    bestEpoch,
    seconds,
    splits: subsetsShown(split).map((set) => ({
      set,
      clips: split[set].length,
      speakers: [...new Set(split[set].map((i) => collection.clips[i].speaker))].sort(),
    })),
    skipped: collection.skipped.map(({ clip, reason }) => ({ path: clip.path, reason })),
    mostConfidentMistakes: mistakes.slice(0, LISTED_MISTAKES),
    figures,
  });
}

/** The sets that are clips of their own: with `original`, validation is the test set. */
function subsetsShown(split: Split): Subset[] {
  return SUBSETS.filter((set) => set !== 'validation' || split.validationBy !== 'test set');
}

/** The options of `ser run` and what they set. */
const FLAGS = {
  corpus: '--corpus',
  protocol: '--protocol',
  testSpeakers: '--test-speaker',
  network: '--network',
  normalise: '--normalise',
  epochs: '--epochs',
  batchSize: '--batch-size',
  patience: '--patience',
  learningRate: '--learning-rate',
  maxSkipped: '--max-skipped',
} as const;

/** The command that makes the same run, without the options that are as by default. */
function commandOf(config: RunConfig, directory: string): string {
  const changed = Object.entries(FLAGS).flatMap(([key, flag]) => {
    const [value, byDefault] = [config, RUN_DEFAULTS].map((c) => c[key as keyof typeof FLAGS]);
    return String(value) === String(byDefault) ? [] : [value].flat().map((one) => `${flag} ${quoted(one)}`);
  });
  return [
    'ser run',
    `--data ${quoted(config.data)}`,
    ...changed,
    `--seed ${config.seed}`,
    `--out ${quoted(directory)}`,
  ].join(' ');
}

/** A value as a shell takes it. */
export function quoted(value: unknown): string {
  const text = String(value);
  return /^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
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
