import { type Command, InvalidArgumentError, Option } from 'commander';
import { PROTOCOLS } from '../dataset/splits.js';
import { RUN_DEFAULTS } from '../run/config.js';
import { allowTruncatedOption, collected, integer, properShare, share } from './options.js';

/** What is learnt from, and how it is divided: the options that a run and a comparison have in common. */
export function withDataOptions(command: Command): Command {
  const d = RUN_DEFAULTS;
  return command
    .option('--corpus <name>', 'name of the corpus (default: recognised from the files; `ser corpora` lists them)')
    .option('--data <path>', 'folder of the recordings, or a CSV manifest (path,emotion,speaker[,text])', d.data)
    .option('--emotions <names>', 'emotions to learn, e.g. anger,sadness (default: all)', (text: string) =>
      text.split(','),
    )
    .addOption(
      new Option(
        '--map <name=name>',
        'an emotion that counts as another, e.g. calm=neutral; may be repeated',
      ).argParser(namedEmotion),
    )
    .addOption(new Option('--protocol <name>', 'how clips are divided').choices(PROTOCOLS).default(d.protocol))
    .addOption(
      new Option('--test-speaker <name>', 'speaker to test with, may be repeated')
        .argParser(collected)
        .default([], 'drawn by the seed'),
    )
    .option('--test-share <share>', 'share of the clips, speakers or texts to test with', properShare, d.testShare)
    .option('--validation-share <share>', 'share of the rest to validate with', properShare, d.validationShare)
    .option('--seed <n>', 'governs the split, the first weights, the order of clips and dropout', integer(0), d.seed)
    .option(
      '--max-skipped <share>',
      'share of the recordings that may be unusable, or follow no naming that is known',
      share,
      d.maxSkipped,
    )
    .addOption(allowTruncatedOption());
}

/** `calm=neutral`, or several of them with commas between. */
function namedEmotion(text: string, earlier: Readonly<Record<string, string>> = {}): Record<string, string> {
  const pairs = text.split(',').map((pair) => pair.split('=').map((name) => name.trim()));
  if (pairs.some((names) => names.length !== 2 || names.includes('')))
    throw new InvalidArgumentError('It must be a name, =, and the name that it counts as, like calm=neutral.');
  return { ...earlier, ...Object.fromEntries(pairs) };
}
