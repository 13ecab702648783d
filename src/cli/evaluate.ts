import { join } from 'node:path';
import { Command } from 'commander';
import { count, percent } from '../common/text.js';
import { textTable } from '../common/text-table.js';
import { chanceLevel, clipsOf, occurring } from '../evaluation/metrics.js';
import { RUN_DEFAULTS } from '../run/config.js';
import { type EvaluationResult, evaluateModel } from '../run/evaluate-model.js';
import { RUN_FILES } from '../run/folder.js';
import { interruptSignal } from './interrupt.js';
import { allowTruncatedOption, backendOption, share } from './options.js';
import { terminalReporter } from './progress.js';

/** `ser evaluate`: how good a model is on another corpus. */
export function evaluateCommand(): Command {
  return new Command('evaluate')
    .summary('test a trained model with another corpus')
    .description(
      "Tests a trained model with a corpus: all clips of the emotions that both have, each answered as by `ser predict`. The folder it names at the end holds what a run's holds about its test set: report.html, metrics.json, predictions.csv and figures.",
    )
    .argument('<model>', "a run's folder, or its model folder")
    .requiredOption('--data <path>', 'folder of the recordings, or a CSV manifest')
    .option('--corpus <name>', 'name of the corpus (default: recognised from the files)')
    .option('--max-skipped <share>', 'share of the clips that may be unusable', share, RUN_DEFAULTS.maxSkipped)
    .addOption(allowTruncatedOption())
    .option('--out <folder>', 'where to write, new or empty (default: a folder in runs/ named after the time)')
    .addOption(backendOption())
    .addHelpText('after', '\nExample:\n  ser evaluate runs/first --data ~/RAVDESS --out ravdess')
    .action(async (model: string, { out, ...options }) => {
      const signal = interruptSignal();
      const carryingOut = { directory: out, reporter: terminalReporter, signal };
      const result = await evaluateModel(model, { ...options, ...carryingOut }).catch((error) => {
        if (!signal.aborted) throw error;
      });
      if (result) return report(result);
      console.error('Interrupted; nothing was written');
      process.exitCode = 1;
    });
}

function report({ directory, data, metrics, calibrationError, unknown, absent, skipped }: EvaluationResult): void {
  console.log(
    textTable(
      ['emotion', 'clips', 'recall'],
      occurring(metrics).map(([emotion, { support, recall }]) => [emotion, support, percent(recall)]),
    ),
  );
  console.log(
    `UAR ${percent(metrics.uar)}  accuracy ${percent(metrics.accuracy)}  macro-F1 ${percent(metrics.macroF1)}  calibration error ${percent(calibrationError)}`,
  );
  console.log(
    `${count(clipsOf(metrics), 'clip')}: ${data}. Guessing would have a UAR of ${percent(chanceLevel(metrics))}.`,
  );
  for (const [emotion, clips] of Object.entries(unknown))
    console.log(`Left out: ${emotion} (${count(clips, 'clip')}), which the model does not know`);
  if (absent.length > 0)
    console.log(`Not tested, for want of clips: ${absent.join(', ')}; such an answer counts as wrong`);
  if (skipped.length > 0)
    console.log(
      [`Left out, as unusable (${skipped.length}):`, ...skipped.map(({ reason }) => `  ${reason}`)].join('\n'),
    );
  console.log(`Report: ${join(directory, RUN_FILES.report)}`);
}
