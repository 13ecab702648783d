import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { Command } from 'commander';
import { csvText } from '../common/csv.js';
import { InputError, UsageError } from '../common/errors.js';
import { type FileProblem, problemLines } from '../common/problems.js';
import { count, percent } from '../common/text.js';
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
      const { labels } = model.settings;
      const print = (options.json ? jsonPrinter : options.csv ? csvPrinter : tablePrinter)({ labels, uncertainBelow });
      const unusable: FileProblem[] = [];
      let done = 0;
      const bar = files.length > 1 ? terminalReporter.progress('recordings', files.length) : undefined;
      try {
        for await (const result of model.predictFiles(files, { windowSeconds, hopSeconds, uncertainBelow })) {
          print.next(result);
          if ('reason' in result) unusable.push(result);
          bar?.update(++done);
        }
      } finally {
        bar?.stop();
      }
      print.end();
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

/** Prints answers as they come, some at a time: all answers to many recordings would fill the memory. */
interface Printer {
  next(result: FilePrediction): void;
  end(): void;
}

/** Answers that are printed together. */
const TOGETHER = 1000;

/** Recordings that a table has a row for. */
const MOST_IN_TABLE = 1000;

/** Hands on answers, so many at a time, and with the last ones says so. */
function together(print: (some: readonly FilePrediction[], place: { first: boolean; last: boolean }) => void): Printer {
  let some: FilePrediction[] = [];
  let first = true;
  return {
    next(result) {
      // The latest one is kept, so that there are last ones.
      if (some.length === TOGETHER) {
        print(some, { first, last: false });
        some = [];
        first = false;
      }
      some.push(result);
    },
    end: () => print(some, { first, last: true }),
  };
}

/** An array, as `JSON.stringify` writes it with an indent of 2. */
function jsonPrinter(): Printer {
  return together((some, { first, last }) => {
    const inner = JSON.stringify(some, null, 2).slice('[\n'.length, -'\n]'.length);
    if (some.length === 0) console.log('[]');
    else console.log(`${first ? '[\n' : ''}${inner}${last ? '\n]' : ','}`);
  });
}

function csvPrinter({ labels, uncertainBelow }: Answers): Printer {
  const doubt = uncertainBelow === undefined ? [] : ['likeliest'];
  const columns = ['path', 'seconds', 'emotion', ...doubt, 'probability', ...labels, 'problem'];
  return together((some, { first }) => {
    const text = csvText(some.map(csvRow), columns).trimEnd();
    console.log(first ? text : text.slice(text.indexOf('\n') + 1));
  });
}

function csvRow(result: FilePrediction): object {
  if ('reason' in result) return { path: result.path, problem: result.reason };
  return {
    path: result.path,
    seconds: result.endSeconds,
    emotion: result.emotion,
    likeliest: result.likeliest,
    probability: result.probability,
    ...result.probabilities,
  };
}

function tablePrinter({ labels }: Answers): Printer {
  const row = (name: string, span: string, { emotion, likeliest, probabilities }: WindowPrediction) => [
    name,
    span,
    likeliest === undefined ? emotion : `${emotion} (${likeliest})`,
    ...labels.map((label) => percent(probabilities[label])),
  ];
  const rows: string[][] = [];
  let recordings = 0;
  return {
    next(result) {
      if ('reason' in result || ++recordings > MOST_IN_TABLE) return;
      const span = ({ startSeconds, endSeconds }: WindowPrediction) =>
        `${startSeconds.toFixed(2)} to ${endSeconds.toFixed(2)}`;
      rows.push(row(result.path, span(result), result));
      if (result.windows.length > 1) for (const w of result.windows) rows.push(row('', span(w), w));
    },
    end() {
      if (rows.length > 0) console.log(textTable(['recording', 'seconds', 'emotion', ...labels], rows));
      if (recordings > MOST_IN_TABLE)
        console.log(
          `… and ${count(recordings - MOST_IN_TABLE, 'more recording')}; --csv and --json have a row for each`,
        );
    },
  };
}
