import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { Command } from 'commander';
import { csvText } from '../common/csv.js';
import { InputError, UsageError } from '../common/errors.js';
import { problemLines } from '../common/problems.js';
import { percent } from '../common/text.js';
import { textTable } from '../common/text-table.js';
import { audioFilesBelow, noRecordingsIn } from '../corpora/recordings.js';
import { type FilePrediction, WINDOW_DEFAULTS, type WindowPrediction } from '../model/emotion-model.js';
import { learntFromInWords } from '../model/in-words.js';
import { BUILT_IN_MODEL, loadModel } from '../model/load.js';
import { newestModel } from '../run/folder.js';
import { allowTruncatedOption, backendOption, modelOption, positive, share } from './options.js';
import { terminalReporter } from './progress.js';

/** `ser predict`: the emotion of recordings. */
export function predictCommand(): Command {
  return new Command('predict')
    .summary('tell the emotion of recordings')
    .description(
      "Tells the emotion of recordings, files or folders. All of a recording is heard; a long one is also cut into windows, for its course over time.\nWhere the model is normalised by speaker, all recordings of one call are taken as one speaker's.",
    )
    .argument('<path...>', 'recordings (WAV, FLAC, MP3, M4A, WebM, …) or folders of them')
    .addOption(modelOption())
    .option(
      '--window <seconds>',
      `length of a window (default: what the model takes, or ${WINDOW_DEFAULTS.windowSeconds} if it takes any length)`,
      positive,
    )
    .option(
      '--hop <seconds>',
      'time between the starts of two windows, at most a window, so that all is heard',
      positive,
      WINDOW_DEFAULTS.hopSeconds,
    )
    .option('--uncertain-below <probability>', 'give less probable answers as uncertain (default: none is)', share)
    .option('--json', 'print JSON: one array with everything')
    .option('--csv', 'print CSV: a row for each recording')
    .addOption(allowTruncatedOption())
    .addOption(backendOption())
    .addHelpText(
      'after',
      '\nExamples:\n  ser predict hello.wav\n  ser predict recordings/ --csv > emotions.csv\n  ser predict recordings/ --uncertain-below 0.6',
    )
    .action(async (paths: string[], options) => {
      if (options.json && options.csv) throw new UsageError('--json and --csv do not go together');
      const files = paths.flatMap(filesOf);
      const directory = options.model ?? newestModel() ?? BUILT_IN_MODEL;
      const model = await loadModel(directory, {
        backend: options.backend,
        allowTruncated: options.allowTruncated,
        report: (line) => console.error(line),
      });
      console.error(`Answered by ${modelName(directory)}, which has learnt from ${learntFromInWords(model.settings)}.`);
      const { window: windowSeconds, hop: hopSeconds, uncertainBelow } = options;
      const print = options.json ? printJson : options.csv ? printCsv : printTable;
      const results: FilePrediction[] = [];
      const bar = files.length > 1 ? terminalReporter.progress('recordings', files.length) : undefined;
      try {
        for await (const result of model.predictFiles(files, { windowSeconds, hopSeconds, uncertainBelow })) {
          results.push(result);
          bar?.update(results.length);
        }
      } finally {
        bar?.stop();
      }
      print(results, { labels: model.settings.labels, uncertainBelow });
      const unusable = results.flatMap((result) => ('reason' in result ? [result] : []));
      for (const line of problemLines(unusable, '--csv and --json have a row for each')) console.error(`ser: ${line}`);
      if (unusable.length > 0) process.exitCode = 1;
    });
}

function modelName(directory: string): string {
  return directory === BUILT_IN_MODEL
    ? `the model that comes with the project (${basename(directory)})`
    : `the model in ${directory}`;
}

function filesOf(path: string): string[] {
  // Reported with the unusable ones, so that a mistyped name among many does not cost the others.
  if (!existsSync(path)) return [path];
  const files = audioFilesBelow(path);
  if (files.length === 0) throw new InputError(noRecordingsIn(path));
  return files;
}

/** What the printed answers may be. */
interface Answers {
  readonly labels: readonly string[];
  readonly uncertainBelow?: number;
}

function printJson(results: readonly FilePrediction[]): void {
  console.log(JSON.stringify(results, null, 2));
}

function printCsv(results: readonly FilePrediction[], { labels, uncertainBelow }: Answers): void {
  const rows = results.map((result) =>
    'reason' in result
      ? { path: result.path, problem: result.reason }
      : {
          path: result.path,
          seconds: result.endSeconds,
          emotion: result.emotion,
          likeliest: result.likeliest,
          probability: result.probability,
          ...result.probabilities,
        },
  );
  const doubt = uncertainBelow === undefined ? [] : ['likeliest'];
  const columns = ['path', 'seconds', 'emotion', ...doubt, 'probability', ...labels, 'problem'];
  console.log(csvText(rows, columns).trimEnd());
}

function printTable(results: readonly FilePrediction[], { labels }: Answers): void {
  const row = (name: string, span: string, { emotion, likeliest, probabilities }: WindowPrediction) => [
    name,
    span,
    likeliest === undefined ? emotion : `${emotion} (${likeliest})`,
    ...labels.map((label) => percent(probabilities[label])),
  ];
  const rows = results.flatMap((result) => {
    if ('reason' in result) return [];
    const span = ({ startSeconds, endSeconds }: WindowPrediction) =>
      `${startSeconds.toFixed(2)} to ${endSeconds.toFixed(2)}`;
    const timeline = result.windows.length > 1 ? result.windows.map((w) => row('', span(w), w)) : [];
    return [row(result.path, span(result), result), ...timeline];
  });
  if (rows.length > 0) console.log(textTable(['recording', 'seconds', 'emotion', ...labels], rows));
}
