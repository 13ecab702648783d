import type { Emotion } from './emotions.js';
import { type CorpusReader, stemOf } from './reader.js';

const EMOTION_LETTERS: Readonly<Record<string, Emotion>> = {
  A: 'anger',
  H: 'happiness',
  N: 'neutral',
  S: 'sadness',
};

/** `SM5_F72_N0100`: speaker (S, sex, number), number of the speaker's file, emotion, 0 and a number up to 100. */
const NAME = /^(S([FM])(?:[1-9]|1\d|2[0-7]))_F[1-9]\d?_([AHNS])0(?:[1-9]\d?|100)$/;

/**
 * URDU: talk shows, not acted. The names tell no texts, and 29 speakers where the README speaks of 38.
 *
 * Names as the repository has them (github.com/siddiquelatif/URDU-Dataset); letters as nkululeko reads them (`data/urdu` of
 * github.com/felixbur/nkululeko).
 */
export const urdu: CorpusReader = {
  name: 'urdu',
  title: 'URDU, emotional utterances of talk shows',
  publishedClips: 400,
  language: 'ur',
  acted: false,
  licence: 'for research only',
  source: 'https://github.com/siddiquelatif/URDU-Dataset',
  citation:
    'S. Latif, A. Qayyum, M. Usman, J. Qadir: Cross Lingual Speech Emotion Recognition: Urdu vs. Western Languages. Frontiers of Information Technology (FIT), 2018.',
  triedOnlyOn: 'names',
  parse(path) {
    const stem = stemOf(path).toUpperCase();
    const [, speaker, sex, label] = stem.match(NAME) ?? [];
    if (!speaker) return undefined;
    return { speaker, text: stem, emotion: EMOTION_LETTERS[label], label, sex: sex === 'F' ? 'female' : 'male' };
  },
};
