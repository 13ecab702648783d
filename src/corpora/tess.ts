import { EMOTIONS, emotionOf } from './emotions.js';
import { type CorpusReader, stemOf } from './reader.js';

/** `OAF_back_angry`, `YAF_youth_ps`, and the one misnamed file `OA_bite_neutral`. */
const NAME = /^(OAF?|YAF)_([a-z]+)_(angry|disgust|fear|happy|neutral|sad|ps|pleasant_?surprised?)$/i;

/** Toronto Emotional Speech Set. */
export const tess: CorpusReader = {
  name: 'tess',
  title: 'Toronto Emotional Speech Set (TESS)',
  publishedClips: 2800,
  language: 'en',
  licence: 'CC BY-NC-ND 4.0',
  source: 'doi:10.5683/SP2/E8H2MF',
  citation: 'M. K. Pichora-Fuller, K. Dupuis: Toronto emotional speech set (TESS). University of Toronto, 2020.',
  parse(path) {
    const [, name, text, label] = stemOf(path).match(NAME) ?? [];
    if (!name) return undefined;
    const speaker = name.toUpperCase() === 'OA' ? 'OAF' : name.toUpperCase();
    const emotion = emotionOf(label.replace(/pleasant_?surprised?/i, 'ps'));
    if (!(EMOTIONS as readonly string[]).includes(emotion)) return undefined;
    return { speaker, text: text.toLowerCase(), emotion, label: label.toLowerCase(), sex: 'female' };
  },
};
