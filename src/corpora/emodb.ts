import type { Emotion } from './emotions.js';
import { type CorpusReader, stemOf } from './reader.js';

const EMOTION_LETTERS: Readonly<Record<string, Emotion>> = {
  W: 'anger',
  L: 'boredom',
  E: 'disgust',
  A: 'fear',
  F: 'happiness',
  T: 'sadness',
  N: 'neutral',
};

const WOMEN = ['08', '09', '13', '14', '16'];

/** `03a01Wa`: speaker, sentence, emotion's German initial, take; also in lower case. */
const NAME = /^(03|08|09|1[0-6])([ab]\d\d)([WLEAFTN])([a-z])$/i;

/** Berlin Database of Emotional Speech. */
export const emodb: CorpusReader = {
  name: 'emodb',
  title: 'Berlin Database of Emotional Speech (EMO-DB)',
  publishedClips: 535,
  language: 'de',
  licence: 'CC0-1.0',
  source: 'doi:10.5281/zenodo.7447302',
  citation:
    'F. Burkhardt, A. Paeschke, M. Rolfes, W. Sendlmeier, B. Weiss: A Database of German Emotional Speech. Interspeech 2005.',
  suppliedNote:
    'The copy in data/emodb is not the original: every clip was cut or padded to exactly 2 s at 22,050 Hz (the original: 16 kHz, 1.2 s to 9 s), so published figures do not compare directly.',
  parse(path) {
    const [, speaker, text, code] = stemOf(path).match(NAME) ?? [];
    if (!speaker) return undefined;
    const letter = code.toUpperCase();
    const sex = WOMEN.includes(speaker) ? 'female' : 'male';
    return { speaker, text: text.toLowerCase(), emotion: EMOTION_LETTERS[letter], label: letter, sex };
  },
};
