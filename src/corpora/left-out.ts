import { type FileProblem, problemLines } from '../common/problems.js';
import { count } from '../common/text.js';
import type { Corpus } from './clip.js';

/** What to do about recordings that follow no naming. */
export const ADVICE =
  'rename them, sort them into folders named after their emotions, or describe all recordings in a CSV manifest (path,emotion,speaker[,text])';

/** Where all of what a folder holds is listed. */
export const ALL_LISTED = 'ser inspect --json names all';

/** The recordings that follow no naming, and what they should follow. */
export function misnamedOf({ name, folders, misnamed }: Corpus): FileProblem[] {
  const reason =
    folders === undefined ? `does not follow the naming of ${name}` : 'is in no folder named after an emotion';
  return misnamed.map((path) => ({ path, reason }));
}

/** The recordings of a corpus that are no clips, and why; copies of the same utterance last. */
export function leftOutOf(corpus: Corpus): FileProblem[] {
  return [
    ...misnamedOf(corpus),
    ...(corpus.unwanted ?? []),
    ...corpus.repeated.map((path) => ({ path, reason: 'the same utterance as a clip that is kept' })),
  ];
}

/** What is left out of a corpus, in words for its user, with what to do; none where nothing is. */
export function leftOutInWords(corpus: Corpus): string[] {
  const { misnamed, unwanted = [], repeated } = corpus;
  const odd = [...misnamedOf(corpus), ...unwanted];
  return [
    ...(odd.length > 0
      ? [
          [
            `Left out: ${count(odd.length, 'recording')}`,
            ...problemLines(odd, ALL_LISTED).map((line) => `  ${line}`),
            ...(misnamed.length > 0 ? [`  To use them, ${ADVICE}.`] : []),
          ].join('\n'),
        ]
      : []),
    ...(repeated.length > 0
      ? [`Left out: ${count(repeated.length, 'copy', 'copies')} of utterances that are there in another file.`]
      : []),
  ];
}
