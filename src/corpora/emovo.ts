import type { Emotion } from './emotions.js';
import { type CorpusReader, stemOf } from './reader.js';

const EMOTION_CODES: Readonly<Record<string, Emotion>> = {
  dis: 'disgust',
  gio: 'happiness',
  neu: 'neutral',
  pau: 'fear',
  rab: 'anger',
  sor: 'surprise',
  tri: 'sadness',
};

/** `dis-f1-b1`: the Italian emotion, speaker, one of 14 sentences (short, long, nonsense, question). */
const NAME = /^(dis|gio|neu|pau|rab|sor|tri)-([fm][1-3])-(b[1-3]|l[1-4]|n[1-5]|d[12])$/;

/**
 * EMOVO.
 *
 * Names as in the list of nkululeko (`data/emovo` of github.com/felixbur/nkululeko); codes as EmoBox reads them
 * (github.com/emo-box/EmoBox); counts: the paper.
 */
export const emovo: CorpusReader = {
  name: 'emovo',
  title: 'EMOVO Corpus: an Italian Emotional Speech Database',
  publishedClips: 588,
  language: 'it',
  licence: 'licence not known to this project',
  source: 'http://voice.fub.it/activities/corpora/emovo/index.html',
  citation:
    'G. Costantini, I. Iaderola, A. Paoloni, M. Todisco: EMOVO Corpus: an Italian Emotional Speech Database. LREC 2014.',
  triedOnlyOn: 'names',
  parse(path) {
    const [, label, speaker, text] = stemOf(path).toLowerCase().match(NAME) ?? [];
    if (!label) return undefined;
    return { speaker, text, emotion: EMOTION_CODES[label], label, sex: speaker[0] === 'f' ? 'female' : 'male' };
  },
};
