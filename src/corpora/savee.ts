import type { Emotion } from './emotions.js';
import type { CorpusReader } from './reader.js';

const EMOTION_CODES: Readonly<Record<string, Emotion>> = {
  a: 'anger',
  d: 'disgust',
  f: 'fear',
  h: 'happiness',
  n: 'neutral',
  sa: 'sadness',
  su: 'surprise',
};

/** `DC_a01` anywhere, or `a01` in a folder `DC`: speaker, emotion, number of the sentence; in capitals or not. */
const NAME = /(?:^|\/)(DC|JE|JK|KL)[_/](a|d|f|h|n|sa|su)(\d\d)\.[^./]+$/i;

/**
 * The first three sentences of each emotion are the same for all emotions. The neutral part also repeats the other
 * emotions' own sentences, under numbers of its own: which ones, the names do not tell.
 */
const COMMON_SENTENCES = 3;

/** Surrey Audio-Visual Expressed Emotion. */
export const savee: CorpusReader = {
  name: 'savee',
  title: 'Surrey Audio-Visual Expressed Emotion (SAVEE)',
  publishedClips: 480,
  language: 'en',
  licence: 'for research only, on registration',
  source: 'http://kahlan.eps.surrey.ac.uk/savee/',
  citation: 'S. Haq, P. J. B. Jackson: Multimodal Emotion Recognition. In: Machine Audition, IGI Global, 2010.',
  triedOnlyOn: 'names',
  parse(path) {
    const [, name, code, number] = path.match(NAME) ?? [];
    if (!name) return undefined;
    const [speaker, label] = [name.toUpperCase(), code.toLowerCase()];
    const text = Number(number) <= COMMON_SENTENCES ? `common ${number}` : `${label}${number}`;
    return { speaker, text, emotion: EMOTION_CODES[label], label, sex: 'male' };
  },
};
