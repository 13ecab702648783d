import type { Emotion } from './emotions.js';
import { type CorpusReader, stemOf } from './reader.js';

const EMOTION_LETTERS: Readonly<Record<string, Emotion>> = {
  C: 'anger',
  D: 'disgust',
  J: 'happiness',
  N: 'neutral',
  P: 'fear',
  S: 'surprise',
  T: 'sadness',
};

/** `01-C-1-1`: actor, the French emotion's initial, intensity (1 or 2; neutral has one), sentence. */
const NAME = /^(0[1-9]|1[0-2])-(?:([CDJPST])-([12])|(N)-1)-([1-6])$/;

/**
 * Canadian French Emotional speech dataset.
 *
 * Names as in the list of nkululeko (`data/cafe` of github.com/felixbur/nkululeko); meanings and the actors' sexes (odd numbers are
 * men) as EmoBox reads them (github.com/emo-box/EmoBox); counts: the paper.
 */
export const cafe: CorpusReader = {
  name: 'cafe',
  title: 'Canadian French Emotional (CaFE) speech dataset',
  publishedClips: 936,
  language: 'fr',
  licence: 'CC BY-NC-SA 4.0',
  source: 'doi:10.5281/zenodo.1478765',
  citation:
    'P. Gournay, O. Lahaie, R. Lefebvre: A Canadian French Emotional Speech Dataset. ACM Multimedia Systems Conference, 2018.',
  triedOnlyOn: 'names',
  parse(path) {
    const [, speaker, acted, level, neutral, text] = stemOf(path).toUpperCase().match(NAME) ?? [];
    if (!speaker) return undefined;
    const label = acted ?? neutral;
    return {
      speaker,
      text,
      emotion: EMOTION_LETTERS[label],
      label,
      sex: Number(speaker) % 2 === 1 ? 'male' : 'female',
      intensity: acted && (level === '1' ? 'mild' : 'strong'),
    };
  },
};
