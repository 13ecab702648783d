import { join } from 'node:path';
import { Command, Option } from 'commander';
import { percent, quoted } from '../common/text.js';
import { textTable } from '../common/text-table.js';
import { weakestOf } from '../evaluation/metrics.js';
import { NETWORKS } from '../networks/networks.js';
import { COMPARED, type ComparisonResult, compare, resumeComparison, type SharedConfig } from '../run/compare.js';
import { spentInWords } from '../run/cost.js';
import { RUN_FILES } from '../run/folder.js';
import { withDataOptions } from './data-options.js';
import { interruptSignal } from './interrupt.js';
import { backendOption, cacheLimitOption, checkResumption, given, workersOption } from './options.js';
import { terminalReporter } from './progress.js';

/** What commander makes of the options. */
type Options = Omit<Required<SharedConfig>, 'testSpeakers'> & {
  readonly testSpeaker: string[];
  readonly networks: readonly string[];
  readonly out?: string;
};

/** `ser compare`: several networks side by side. */
export function compareCommand(): Command {
  return withDataOptions(new Command('compare'))
    .summary('train several networks on the same clips, and set them side by side')
    .description(
      'Trains several networks, each trained, validated and tested with the same clips, and sets them side by side in one report.\nThe model of the one that is best on the validation set is what `ser predict` then takes.',
    )
    .addOption(
      new Option('--networks <names>', `which ones, of ${Object.keys(NETWORKS).join()}`)
        .argParser((text: string) => text.split(','))
        .default(COMPARED, COMPARED.join()),
    )
    .addOption(workersOption())
    .addOption(cacheLimitOption())
    .addOption(backendOption())
    .option('--out <folder>', "the comparison's folder, new or empty (default: one in runs/ named after the time)")
    .option('--resume <folder>', 'go on with an interrupted comparison')
    .addHelpText(
      'after',
      '\nExamples:\n  ser compare\n  ser compare --data ~/TESS --test-speaker YAF --networks functionals,compact,encoder',
    )
    .action(async (options, command: Command) => {
      const { workers, cacheLimit: cacheLimitBytes, backend, resume } = options;
      const carryingOut = {
        ...{ workers, cacheLimitBytes, backend },
        reporter: terminalReporter,
        signal: interruptSignal(),
      };
      if (resume) {
        checkResumption(command);
        report(await resumeComparison(resume, { ...carryingOut, maxSkipped: given<number>(command, 'maxSkipped') }));
      } else report(await compare(options.networks, sharedOf(options), { ...carryingOut, directory: options.out }));
    });
}

function sharedOf(options: Options): SharedConfig {
  const {
    data,
    corpus,
    emotions,
    map,
    protocol,
    testShare,
    validationShare,
    seed,
    maxSkipped,
    allowTruncated,
    testSpeaker,
  } = options;
  return {
    data,
    corpus,
    emotions,
    map,
    protocol,
    testShare,
    validationShare,
    seed,
    maxSkipped,
    allowTruncated,
    testSpeakers: testSpeaker,
  };
}

function report({ directory, runs, best, cost }: ComparisonResult): void {
  if (best === undefined) {
    console.error(
      `Interrupted; what is finished is kept (${runs.length}); go on with ser compare --resume ${quoted(directory)}`,
    );
    process.exitCode = 1;
    return;
  }
  const rows = runs.map(({ config: { network }, metrics: { validation, test } }) => {
    const [weakest, { recall }] = weakestOf(test);
    return [
      network === best ? `${network} *` : network,
      percent(validation.uar),
      percent(test.uar),
      percent(test.accuracy),
      `${percent(recall)} ${weakest}`,
    ];
  });
  console.log(textTable(['network', 'UAR valid.', 'UAR test', 'accuracy', 'weakest emotion'], rows));
  console.log('* The best on the validation set: `ser predict` takes it.');
  console.error(`Took ${spentInWords(cost)}.`);
  console.log(`Report: ${join(directory, RUN_FILES.report)}`);
}
