import type { Clip } from './clip.js';
import { emotionOf } from './emotions.js';
import { type CorpusReader, stemOf } from './reader.js';

/** From the corpus's `data.tsv`. */
const SEXES: Readonly<Record<string, Clip['sex']>> = {
  EB0: 'female',
  IC0: 'female',
  KD0: 'female',
  MK0: 'female',
  KS0: 'male',
  MP0: 'male',
  SM0: 'male',
  TP0: 'male',
  WR0: 'male',
};

/** `EB0_anger_1`: speaker, emotion, one of 90 sentences. */
const NAME = /^([a-z]{2}0)_(anger|fear|happiness|neutral|sadness|surprised)_([1-9]|[1-8]\d|90)$/;

/**
 * nEMO.
 *
 * Names as its README describes them and its repository has them (github.com/amu-cai/nEMO); counts: the paper.
 */
export const nemo: CorpusReader = {
  name: 'nemo',
  title: 'nEMO: Dataset of Emotional Speech in Polish',
  publishedClips: 4481,
  language: 'pl',
  licence: 'CC BY-NC-SA 4.0',
  source: 'https://github.com/amu-cai/nEMO',
  citation: 'I. Christop: nEMO: Dataset of Emotional Speech in Polish. LREC-COLING 2024.',
  triedOnlyOn: 'names',
  parse(path) {
    const [, initials, label, text] = stemOf(path).toLowerCase().match(NAME) ?? [];
    const speaker = initials?.toUpperCase();
    if (!speaker || !Object.hasOwn(SEXES, speaker)) return undefined;
    return { speaker, text, emotion: emotionOf(label), label, sex: SEXES[speaker] };
  },
};
