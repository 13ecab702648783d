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
      if (options.json) return console.log(JSON.stringify(rows, null, 2));
      // A table of this would be more than 200 columns wide.
      const width = Math.max(...rows.map(({ name }) => name.length)) + 2;
      const indent = ' '.repeat(width);
      for (const { name, title, publishedClips, licence, source } of rows)
        console.log([name.padEnd(width) + title, `${publishedClips} clips, ${licence}`, source].join(`\n${indent}`));
    });
}
