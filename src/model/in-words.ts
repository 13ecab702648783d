import { count } from '../common/text.js';
import type { ModelSettings } from './settings.js';

const LANGUAGES = new Intl.DisplayNames(['en'], { type: 'language' });

/** What a model has learnt from, as far as it says: `535 clips of emodb: 10 speakers, in German`. */
export function learntFromInWords({ trainedOn }: Pick<ModelSettings, 'trainedOn'>): string {
  const { corpus, clips, speakers, languages = [] } = trainedOn;
  const who = speakers === undefined ? [] : [count(speakers, 'speaker')];
  const spoken = languages.length === 0 ? [] : [`in ${languages.map((code) => LANGUAGES.of(code)).join(' and ')}`];
  const voices = [...who, ...spoken].join(', ');
  return `${count(clips, 'clip')} of ${corpus}${voices && `: ${voices}`}`;
}
