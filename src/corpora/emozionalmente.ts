import type { Clip } from './clip.js';
import { emotionOf } from './emotions.js';
import { rowsOf } from './lists.js';
import { type CorpusLists, type CorpusReader, stemOf } from './reader.js';

const SEXES: Readonly<Record<string, Clip['sex']>> = { female: 'female', f: 'female', male: 'male', m: 'male' };

/** `1613655062436`: when it was recorded, in milliseconds. */
const NAME = /^1\d{12}$/;

const LIST = /(?:^|\/)metadata\/(samples|users)\.csv$/;

const lists: CorpusLists = {
  includes: (path) => LIST.test(path),
  read(found) {
    const rows = (list: string) => found.filter(({ path }) => path.match(LIST)![1] === list).flatMap(rowsOf);
    const samples = new Map(rows('samples').map((row) => [stemOf(row.file_name ?? ''), row]));
    const users = new Map(rows('users').map((row) => [row.username, row]));
    return {
      parse(path) {
        const stem = stemOf(path);
        const { actor, emotion_expressed: label, sentence } = (NAME.test(stem) && samples.get(stem)) || {};
        if (!actor || !label) return undefined;
        const sex = SEXES[users.get(actor)?.gender?.toLowerCase() ?? ''];
        return { speaker: actor, text: sentence || stem, emotion: emotionOf(label), label, ...(sex && { sex }) };
      },
    };
  },
};

/**
 * Emozionalmente. The names are but the times of recording, so that without its lists it is not recognised. The emotion is the one
 * that the actor was asked for.
 *
 * Names as in the list of EmoBox (`data/emozionalmente` of github.com/emo-box/EmoBox), lists as that and nkululeko read them
 * (`data/emozionalmente` of github.com/felixbur/nkululeko); counts: the corpus's page.
 */
export const emozionalmente: CorpusReader = {
  name: 'emozionalmente',
  title: 'Emozionalmente: a crowdsourced Italian speech emotional corpus',
  publishedClips: 6902,
  language: 'it',
  licence: 'CC BY 4.0',
  source: 'doi:10.5281/zenodo.6569824',
  citation:
    'F. Catania, J. W. Wilke, F. Garzotto: Emozionalmente: A Crowdsourced Corpus of Simulated Emotional Speech in Italian. IEEE Transactions on Audio, Speech and Language Processing 33, 2025.',
  triedOnlyOn: 'descriptions',
  lists,
  ...lists.read([]),
};
