import type { Emotion } from './emotions.js';
import { type CorpusReader, stemOf } from './reader.js';

const EMOTION_LETTERS: Readonly<Record<string, Emotion>> = {
  A: 'anger',
  F: 'fear',
  H: 'happiness',
  N: 'neutral',
  S: 'sadness',
  W: 'surprise',
};

/** `F21A05`: speaker (woman 1 to 31 or man 1 to 56), emotion, number of the utterance. */
const NAME = /^((F|M)(?:0[1-9]|[1-4]\d|5[0-6]))([AFHNSW])(\d\d)$/;

const LAST_WOMAN = 'F31';

/**
 * Sharif Emotional Speech Database. The names do not tell the texts, of which nearly none is said twice.
 *
 * Names as its README describes them (github.com/pariajm/sharif-emotional-speech-dataset), and as in the list of nkululeko (`data/shemo`
 * of github.com/felixbur/nkululeko); counts: the paper.
 */
export const shemo: CorpusReader = {
  name: 'shemo',
  title: 'Sharif Emotional Speech Database (ShEMO)',
  publishedClips: 3000,
  language: 'fa',
  licence: 'for academic purposes',
  source: 'https://github.com/mansourehk/ShEMO',
  citation:
    'O. Mohamad Nezami, P. Jamshid Lou, M. Karami: ShEMO: a large-scale validated database for Persian speech emotion detection. Language Resources and Evaluation 53(1), 2019.',
  triedOnlyOn: 'names',
  parse(path) {
    const stem = stemOf(path).toUpperCase();
    const [, speaker, sex, label] = stem.match(NAME) ?? [];
    if (!speaker || (sex === 'F' && speaker > LAST_WOMAN)) return undefined;
    return { speaker, text: stem, emotion: EMOTION_LETTERS[label], label, sex: sex === 'F' ? 'female' : 'male' };
  },
};
