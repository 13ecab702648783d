import { existsSync } from 'node:fs';
import { InputError } from '../common/errors.js';
import { problemLines } from '../common/problems.js';
import { count, percent } from '../common/text.js';
import { chooseEmotions } from '../corpora/choose.js';
import type { Corpus } from '../corpora/clip.js';
import { loadCorpus } from '../corpora/corpora.js';
import { overlapNote } from '../corpora/duplicates.js';
import { emotionNotes } from '../corpora/emotion-notes.js';
import { ADVICE, ALL_LISTED, leftOutInWords, misnamedOf } from '../corpora/left-out.js';
import { mixtureNote } from '../corpora/mixture.js';
import { unknownSpeakersNote } from '../corpora/speakers.js';
import { RUN_DEFAULTS, type RunConfig } from './config.js';

/**
 * Reads the corpus of a configuration.
 *
 * @throws InputError if there is none, or more of it than `maxSkipped` allows are recordings that follow no naming
 */
export async function corpusFor(config: RunConfig): Promise<Corpus> {
  const { data, maxSkipped } = config;
  if (data === RUN_DEFAULTS.data && !existsSync(data))
    throw new InputError(
      'The corpus EMO-DB comes with a checkout, not with the package: name a folder of recordings as `data`',
    );
  const corpus = await loadCorpus(data, { corpus: config.corpus });
  const misnamed = misnamedOf(corpus);
  const all = corpus.clips.length + misnamed.length;
  if (misnamed.length > maxSkipped * all)
    throw new InputError(
      [
        `${misnamed.length} of ${count(all, 'recording')} in ${data} would be left out, and at most ${percent(maxSkipped, { digits: 2, zeros: false })} may be (\`maxSkipped\`):`,
        ...problemLines(misnamed, ALL_LISTED).map((line) => `  ${line}`),
        `To use them, ${ADVICE}`,
      ].join('\n'),
    );
  return { ...corpus, clips: chooseEmotions(corpus.clips, config) };
}

/** What has to be said of a corpus before anything is trained with it: how it was understood, and what is left out. */
export function corpusInWords(corpus: Corpus): string[] {
  const { folders, clips } = corpus;
  const notes = [folders, mixtureNote(clips), unknownSpeakersNote(clips), overlapNote(clips), ...emotionNotes(clips)];
  return [...notes.flatMap((note) => note ?? []), ...leftOutInWords(corpus)];
}
