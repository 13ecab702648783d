import type { Emotion } from './emotions.js';
import { type CorpusReader, stemOf } from './reader.js';

/** In the order of the utterances' numbers. */
const EMOTIONS_IN_ORDER: readonly [label: string, emotion: Emotion][] = [
  ['Neutral', 'neutral'],
  ['Angry', 'anger'],
  ['Happy', 'happiness'],
  ['Sad', 'sadness'],
  ['Surprise', 'surprise'],
];

/** Sentences of a language, each spoken by each of its speakers in each emotion. */
const SENTENCES = 350;

/** Speakers up to this one speak Mandarin, the others English. */
const LAST_MANDARIN = 10;

/** From `datasets/ESD/process.py` of github.com/Strong-AI-Lab/emotion; the corpus's own pages do not say. */
const WOMEN = ['0001', '0002', '0003', '0007', '0009', '0015', '0016', '0017', '0018', '0019'];

/** `0011_000351`: speaker, number of the utterance (1 to 1,750, as many of each emotion after each other). */
const NAME = /^(00(?:0[1-9]|1\d|20))_00([01]\d{3})$/;

/**
 * Emotional Speech Dataset.
 *
 * Names as in the list of the toolkit EmoBox (`data/esd` of github.com/emo-box/EmoBox); counts and parallel sentences: the
 * paper.
 */
export const esd: CorpusReader = {
  name: 'esd',
  title: 'Emotional Speech Dataset (ESD)',
  publishedClips: 35_000,
  language: ['zh', 'en'],
  licence: 'for research only, on a signed licence',
  source: 'https://github.com/HLTSingapore/Emotional-Speech-Data',
  citation:
    'K. Zhou, B. Sisman, R. Liu, H. Li: Emotional voice conversion: Theory, databases and ESD. Speech Communication 137, 2022.',
  triedOnlyOn: 'names',
  parse(path) {
    const [, speaker, digits] = stemOf(path).match(NAME) ?? [];
    const index = Number(digits) - 1;
    const [label, emotion] = EMOTIONS_IN_ORDER[Math.floor(index / SENTENCES)] ?? [];
    if (!speaker || !label) return undefined;
    const language = Number(speaker) <= LAST_MANDARIN ? 'zh' : 'en';
    return {
      speaker,
      text: `${language} ${(index % SENTENCES) + 1}`,
      emotion,
      label,
      sex: WOMEN.includes(speaker) ? 'female' : 'male',
    };
  },
};
