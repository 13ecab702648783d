import type { Emotion } from './emotions.js';
import { type CorpusReader, stemOf } from './reader.js';

const EMOTION_CODES: Readonly<Record<string, Emotion>> = {
  ANG: 'anger',
  DIS: 'disgust',
  FEA: 'fear',
  HAP: 'happiness',
  NEU: 'neutral',
  SAD: 'sadness',
};

const INTENSITIES: Readonly<Record<string, string | undefined>> = { LO: 'low', MD: 'medium', HI: 'high' };

/** The 43 women among the 91 actors, by the last two digits; from VideoDemographics.csv of the corpus's repository. */
const WOMEN = new Set(
  (
    '02 03 04 06 07 08 09 10 12 13 18 20 21 24 25 28 29 30 37 43 46 47 49 52 53 54 55 56 58 60 61 63 ' +
    '72 73 74 75 76 78 79 82 84 89 91'
  ).split(' '),
);

/**
 * `1001_DFA_ANG_XX`: actor (1001 to 1091), one of 12 sentences, emotion, intensity (XX: not stated; one published file
 * has a plain X); also in lower case.
 */
const NAME =
  /^(10(?:0[1-9]|[1-8]\d|9[01]))_(DFA|IEO|IOM|ITH|ITS|IWL|IWW|MTI|TAI|TIE|TSI|WSI)_(ANG|DIS|FEA|HAP|NEU|SAD)_(LO|MD|HI|XX?)$/;

/** Crowd-sourced Emotional Multimodal Actors Dataset. */
export const cremad: CorpusReader = {
  name: 'cremad',
  title: 'Crowd-sourced Emotional Multimodal Actors Dataset (CREMA-D)',
  publishedClips: 7442,
  language: 'en',
  licence: 'ODbL 1.0',
  source: 'https://github.com/CheyneyComputerScience/CREMA-D',
  citation:
    'H. Cao, D. G. Cooper, M. K. Keutmann, R. C. Gur, A. Nenkova, R. Verma: CREMA-D: Crowd-sourced Emotional Multimodal Actors Dataset. IEEE Transactions on Affective Computing 5(4), 2014.',
  triedOnlyOn: 'names',
  parse(path) {
    const [, speaker, text, label, intensity] = stemOf(path).toUpperCase().match(NAME) ?? [];
    if (!speaker) return undefined;
    const sex = WOMEN.has(speaker.slice(2)) ? 'female' : 'male';
    return { speaker, text, emotion: EMOTION_CODES[label], label, sex, intensity: INTENSITIES[intensity] };
  },
};
