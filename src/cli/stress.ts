import { join } from 'node:path';
import { Command, Option } from 'commander';
import { problemLines } from '../common/problems.js';
import { count, points } from '../common/text.js';
import { textTable } from '../common/text-table.js';
import { CONDITIONS } from '../conditions/conditions.js';
import { SPLIT_DEFAULTS } from '../dataset/splits.js';
import type { ConditionMetrics, Robustness } from '../evaluation/robustness.js';
import { STRESS_FILES, type StressResult, stress } from '../run/stress.js';
import { interruptSignal } from './interrupt.js';
import { backendOption, collected, integer } from './options.js';
import { terminalReporter } from './progress.js';

/** `ser stress`: what a model withstands. */
export function stressCommand(): Command {
  return new Command('stress')
    .summary('test a model with noise, over the telephone, in other rooms')
    .description(
      `Tests a model on its run's test part when recordings are noisy, come over the telephone, from another room, and so on: what is left of the UAR, and how many answers change. Writes ${Object.values(STRESS_FILES).join(', ')} into the folder.`,
    )
    .argument('<model>', "a run's folder; with --data also a model's")
    .option('--data <path>', "a corpus to test with, or a CSV manifest (default: the run's test part)")
    .addOption(
      new Option('--only <name>', 'a condition, or a kind of them, may be repeated')
        .argParser(collected)
        .default([], 'all'),
    )
    .option('--seed <n>', 'governs noise and rooms', integer(0), SPLIT_DEFAULTS.seed)
    .option('--out <folder>', 'where to write (default: the folder that is tested)')
    .addOption(backendOption())
    .addHelpText('after', `\nConditions:\n${conditionsByKind()}\n\nExamples:\n${EXAMPLES.join('\n')}`)
    .action(async (model: string, options) => {
      const signal = interruptSignal();
      const result = await stress(model, { ...options, reporter: terminalReporter, signal }).catch((error) => {
        if (!signal.aborted) throw error;
      });
      if (result) return report(result);
      console.error('Interrupted; nothing was written');
      process.exitCode = 1;
    });
}

const EXAMPLES = [
  '  ser stress runs/first                     everything, on the clips that it was tested with',
  '  ser stress runs/first --only noise        noise alone',
  '  ser stress runs/first/model --data ~/TESS --out tess',
];

function conditionsByKind(): string {
  const width = Math.max(...Object.keys(CONDITIONS).map((name) => name.length));
  const lines = Object.entries(CONDITIONS).map(
    ([name, { kind, description }]) => `  ${kind.padEnd(14)} ${name.padEnd(width)}  ${description}`,
  );
  return lines.join('\n');
}

function report({ directory, data, clips, leftOut, clean, conditions }: StressResult): void {
  const head = ['condition', 'UAR %', 'drop', 'flipped %', 'acc. %', 'worst %', 'ECE %'];
  const row = (name: string, each: ConditionMetrics & Partial<Robustness>) => {
    const shares = [each.uar, each.drop, each.flipped, each.accuracy, each.worstRecall, each.calibrationError];
    const texts = shares.map((share) => (share === undefined ? '' : points(share)));
    return [name, ...texts.map((text, i) => text.padStart(head[i + 1].length))];
  };
  const rows = [row('clean', clean), ...Object.entries(conditions).map(([name, each]) => row(name, each))];
  console.log(textTable(head, rows));
  console.log(`${count(clips, 'clip')}: ${data}`);
  console.log('Drop: of the UAR, in points. Flipped: answered otherwise than clean.');
  console.log('Worst: recall of the weakest emotion. ECE: expected calibration error.');
  if (leftOut.length > 0)
    console.log(
      [
        `Left out (${leftOut.length}):`,
        ...problemLines(leftOut, `all are in ${join(directory, STRESS_FILES.results)}`).map((line) => `  ${line}`),
      ].join('\n'),
    );
  console.log(`Report: ${join(directory, STRESS_FILES.report)}`);
}
