import type { Emotion } from './emotions.js';
import type { CorpusReader } from './reader.js';

const EMOTION_LETTERS: Readonly<Record<string, Emotion>> = {
  a: 'anger',
  d: 'disgust',
  f: 'fear',
  h: 'happiness',
  s: 'sadness',
};

/**
 * `a06 (5)b` in a folder `anger`: emotion, one of 20 utterances, speaker (in a few names `(01)`), and a letter where there are several
 * takes. Without its folder, the name could be that of another corpus's file, which a system has numbered as a copy.
 */
const NAME =
  /(?:^|\/)(anger|disgust|fear|happiness|sadness)\/([adfhs])(0[1-9]|1\d|20) \(0?([1-9]\d?)\)[a-z]?\.[^./]+$/i;

/** Every speaker improvised in every emotion. */
const IMPROVISED = '20';

/**
 * Acted Emotional Speech Dynamic Database. Of what sex which speaker is, its README does not say.
 *
 * Names as the README describes them, and as in the list of EmoBox (`data/aesdd` of github.com/emo-box/EmoBox), which lacks one file that cannot
 * be read: `s05 (3)`.
 */
export const aesdd: CorpusReader = {
  name: 'aesdd',
  title: 'Acted Emotional Speech Dynamic Database (AESDD)',
  publishedClips: 605,
  language: 'el',
  licence: 'licence not known to this project',
  source: 'http://m3c.web.auth.gr/research/aesdd-speech-emotion-recognition/',
  citation:
    'N. Vryzas, R. Kotsakis, A. Liatsou, C. Dimoulas, G. Kalliris: Speech Emotion Recognition for Performance Interaction. Journal of the Audio Engineering Society 66(6), 2018.',
  triedOnlyOn: 'names',
  parse(path) {
    const [, folder, letter, utterance, speaker] = path.match(NAME) ?? [];
    const label = letter?.toLowerCase();
    if (!folder || EMOTION_LETTERS[label] !== folder.toLowerCase()) return undefined;
    const text = utterance === IMPROVISED ? `improvised ${label} ${speaker}` : utterance;
    return { speaker, text, emotion: EMOTION_LETTERS[label], label };
  },
};
