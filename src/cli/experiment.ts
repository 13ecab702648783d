import { Command, InvalidArgumentError, Option } from 'commander';
import { cacheLimitText, FEATURE_CACHE_LIMIT_VARIABLE } from '../common/cache-directory.js';
import { UsageError } from '../common/errors.js';
import { count, percent } from '../common/text.js';
import { textTable } from '../common/text-table.js';
import { type Expansion, expand } from '../experiment/cells.js';
import { costTable } from '../experiment/cost.js';
import {
  ENGINES,
  EXPERIMENTS_DIRECTORY,
  type ExperimentResult,
  makeTables,
  runExperiment,
} from '../experiment/experiment.js';
import { readPlan } from '../experiment/plan.js';
import { interruptSignal } from './interrupt.js';
import { backendOption, cacheLimitOption, integer } from './options.js';
import { terminalReporter } from './progress.js';

/** `ser experiment`: configurations compared on corpora, over seeds. */
export function experimentCommand(): Command {
  return new Command('experiment')
    .summary('compare networks and settings on corpora, over seeds')
    .description(
      'Carries out a plan: every task with every network, normalisation, augmentation and seed, each in a folder of its own; then makes tables and figures. What is there already is not computed again.\nCtrl-C ends with everything saved; the same command goes on.',
    )
    .argument('<plan>', 'the plan, a JSON file; docs/evaluation.md describes it, experiments/ has examples')
    .argument('[options...]', 'behind --: options of Snakemake')
    .addOption(
      new Option('--data <name=path>', "where one of the plan's corpora is, may be repeated")
        .argParser(namedPath)
        .default({}, 'where the plan says'),
    )
    .option('--jobs <n>', 'cells at a time (default: 1)', integer(1))
    .option('--threads <n>', 'threads of each cell (default: its share of the cores)', integer(1))
    .addOption(
      new Option('--engine <name>', 'what carries cells out: this process, or Snakemake, on many machines')
        .choices(ENGINES)
        .default('local'),
    )
    .option('--out <folder>', 'the folder of all experiments', EXPERIMENTS_DIRECTORY)
    .addOption(cacheLimitOption())
    .addOption(backendOption())
    .option('--dry-run', 'only list the cells')
    .addOption(new Option('--tables', 'only make the tables and figures again, from what is there').conflicts('dryRun'))
    .addHelpText(
      'after',
      [
        '\nExamples:',
        '  ser experiment experiments/emodb-networks.json --dry-run',
        '  ser experiment experiments/tess-directions.json --data tess=~/TESS --jobs 2',
        '  ser experiment experiments/emodb-networks.json --engine snakemake --jobs 100 --threads 2 -- --executor slurm',
      ].join('\n'),
    )
    .action(async (plan: string, snakemake: string[], { dryRun, tables, cacheLimit, ...options }: Options) => {
      if (snakemake.length > 0 && options.engine !== 'snakemake')
        throw new UsageError(`${snakemake[0]} is for Snakemake, which is used with --engine snakemake`);
      if (dryRun) return list(await expand(readPlan(plan, options.data), options.out));
      if (tables) return report(await makeTables(plan, options));
      // Where the cells' processes find it, whatever starts them.
      if (cacheLimit !== undefined) process.env[FEATURE_CACHE_LIMIT_VARIABLE] = cacheLimitText(cacheLimit);
      const signal = interruptSignal();
      report(await runExperiment(plan, { ...options, snakemake, signal, reporter: terminalReporter }), signal);
    });
}

interface Options {
  readonly data: Record<string, string>;
  readonly jobs?: number;
  readonly threads?: number;
  readonly engine: (typeof ENGINES)[number];
  readonly out: string;
  readonly cacheLimit?: number;
  readonly backend: 'auto' | 'native' | 'wasm';
  readonly dryRun?: boolean;
  readonly tables?: boolean;
}

function namedPath(text: string, earlier: Record<string, string>): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1 || at === text.length - 1) throw new InvalidArgumentError('It must be NAME=PATH.');
  return { ...earlier, [text.slice(0, at)]: text.slice(at + 1) };
}

function list({ cells, notes }: Expansion): void {
  for (const note of notes) console.error(note);
  const head = ['task', 'configuration', 'seed', 'runs'];
  console.log(
    textTable(
      head,
      cells.map(({ task, configuration, config, runs }) => [task, configuration, config.seed, runs]),
    ),
  );
  console.log(
    `${count(cells.length, 'cell')}, ${count(
      cells.reduce((sum, { runs }) => sum + runs, 0),
      'run',
    )}`,
  );
}

function report({ report: path, cells, done, failed, summaries, cost }: ExperimentResult, signal?: AbortSignal): void {
  for (const [task, configurations] of Object.entries(summaries)) {
    console.log(`${task}:`);
    for (const { configuration, uar, interval, worst, calibrationError, results } of configurations)
      console.log(
        [
          `  ${configuration}: UAR ${percent(uar.mean)}`,
          ...(interval ? [`95 % from ${percent(interval.low)} to ${percent(interval.high)}`] : []),
          `worst ${worst.name} ${percent(worst.recall)}`,
          `calibration error ${percent(calibrationError.mean)}`,
          count(results.length, 'seed'),
        ].join(', '),
      );
  }
  if (cost) {
    const rows = costTable(cost);
    console.error(textTable(Object.keys(rows[0]), rows.map(Object.values)));
  }
  for (const { cell, lastLines } of failed)
    console.error(
      `Failed: ${cell.task}, ${cell.configuration}, seed ${cell.config.seed} (${cell.directory}):\n${lastLines}`,
    );
  if (signal?.aborted) console.error('Interrupted, with everything saved; the same command goes on.');
  if (done < cells) {
    console.error(`${done} of ${count(cells, 'cell')} are done`);
    process.exitCode = 1;
  }
  if (done > 0) console.log(`Report: ${path}`);
}
