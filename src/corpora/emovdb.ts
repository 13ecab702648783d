import type { Clip } from './clip.js';
import type { Emotion } from './emotions.js';
import type { CorpusReader } from './reader.js';

const EMOTION_WORDS: Readonly<Record<string, Emotion>> = {
  amused: 'amusement',
  anger: 'anger',
  disgust: 'disgust',
  neutral: 'neutral',
  sleepiness: 'sleepiness',
};

const SEXES: Readonly<Record<string, Clip['sex']>> = { bea: 'female', jenie: 'female', josh: 'male', sam: 'male' };

/**
 * `amused_1-15_0001` in a folder `bea/Amused` or, as the parts of OpenSLR unpack, `bea_Amused`: emotion, range of sentences that
 * were recorded together (in a few names `141_168`), sentence of CMU ARCTIC's set A.
 */
const NAME =
  /(?:^|\/)(bea|jenie|josh|sam)[_/](?:(?:amused|angry|disgusted|neutral|sleepy)\/)?(amused|anger|disgust|neutral|sleepiness)_\d+[-_]\d+_(\d{4})\.[^./]+$/i;

/**
 * Emotional Voices Database, the sorted version.
 *
 * Names as its README describes them and as in the list of nkululeko (`data/emov-db` of github.com/felixbur/nkululeko); the speakers'
 * sexes from there, too. The README's table adds up to 7,000 clips, of which 6,893 are in the sorted version.
 */
export const emovdb: CorpusReader = {
  name: 'emovdb',
  title: 'Emotional Voices Database (EmoV-DB), sorted',
  publishedClips: 6893,
  language: 'en',
  licence: 'for non-commercial purposes only',
  source: 'https://github.com/numediart/EmoV-DB, https://www.openslr.org/115/',
  citation:
    'A. Adigwe, N. Tits, K. El Haddad, S. Ostadabbas, T. Dutoit: The Emotional Voices Database: Towards Controlling the Emotion Dimension in Voice Generation Systems. arXiv:1806.09514, 2018.',
  triedOnlyOn: 'names',
  parse(path) {
    const [, folder, word, text] = path.match(NAME) ?? [];
    if (!folder) return undefined;
    const speaker = folder.toLowerCase();
    const label = word.toLowerCase();
    return { speaker, text, emotion: EMOTION_WORDS[label], label, sex: SEXES[speaker] };
  },
};
