import { Command } from 'commander';
import { READERS } from '../corpora/corpora.js';

/** What is said of a reader that could not be tried on its corpus's recordings. */
const UNTRIED = {
  names: 'not tried on its recordings, only on a list of their names',
  descriptions: 'not tried on its recordings, only on what is written about them',
};

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
      const rows = READERS.map(({ name, title, publishedClips, licence, source, triedOnlyOn }) => ({
        name,
        title,
        publishedClips,
        licence,
        source,
        triedOn: triedOnlyOn ?? ('recordings' as const),
      }));
      if (options.json) return console.log(JSON.stringify(rows, null, 2));
      // A table of this would be more than 200 columns wide.
      const width = Math.max(...rows.map(({ name }) => name.length)) + 2;
      const indent = ' '.repeat(width);
      for (const { name, title, publishedClips, licence, source, triedOn } of rows) {
        const lines = [name.padEnd(width) + title, `${publishedClips} clips, ${licence}`, source];
        if (triedOn !== 'recordings') lines.push(UNTRIED[triedOn]);
        console.log(lines.join(`\n${indent}`));
      }
    });
}
