import { Command, Option } from 'commander';
import { count, withCommas } from '../common/text.js';
import { EXPORT_FORMATS, type ExportFormatName } from '../exchange/exports.js';
import { finishedCells } from '../experiment/experiment.js';
import { exportModel } from '../run/export.js';
import { exportToTensorBoard } from '../run/tensorboard.js';
import { backendOption } from './options.js';

/** The format of what a run has recorded, not of its model. */
const TENSORBOARD = 'tensorboard';

/** `ser export`: a model, or what a run has recorded, for other software. */
export function exportCommand(): Command {
  const formats = Object.keys(EXPORT_FORMATS) as ExportFormatName[];
  const descriptions = {
    ...Object.fromEntries(formats.map((name) => [name, EXPORT_FORMATS[name].description])),
    [TENSORBOARD]: 'curves, results, settings, figures and cost of a run, folds, a comparison or an experiment',
  };
  const names = Object.keys(descriptions);
  const width = Math.max(...names.map((name) => name.length));
  return new Command('export')
    .summary('write a model as a file of Keras and others, or runs for TensorBoard')
    .description('Writes a trained model, or what runs have recorded, as the files of other software.')
    .argument(
      '<folder>',
      "a run's folder, or its model folder; for tensorboard, also one of folds, a comparison or an experiment",
    )
    .addOption(new Option('--format <name>', 'what reads it, see below').choices(names).makeOptionMandatory())
    .option('--out <path>', 'where to write (default: the usual name, in this folder)')
    .addOption(backendOption())
    .addHelpText(
      'after',
      [
        '\nFormats:',
        ...Object.entries(descriptions).map(([name, description]) => `  ${name.padEnd(width)}  ${description}`),
        '\nExamples:',
        '  ser export runs/first --format keras --out first.keras',
        '  ser export runs/experiments/networks --format tensorboard --out logs && tensorboard --logdir logs',
      ].join('\n'),
    )
    .action(async (folder: string, { format, ...options }: Options) => {
      if (format === TENSORBOARD) return exportRuns(folder, options.out);
      const { path, card, bytes } = await exportModel(folder, { format, ...options });
      console.log(`${path}: ${withCommas(bytes)} bytes; its card is ${card}`);
    });
}

interface Options {
  readonly format: ExportFormatName | typeof TENSORBOARD;
  readonly out?: string;
  readonly backend: 'auto' | 'native' | 'wasm';
}

function exportRuns(folder: string, out: string = TENSORBOARD): void {
  const { finished, missing } = finishedCells(folder) ?? { finished: [folder], missing: 0 };
  const written = exportToTensorBoard(finished, out);
  if (missing > 0) console.error(`${count(missing, 'cell is', 'cells are')} not finished, and left out`);
  for (const path of written) console.log(path);
}
