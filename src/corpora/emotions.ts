/** The vocabulary that all corpora share. */
export const EMOTIONS = [
  'anger',
  'boredom',
  'calm',
  'disgust',
  'fear',
  'happiness',
  'neutral',
  'sadness',
  'surprise',
] as const;
export type Emotion = (typeof EMOTIONS)[number];

/** Other words in use for the same emotions. */
const SYNONYMS: ReadonlyMap<string, Emotion> = new Map(
  Object.entries<Emotion>({
    angry: 'anger',
    bored: 'boredom',
    disgusted: 'disgust',
    anxiety: 'fear',
    anxious: 'fear',
    fearful: 'fear',
    happy: 'happiness',
    joy: 'happiness',
    sad: 'sadness',
    surprised: 'surprise',
    'pleasant surprise': 'surprise',
    'pleasant surprised': 'surprise',
    'pleasantly surprised': 'surprise',
    ps: 'surprise',
  }),
);

/** A word for an emotion in the shared vocabulary; an unknown word stays as it is, in lower case. */
export function emotionOf(word: string): string {
  const plain = word
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ');
  return SYNONYMS.get(plain) ?? plain;
}
