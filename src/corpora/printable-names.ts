import { InputError } from '../common/errors.js';
import { isPrintable } from '../common/printable.js';
import type { Corpus } from './clip.js';

/**
 * The same corpus, whose emotions and speakers can be shown in every table and figure.
 *
 * @throws InputError if one holds a character that cannot be printed: it came there by mistake, and would show late
 */
export function withPrintableNames(corpus: Corpus): Corpus {
  // Many clips have them in common.
  const printable = new Set<string>();
  for (const { path, emotion, label, speaker } of corpus.clips)
    for (const [what, name] of Object.entries({ emotion, label, speaker })) {
      if (printable.has(name)) continue;
      if (!isPrintable(name))
        throw new InputError(
          `Cannot read ${corpus.root}: each ${what} must be a line of printable characters, that of ${path} is ${JSON.stringify(name)}; write it without the others`,
        );
      printable.add(name);
    }
  return corpus;
}
