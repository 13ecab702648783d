/**
 * How good a trained model is on another corpus. In: a model and a corpus. Out: a folder with the figures and the report that a
 * run has of its test set.
 */
import { join } from 'node:path';
import { sourceName } from '../audio/segment.js';
import type { BackendName } from '../backend/info.js';
import { writeCsv } from '../common/csv.js';
import { InputError } from '../common/errors.js';
import { writeFile, writeJson } from '../common/files.js';
import { count, quoted } from '../common/text.js';
import type { Clip, Corpus } from '../corpora/clip.js';
import { loadCorpus } from '../corpora/corpora.js';
import { leftOutInWords, leftOutOf } from '../corpora/left-out.js';
import { mixtureNote } from '../corpora/mixture.js';
import { speakersOf, unknownSpeakersNote } from '../corpora/speakers.js';
import { requireFewSkipped } from '../dataset/collect.js';
import type { SkippedClip } from '../dataset/dataset.js';
import { ENCODERS } from '../encoder/encoder.js';
import { chanceLevel, type Metrics } from '../evaluation/metrics.js';
import { assess, eachPredictionRow, mistakesOf, type Predictions, rowsOf } from '../evaluation/predictions.js';
import type { TrainedModel } from '../model/emotion-model.js';
import { loadModel } from '../model/load.js';
import type { ModelSettings } from '../model/settings.js';
import { evaluationHtml } from '../pages/evaluation.js';
import { answersOf, heardBefore, knownTo } from './answers.js';
import { RUN_DEFAULTS } from './config.js';
import { noteOf } from './corpus-note.js';
import { describeEnvironment } from './environment.js';
import { drawFigures, writeFigures } from './figure-files.js';
import { TEST_FIGURES } from './figures.js';
import { inNewFolder, RUN_FILES } from './folder.js';
import { type Reporter, SILENT } from './reporter.js';
import { environmentFacts, LISTED_MISTAKES } from './write.js';

/** Which recordings a model is tested with, and where the result goes. */
export interface EvaluationOptions {
  /** Folder of the recordings, or a CSV manifest. */
  readonly data: string;
  /** Name of the corpus; recognised from the folder unless given. */
  readonly corpus?: string;
  /** Share of the clips that may be unusable; default: a run's. */
  readonly maxSkipped?: number;
  /** Share of a recording that may be missing, where its file is cut short; default: 0. */
  readonly allowTruncated?: number;
  /** Where to write; default: a new folder in `runs/`, named after the time. */
  readonly directory?: string;
  /** What computes; default: the native library where there is one, else WebAssembly. */
  readonly backend?: 'auto' | BackendName;
  readonly reporter?: Reporter;
  /** Ends the test; then nothing is written. */
  readonly signal?: AbortSignal;
}

/** What a test with a corpus came to. */
export interface EvaluationResult {
  /** The folder with the figures and the report. */
  readonly directory: string;
  /** Which recordings were heard, in a few words. */
  readonly data: string;
  readonly metrics: Metrics;
  /** The expected calibration error. */
  readonly calibrationError: number;
  /** Clips of the corpus's emotions that the model does not know, by emotion: they were left out. */
  readonly unknown: Readonly<Record<string, number>>;
  /** The model's emotions of which the corpus has no clip: such an answer is wrong. */
  readonly absent: readonly string[];
  /** Unusable clips, which were left out, and why. */
  readonly skipped: readonly SkippedClip[];
}

/**
 * Tests a trained model with a corpus: with the clips of the emotions that both have, each answered as `predict` answers it.
 *
 * A model normalised by speaker takes the clips of a speaker together.
 *
 * @param path - as `loadModel` takes it
 * @throws InputError with a message for the user if they share no emotion or too many clips are unusable; the signal's reason if
 *   it is aborted; the folder is then as it was before
 */
export async function evaluateModel(path: string, options: EvaluationOptions): Promise<EvaluationResult> {
  const { data, maxSkipped = RUN_DEFAULTS.maxSkipped, allowTruncated, reporter = SILENT, signal } = options;
  const corpus = await loadCorpus(data, { corpus: options.corpus });
  const model = await loadModel(path, { backend: options.backend, report: reporter.say });
  try {
    const { clips, unknown } = knownTo(model, corpus.clips);
    if (clips.length === 0)
      throw new InputError(
        `Cannot evaluate ${path} with ${data}: they must have an emotion in common; the model knows ${model.settings.labels.join(', ')}, the corpus has ${Object.keys(byEmotion(unknown)).join(', ')}`,
      );
    return await inNewFolder(options.directory, async (directory) => {
      for (const line of leftOutInWords(corpus)) reporter.say(line);
      reporter.say(`${count(clips.length, 'clip')} of ${corpus.name} in ${corpus.root}; the folder is ${directory}`);
      const { answers, problems } = await answersOf(model, clips, { allowTruncated, reporter, signal });
      const skipped = [...problems].map(([i, reason]) => ({ clip: clips[i], reason }));
      requireFewSkipped(skipped, { of: clips.length, maxSkipped });
      const kept = [...clips.keys()].filter((i) => !problems.has(i));
      if (kept.length === 0)
        throw new InputError(`Cannot evaluate ${path} with ${data}: no clip can be used: ${skipped[0].reason}`);
      const { labels } = model.settings;
      const predictions: Predictions = {
        clips: kept.map((i) => clips[i]),
        labels,
        probabilities: rowsOf(answers[0], kept, labels.length),
        split: testOnly(kept.length),
      };
      const { metrics, calibrationError } = assess(predictions, predictions.split.test);
      const result: EvaluationResult = {
        directory,
        data: `${corpus.name} in ${data}`,
        metrics,
        calibrationError,
        unknown: byEmotion(unknown),
        absent: labels.filter((label) => metrics.perClass[label].support === 0),
        skipped,
      };
      await writeResult(result, { path, options, corpus, model, predictions });
      return result;
    });
  } finally {
    model.dispose();
  }
}

/** All clips are tested with: there is nothing else to divide. */
function testOnly(clips: number): Predictions['split'] {
  const test = Array.from({ length: clips }, (_, i) => i);
  return {
    protocol: 'speaker',
    seed: RUN_DEFAULTS.seed,
    train: [],
    validation: [],
    test,
    validationBy: 'speaker',
    optimistic: false,
  };
}

function byEmotion(clips: readonly Clip[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { emotion } of clips) counts.set(emotion, (counts.get(emotion) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What the result was made of. */
interface Material {
  readonly path: string;
  readonly options: EvaluationOptions;
  readonly corpus: Corpus;
  readonly model: TrainedModel;
  readonly predictions: Predictions;
}

/** Writes the figures that a run writes of its test set, under the same names; the metrics last, as they say that all is there. */
async function writeResult(result: EvaluationResult, material: Material): Promise<void> {
  const { directory, metrics, calibrationError, data, unknown, absent, skipped } = result;
  const { path, model, predictions } = material;
  const file = (name: keyof typeof RUN_FILES) => join(directory, RUN_FILES[name]);
  writeCsv(file('predictions'), eachPredictionRow(predictions));
  const tested = { prepared: predictions, probabilities: predictions.probabilities, metrics: { test: metrics } };
  const figures = await drawFigures(TEST_FIGURES, tested);
  await writeFigures(directory, figures);
  const { trainedOn, answers, normalisation } = model.settings;
  const environment = describeEnvironment(model.backend);
  const leftOut = [
    ...skipped.map(({ clip, reason }) => ({ path: sourceName(clip), reason })),
    ...leftOutOf(material.corpus),
  ];
  writeFile(
    file('report'),
    evaluationHtml({
      title: `Speech emotion recognition: ${path}, tested with ${material.corpus.name}`,
      created: new Date().toISOString().slice(0, 16).replace('T', ' '),
      command: commandOf(material, directory),
      data,
      caveats: caveatsOf(result, material),
      chance: chanceLevel(metrics),
      labels: predictions.labels,
      sets: { test: metrics },
      skipped: leftOut,
      mostConfidentMistakes: mistakesOf(predictions)
        .slice(0, LISTED_MISTAKES)
        .map((each) => ({ ...each, path: sourceName(each) })),
      figures,
      model: {
        ...{ folder: path, ...trainedOn, normalisation, answers },
        languages: trainedOn.languages?.join(', '),
        conditions: trainedOn.conditions?.join(', '),
      },
      environment: environmentFacts(environment),
    }),
  );
  writeJson(file('environment'), environment);
  writeJson(file('metrics'), {
    labels: predictions.labels,
    test: metrics,
    calibrationError,
    model: { path, trainedOn },
    data,
    unknown,
    absent,
    skipped: leftOut,
  });
}

/** The command that does the same again. */
function commandOf(
  { path, options: { data, corpus, maxSkipped, allowTruncated }, model }: Material,
  directory: string,
): string {
  return [
    `ser evaluate ${quoted(path)} --data ${quoted(data)}`,
    ...(corpus === undefined ? [] : [`--corpus ${corpus}`]),
    ...(maxSkipped === undefined || maxSkipped === RUN_DEFAULTS.maxSkipped ? [] : [`--max-skipped ${maxSkipped}`]),
    ...(allowTruncated ? [`--allow-truncated ${allowTruncated}`] : []),
    ...(model.backend.name === 'wasm' ? ['--backend wasm'] : []),
    `--out ${quoted(directory)}`,
  ].join(' ');
}

/** What a model was trained with; an imported one may not say. */
function trainedInWords({ clips, corpus, network, protocol }: ModelSettings['trainedOn']): string {
  if (clips === 0) return 'It is not known what the model was trained with: it was imported';
  return `The model was trained with ${count(clips, 'clip')} of ${corpus} (network ${network}, protocol ${protocol})`;
}

/** What limits what the figures say. */
function caveatsOf({ unknown, absent, skipped }: EvaluationResult, { corpus, model, predictions }: Material): string[] {
  const { trainedOn, encoder } = model.settings;
  const speakers = speakersOf(predictions.clips).length;
  const note = noteOf(predictions.clips);
  const leftOut = Object.entries(unknown).map(([emotion, clips]) => `${emotion} (${count(clips, 'clip')})`);
  return [
    `${trainedInWords(trainedOn)}; all clips here are tested, and all of each is heard, as by predict.`,
    ...heardBefore(model, corpus.name),
    ...[corpus.folders, mixtureNote(corpus.clips), unknownSpeakersNote(corpus.clips)].flatMap((each) => each ?? []),
    ...(leftOut.length > 0 ? [`Left out, because the model does not know them: ${leftOut.join(', ')}.`] : []),
    ...(absent.length > 0
      ? [`The model also knows ${absent.join(', ')}, of which there are no clips here: such an answer counts as wrong.`]
      : []),
    ...(note ? [`About this copy of the corpus: ${note}`] : []),
    ...(encoder
      ? [
          `Pre-trained: the network uses ${ENCODERS[encoder.name].description}. Nobody can rule out that recordings of this corpus were among them.`,
        ]
      : []),
    ...(speakers === 1 ? ['There is a single speaker, so the result says little about other people.'] : []),
    ...(skipped.length > 0
      ? [
          `${count(skipped.length, 'file')} could not be used and ${skipped.length === 1 ? 'was' : 'were'} left out, as listed at the end.`,
        ]
      : []),
  ];
}
