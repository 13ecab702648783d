import Table from 'cli-table3';
import { Command } from 'commander';
import { READERS } from '../corpora/corpora.js';

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
      if (options.json) console.log(JSON.stringify(rows, null, 2));
      else
        for (const row of rows) {
          const table = new Table({ style: { head: [] } });
          table.push(
            { [row.name]: row.title },
            { clips: row.publishedClips },
            { licence: row.licence },
            { source: row.source },
          );
          console.log(table.toString());
        }
    });
}
