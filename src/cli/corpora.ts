import { Command } from 'commander';
import { READERS } from '../corpora/corpora.js';
import { textTable } from '../text-table.js';

/** `ser corpora`: which corpora are known. */
export function corporaCommand(): Command {
  return new Command('corpora')
    .summary('list the corpora that are known, their licences and where to get them')
    .description(
      'Lists the corpora that are known, their licences and where to get them. Other recordings come by a CSV manifest.',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  ser corpora')
    .action((options) => {
      const rows = READERS.map(({ name, title, publishedClips, licence, source }) => ({
        name,
        title,
        publishedClips,
        licence,
        source,
      }));
      if (options.json) return console.log(JSON.stringify(rows, null, 2));
      const head = ['name', 'corpus', 'clips', 'licence', 'where to get it'];
      console.log(
        textTable(
          head,
          rows.map((row) => Object.values(row)),
        ),
      );
    });
}
