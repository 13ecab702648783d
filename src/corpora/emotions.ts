import { nearest } from '../common/nearest.js';

/** The vocabulary that all corpora share. */
export const EMOTIONS = [
  'amusement',
  'anger',
  'boredom',
  'calm',
  'disgust',
  'excitement',
  'fear',
  'frustration',
  'happiness',
  'neutral',
  'sadness',
  'sleepiness',
  'surprise',
] as const;
export type Emotion = (typeof EMOTIONS)[number];

/** Other words in use for the same emotions: of lists and folders, with their abbreviations and usual misspellings. */
const OTHER_WORDS: Readonly<Partial<Record<Emotion, readonly string[]>>> = {
  amusement: ['amused'],
  anger: ['ang', 'angry', 'angr', 'angery', 'angriness'],
  boredom: ['bor', 'bored', 'boring'],
  calm: ['cal', 'calmness', 'calmly'],
  disgust: ['dis', 'disg', 'disgusted', 'disgusting', 'disguist'],
  excitement: ['exc', 'excited'],
  fear: ['fea', 'fearful', 'fearfull', 'fearfulness', 'afraid', 'scared', 'anxiety', 'anxious'],
  frustration: ['fru', 'frustrated'],
  happiness: ['hap', 'happ', 'happy', 'happi', 'happily', 'happyness', 'happines', 'hapiness', 'joy', 'joyful'],
  neutral: ['neu', 'neut', 'neutr', 'neutrality', 'netural', 'nuetral'],
  sadness: ['sad', 'sadly', 'sadnes', 'sorrow'],
  sleepiness: ['sleepy'],
  surprise: [
    ...['sur', 'surp', 'surprised', 'surprising', 'suprise', 'suprised', 'surprize', 'ps'],
    ...['pleasant surprise', 'pleasant surprised', 'pleasantly surprised'],
  ],
};

const EMOTION_OF_WORD: ReadonlyMap<string, Emotion> = new Map(
  EMOTIONS.flatMap((emotion) => (OTHER_WORDS[emotion] ?? []).map((word): [string, Emotion] => [word, emotion])),
);

/** What stands in lists where there is no label; `xxx` is IEMOCAP's, where its listeners did not agree. */
const NO_LABEL = [
  '',
  'nan',
  'na',
  'n/a',
  '#n/a',
  '<na>',
  'nat',
  'none',
  'null',
  'unknown',
  'unlabeled',
  'unlabelled',
  'xxx',
];

/**
 * A word for an emotion in the shared vocabulary: `ANG`, `angry` and `Anger.` are `anger`; an unknown word stays as it is, in lower
 * case. Spaces, underscores, hyphens and punctuation around it do not matter.
 */
export function emotionOf(word: string): string {
  const plain = plainOf(word).replace(/[\s_-]+/g, ' ');
  const bare = plain.replace(/^[\p{P}\s]+|[\p{P}\s]+$/gu, '') || plain;
  return EMOTION_OF_WORD.get(bare) ?? bare;
}

/** Whether a word says that there is no label: empty, `nan`, `None`, `?` and the like. */
export function isMissing(word: string): boolean {
  const plain = plainOf(word);
  return NO_LABEL.includes(plain) || /^\p{P}+$/u.test(plain);
}

/** Whether an emotion is in the shared vocabulary. */
export function isKnownEmotion(emotion: string): emotion is Emotion {
  return (EMOTIONS as readonly string[]).includes(emotion);
}

/** The emotion that an unknown word may be a misspelling of, see {@link nearest}. */
export function nearestEmotion(word: string): string {
  return nearest(word, EMOTIONS);
}

function plainOf(word: string): string {
  return word.normalize('NFKC').trim().toLowerCase();
}
