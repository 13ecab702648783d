import type { Clip } from './clip.js';
import { emotionOf } from './emotions.js';
import { rowsOf } from './lists.js';
import { type CorpusLists, type CorpusReader, stemOf } from './reader.js';

/** Of the six leads; the lists do not tell those of the others. */
const SEXES: Readonly<Record<string, Clip['sex']>> = {
  Monica: 'female',
  Phoebe: 'female',
  Rachel: 'female',
  Chandler: 'male',
  Joey: 'male',
  Ross: 'male',
};

/** `dia6_utt1`: dialogue, utterance. Each part of the corpus counts them from 0. */
const NAME = /^dia(\d+)_utt(\d+)$/;

/** A part's folder: `train_splits`, `dev_splits_complete`, `output_repeated_splits_test`, or renamed: `train`. */
const PART = /(?:^|[^a-z])(train|dev|test)(?![a-z])/i;

const LIST = /(?:^|\/)(train|dev|test)_sent_emo\.csv$/;

/** Recordings that are in the test part beside those with the same numbers. */
const SECOND_VERSION = /^final_videos_testdia\d+_utt\d+$/;

const lists: CorpusLists = {
  includes: (path) => LIST.test(path),
  read(found) {
    const parts = new Set(found.map(({ path }) => path.match(LIST)![1]));
    const rows = new Map(
      found.flatMap((list) =>
        rowsOf(list).map((row) => [keyOf(list.path.match(LIST)![1], row.Dialogue_ID, row.Utterance_ID), row] as const),
      ),
    );
    const partOf = (path: string) => partIn(path) ?? (parts.size === 1 ? [...parts][0] : undefined);
    const rowOf = (path: string) => {
      const [, dialogue, utterance] = stemOf(path).match(NAME) ?? [];
      return dialogue === undefined ? undefined : rows.get(keyOf(partOf(path), dialogue, utterance));
    };
    return {
      parse(path) {
        const { Speaker: speaker, Emotion: label, Utterance: text } = rowOf(path) ?? {};
        if (!speaker || !label) return undefined;
        const sex = Object.hasOwn(SEXES, speaker) ? SEXES[speaker] : undefined;
        return { speaker, text: text || stemOf(path), emotion: emotionOf(label), label, ...(sex && { sex }) };
      },
      unwanted(path) {
        const stem = stemOf(path);
        if (SECOND_VERSION.test(stem))
          return 'a second version of a clip; which of them is right, the corpus does not say';
        if (!NAME.test(stem) || rowOf(path)) return undefined;
        const part = partOf(path);
        if (part === undefined) return 'no folder says whether it is of the part train, dev or test';
        return parts.has(part)
          ? `not in the list of its part, ${part}_sent_emo.csv`
          : `its emotion is in ${part}_sent_emo.csv, which is not in the folder; put it there`;
      },
    };
  },
};

/**
 * Multimodal EmotionLines Dataset: scenes of the series Friends, with laughter of an audience.
 *
 * Names, lists and counts as its README describes them (github.com/declare-lab/MELD).
 */
export const meld: CorpusReader = {
  name: 'meld',
  title: 'Multimodal EmotionLines Dataset (MELD)',
  publishedClips: 13_708,
  language: 'en',
  licence: 'GPL-3.0 for the lists; the clips are scenes of the series Friends',
  source: 'https://github.com/declare-lab/MELD',
  citation:
    'S. Poria, D. Hazarika, N. Majumder, G. Naik, E. Cambria, R. Mihalcea: MELD: A Multimodal Multi-Party Dataset for Emotion Recognition in Conversations. ACL 2019.',
  triedOnlyOn: 'descriptions',
  lists,
  ...lists.read([]),
  utteranceOf: (path) => `${partIn(path) ?? ''}/${stemOf(path)}`,
};

/** The part that the nearest folder names. */
function partIn(path: string): string | undefined {
  const folders = path.split('/').slice(0, -1).reverse();
  return folders.map((folder) => folder.match(PART)?.[1].toLowerCase()).find((part) => part !== undefined);
}

function keyOf(part: string | undefined, dialogue: string | undefined, utterance: string | undefined): string {
  return [part, Number(dialogue), Number(utterance)].join(' ');
}
