import { Command } from 'commander';
import { decodeFile } from '../audio/decode-file.js';
import { loadCorpus } from '../corpora/corpora.js';
import { formatInspection, inspectCorpus } from '../corpora/inspect.js';
import { terminalReporter } from './progress.js';

/** `ser inspect`: what a corpus holds, and what is wrong with it. */
export function inspectCommand(): Command {
  return new Command('inspect')
    .summary('say what a corpus holds and what is wrong with it')
    .description(
      'Says what a corpus holds (clips by emotion and speaker, durations, sample rates) and every problem in it.',
    )
    .argument('<path>', 'folder of the recordings, or a CSV manifest')
    .option('--corpus <name>', 'name of the corpus (default: recognised from the files)')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  ser inspect ~/Downloads/TESS')
    .action(async (path: string, options) => {
      const corpus = await loadCorpus(path, { corpus: options.corpus });
      const bar = terminalReporter.progress('reading', corpus.clips.length);
      const onProgress = (done: number) => bar.update(done);
      const inspection = await inspectCorpus(corpus, { decode: decodeFile, onProgress }).finally(() => bar.stop());
      console.log(options.json ? JSON.stringify(inspection, null, 2) : formatInspection(inspection));
    });
}
