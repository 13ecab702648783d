import { join } from 'node:path';
import { Command, Option } from 'commander';
import { UsageError } from '../common/errors.js';
import { problemLines } from '../common/problems.js';
import { percent, quoted } from '../common/text.js';
import { PROTOCOL_DESCRIPTIONS, PROTOCOLS } from '../dataset/splits.js';
import { chanceLevel } from '../evaluation/metrics.js';
import { AUGMENTATIONS } from '../features/augmentations.js';
import { TOO_SHORT_SECONDS } from '../features/clip-features.js';
import { NORMALISATIONS } from '../features/normalise.js';
import { NETWORKS, takesPart } from '../networks/networks.js';
import { NO_AUGMENTATION } from '../run/command.js';
import { configFor, DEFAULT_NETWORK, RUN_DEFAULTS, type RunConfig } from '../run/config.js';
import { spentInWords } from '../run/cost.js';
import { RUN_FLAGS } from '../run/flags.js';
import { RUN_FILES } from '../run/folder.js';
import { type FoldsResult, holdsFolds, resumeFolds, runFolds, testedNames } from '../run/folds.js';
import { framesIn } from '../run/heard-part.js';
import { type RunResult, resume, run } from '../run/run.js';
import { SCHEDULES } from '../training/schedule.js';
import { CLASS_WEIGHTS } from '../training/training.js';
import { withDataOptions } from './data-options.js';
import { interruptSignal } from './interrupt.js';
import {
  backendOption,
  cacheLimitOption,
  checkResumption,
  given,
  integer,
  notNegative,
  positive,
  share,
  workersOption,
} from './options.js';
import { terminalReporter } from './progress.js';

/** `ser run`: the whole job. */
export function runCommand(): Command {
  const d = RUN_DEFAULTS;
  return withDataOptions(new Command('run'))
    .summary('train and evaluate a model on a corpus')
    .description(
      'Trains and evaluates a model on a corpus; the folder it names at the end holds the model, all figures and report.html.\nCtrl-C ends after the epoch with everything saved.',
    )
    .addOption(new Option('--network <name>', 'the network').choices(Object.keys(NETWORKS)).default(DEFAULT_NETWORK))
    .addOption(
      meant('--normalise <by>', 'whose mean and deviation features are z-scored with', d.normalise).choices(
        NORMALISATIONS,
      ),
    )
    .addOption(meant('--epochs <n>', 'epochs at most', d.epochs).argParser(integer(1)))
    .addOption(meant('--batch-size <n>', 'clips in a training step', d.batchSize).argParser(integer(1)))
    .addOption(
      meant('--patience <n>', 'epochs without a lower validation loss before training stops', d.patience).argParser(
        integer(1),
      ),
    )
    .addOption(
      meant('--learning-rate <x>', "Adam's rate, the largest where it changes", d.learningRate).argParser(positive),
    )
    .addOption(meant('--schedule <name>', 'how the rate goes over the epochs', d.schedule).choices(SCHEDULES))
    .addOption(
      meant('--weight-decay <share>', 'share of the rate by which weights shrink', d.weightDecay).argParser(share),
    )
    .addOption(
      meant('--label-smoothing <share>', 'share of each target spread over all classes', d.labelSmoothing).argParser(
        share,
      ),
    )
    .addOption(
      meant('--class-weights <name>', 'whether all clips or all classes count alike', d.classWeights).choices(
        CLASS_WEIGHTS,
      ),
    )
    .addOption(
      meant(
        '--augment <names>',
        `how training clips are altered: of ${Object.keys(AUGMENTATIONS).join()} some, or none`,
        NO_AUGMENTATION,
      ).argParser(names),
    )
    .addOption(
      new Option(
        '--speeds <list>',
        'with a network that has an encoder: also learn from copies of every recording at these speeds, and average answers over them, e.g. 0.85,1.18',
      ).argParser((text: string) => (text === NO_AUGMENTATION ? [] : text.split(',').map(positive))),
    )
    .addOption(
      new Option(
        '--conditions <names>',
        'with a network that has an encoder: also learn from copies of every recording under these conditions, see ser stress --help, e.g. telephone,reverb-0.3s',
      ).argParser(names),
    )
    .addOption(
      new Option(
        '--duration <seconds>',
        'how much of each clip is heard, by a network that takes so many frames (default: 2)',
      ).argParser(positive),
    )
    .addOption(
      new Option('--offset <seconds>', 'where in each clip that begins (default: with it)').argParser(notNegative),
    )
    .addOption(workersOption())
    .addOption(cacheLimitOption())
    .addOption(backendOption())
    .option('--out <folder>', "the run's folder, new or empty (default: one in runs/ named after the time)")
    .addOption(
      new Option(
        '--folds [groups]',
        'leave out one speaker (or text, with --protocol text) at a time, or one of so many groups of them, and test with each',
      ).argParser(integer(2)),
    )
    .option('--resume <folder>', 'go on with an interrupted run')
    .addHelpText(
      'after',
      [
        '\nProtocols:',
        ...PROTOCOLS.map((name) => `  ${name.padEnd(8)} ${PROTOCOL_DESCRIPTIONS[name]}`),
        '\nNetworks:',
        ...Object.entries(NETWORKS).map(([name, { description }]) => `  ${name.padEnd(8)} ${description}`),
        '\nExamples:',
        '  ser run                                     the corpus that comes with the project',
        '  ser run --network encoder --folds           how well it recognises each speaker from the others',
        '  ser run --data ~/TESS --test-speaker YAF    train on one actress, test on the other',
        '  ser run --resume runs/2026-01-31_14-05-09   go on after Ctrl-C',
      ].join('\n'),
    )
    .action(async (options, command: Command) => {
      const carryingOut = {
        workers: options.workers,
        cacheLimitBytes: options.cacheLimit,
        backend: options.backend,
        reporter: terminalReporter,
        signal: interruptSignal(),
      };
      if (options.resume) checkResumption(command);
      const { folds, resume: interrupted } = options;
      const goingOn = { ...carryingOut, maxSkipped: given<number>(command, 'maxSkipped') };
      if (interrupted && holdsFolds(interrupted)) reportFolds(await resumeFolds(interrupted, goingOn));
      else if (interrupted) report(await resume(interrupted, goingOn));
      else if (folds) {
        const config = { ...configOf(options), ...(folds !== true && { groups: folds }) };
        reportFolds(await runFolds(config, { ...carryingOut, directory: options.out }));
      } else report(await run(configOf(options), { ...carryingOut, directory: options.out }));
    });
}

/** Names with commas between them, or none. */
function names(text: string): string[] {
  return text === NO_AUGMENTATION ? [] : text.split(',');
}

/** An option that a network may have another default for than most. */
function meant(flags: string, description: string, usual: unknown): Option {
  return new Option(flags, `${description} (default: ${usual}, or as the network is meant)`);
}

/** The options that set what has another name, or other units. */
type NamedOtherwise = 'testSpeakers' | 'frames' | 'offsetSeconds';

/** What commander makes of the options: most set what has their name. */
type Options = Pick<RunConfig, Exclude<keyof typeof RUN_FLAGS, NamedOtherwise>> & {
  readonly testSpeaker: string[];
  readonly duration?: number;
  readonly offset?: number;
  readonly out?: string;
};

function configOf(options: Options): RunConfig {
  const { network, testSpeaker, duration, offset } = options;
  const usual = configFor(network);
  const settable = Object.keys(RUN_FLAGS).filter((key): key is keyof Options & keyof RunConfig => key in options);
  if (duration !== undefined && !takesPart(network))
    throw new UsageError(`--duration does not go with the network ${network}, which hears all of each clip`);
  if (duration !== undefined && duration <= TOO_SHORT_SECONDS)
    throw new UsageError(`--duration must be more than ${TOO_SHORT_SECONDS} s, current value is ${duration}`);
  return {
    ...usual,
    ...Object.fromEntries(settable.flatMap((key) => (options[key] === undefined ? [] : [[key, options[key]]]))),
    testSpeakers: testSpeaker,
    ...(duration !== undefined && { frames: framesIn(duration, usual.features) }),
    ...(offset !== undefined && { offsetSeconds: offset }),
  };
}

function reportFolds({ directory, by, folds, pooled, cost }: FoldsResult): void {
  if (!pooled) {
    console.error(
      `Interrupted after ${folds.length} folds, all kept; go on with ser run --resume ${quoted(directory)}`,
    );
    process.exitCode = 1;
    return;
  }
  const { metrics, calibrationError } = pooled;
  for (const { tested, test } of folds)
    console.log(
      `${`${testedNames(by, tested)}:`.padEnd(12)} UAR ${percent(test.uar)}  accuracy ${percent(test.accuracy)}`,
    );
  console.log(
    `${'all:'.padEnd(12)} UAR ${percent(metrics.uar)}  accuracy ${percent(metrics.accuracy)}  macro-F1 ${percent(metrics.macroF1)}  calibration error ${percent(calibrationError)}`,
  );
  console.log(
    `Every clip was answered by a network that has not heard its ${by}; guessing would have a UAR of ${percent(chanceLevel(metrics))}.`,
  );
  console.error(`Took ${spentInWords(cost)}.`);
  console.log(`Report: ${join(directory, RUN_FILES.report)}`);
}

function report({ directory, protocol, finished, metrics, epochs, bestEpoch, skipped, cost }: RunResult): void {
  if (!finished || !metrics) {
    process.exitCode = 1;
    return;
  }
  if (epochs > 0) console.log(`Best epoch ${bestEpoch} of ${epochs}.`);
  for (const [set, m] of Object.entries(metrics))
    console.log(
      `${`${set}:`.padEnd(12)} UAR ${percent(m.uar)}  accuracy ${percent(m.accuracy)}  macro-F1 ${percent(m.macroF1)}  loss ${m.loss.toFixed(3)}`,
    );
  console.log(`Protocol ${protocol}: ${PROTOCOL_DESCRIPTIONS[protocol]}.`);
  console.log(`Guessing would have a UAR of ${percent(chanceLevel(metrics.test))}.`);
  if (skipped.length > 0)
    console.log(
      [
        `Left out, as unusable (${skipped.length}):`,
        ...problemLines(
          skipped.map(({ clip, reason }) => ({ path: clip.path, reason })),
          `all are in ${join(directory, RUN_FILES.clips)}`,
        ).map((line) => `  ${line}`),
      ].join('\n'),
    );
  console.error(`Took ${spentInWords(cost)}.`);
  console.log(`Report: ${join(directory, RUN_FILES.report)}`);
}
