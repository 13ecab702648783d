import { Command, Option } from 'commander';
import { withCommas } from '../common/text.js';
import { EXPORT_FORMATS, type ExportFormatName } from '../exchange/exports.js';
import { exportModel } from '../run/export.js';
import { backendOption } from './options.js';

/** `ser export`: a model for other software. */
export function exportCommand(): Command {
  const formats = Object.keys(EXPORT_FORMATS) as ExportFormatName[];
  const width = Math.max(...formats.map((name) => name.length));
  return new Command('export')
    .summary('write a model as a file of Keras and others')
    .description('Writes a trained model as the files of other software, with what a stranger needs to use it.')
    .argument('<model>', "a run's folder, or its model folder")
    .addOption(new Option('--format <name>', 'what reads it, see below').choices(formats).makeOptionMandatory())
    .option('--out <path>', 'where to write (default: the usual name, in this folder)')
    .addOption(backendOption())
    .addHelpText(
      'after',
      [
        '\nFormats:',
        ...formats.map((name) => `  ${name.padEnd(width)}  ${EXPORT_FORMATS[name].description}`),
        '\nExample:\n  ser export runs/first --format keras --out first.keras',
      ].join('\n'),
    )
    .action(async (model: string, options) => {
      const { path, card, bytes } = await exportModel(model, options);
      console.log(`${path}: ${withCommas(bytes)} bytes; its card is ${card}`);
    });
}
