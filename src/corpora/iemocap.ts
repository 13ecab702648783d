import type { Emotion } from './emotions.js';
import { type CorpusList, type CorpusLists, type CorpusReader, stemOf } from './reader.js';

const EMOTION_CODES: Readonly<Record<string, Emotion>> = {
  ang: 'anger',
  dis: 'disgust',
  exc: 'excitement',
  fea: 'fear',
  fru: 'frustration',
  hap: 'happiness',
  neu: 'neutral',
  sad: 'sadness',
  sur: 'surprise',
};

/**
 * `Ses01F_impro01_F000`: session, which of the two actors wore markers, dialogue, who speaks, number of the utterance. The speaker
 * is the one of that sex in the session, not the one with the markers.
 */
const NAME = /^Ses(0[1-5])[FM]_(?:impro0[1-9][ab]?|script0[1-9]_\d[ab]?)(?:_([FM])\d{3})?$/;

/** `Session1/dialog/EmoEvaluation/Ses01F_impro01.txt`, and its like in `transcriptions`; not those of single listeners below it. */
const LIST = /(?:^|\/)(EmoEvaluation|transcriptions)\/Ses0[1-5][FM]_[^/]+\.txt$/;

/** `[6.2901 - 8.2357]	Ses01F_impro01_F000	neu	[2.5000, 2.5000, 2.5000]`: time, utterance, emotion, ratings. */
const EVALUATION = /^\[\d+\.\d+ - \d+\.\d+\]\t(\w+)\t(\w+)\t/gm;

/** `Ses01F_impro01_F000 [006.2901-008.2357]: Excuse me.` */
const TRANSCRIPTION = /^(Ses\w+) \[\d+\.\d+-\d+\.\d+\]:(.*)$/gm;

const lists: CorpusLists = {
  includes: (path) => LIST.test(path),
  read(found) {
    const emotions = columnOf(found, 'EmoEvaluation', EVALUATION);
    const texts = columnOf(found, 'transcriptions', TRANSCRIPTION);
    return {
      parse(path) {
        const stem = stemOf(path);
        const [, session, sex] = stem.match(NAME) ?? [];
        const label = emotions.get(stem);
        if (!sex || label === undefined || !Object.hasOwn(EMOTION_CODES, label)) return undefined;
        return {
          speaker: session + sex,
          text: texts.get(stem) || stem,
          emotion: EMOTION_CODES[label],
          label,
          sex: sex === 'F' ? 'female' : 'male',
        };
      },
      unwanted(path) {
        const stem = stemOf(path);
        const [, session, sex] = stem.match(NAME) ?? [];
        if (!session) return undefined;
        if (!sex) return 'a whole dialogue';
        const label = emotions.get(stem);
        if (label === 'xxx') return 'its listeners agreed on no emotion';
        if (label === 'oth') return 'its listeners agreed on an emotion that the corpus has no name for';
        if (label !== undefined) return Object.hasOwn(EMOTION_CODES, label) ? undefined : `unknown emotion ${label}`;
        return emotions.size > 0
          ? 'not in the lists of emotions, dialog/EmoEvaluation'
          : 'its emotion is in a list in dialog/EmoEvaluation, which is not in the folder; put it there';
      },
    };
  },
};

/**
 * Interactive Emotional Dyadic Motion Capture database. The emotion is what most listeners heard; where they did not agree, the
 * utterance is no clip.
 *
 * Names, lists and codes as `datasets/IEMOCAP/process.py` of github.com/Strong-AI-Lab/emotion reads them. Of 10,039 utterances
 * listeners agreed on one of these emotions for 7,529: all but 2,507 `xxx` and 3 `oth`.
 */
export const iemocap: CorpusReader = {
  name: 'iemocap',
  title: 'Interactive Emotional Dyadic Motion Capture database (IEMOCAP)',
  publishedClips: 7529,
  language: 'en',
  licence: 'for research only, on a signed licence',
  source: 'https://sail.usc.edu/iemocap/',
  citation:
    'C. Busso, M. Bulut, C.-C. Lee, A. Kazemzadeh, E. Mower, S. Kim, J. N. Chang, S. Lee, S. S. Narayanan: IEMOCAP: Interactive emotional dyadic motion capture database. Language Resources and Evaluation 42(4), 2008.',
  triedOnlyOn: 'descriptions',
  lists,
  ...lists.read([]),
};

/** What lists of a kind say of the utterances. */
function columnOf(found: readonly CorpusList[], kind: string, line: RegExp): ReadonlyMap<string, string> {
  const ofKind = found.filter(({ path }) => path.match(LIST)?.[1] === kind);
  return new Map(
    ofKind.flatMap(({ text }) =>
      [...text.matchAll(line)].map(([, utterance, value]): [string, string] => [utterance, value.trim()]),
    ),
  );
}
