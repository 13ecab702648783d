import { count } from '../common/text.js';
import type { Clip } from './clip.js';
import { emotionOf, isKnownEmotion, nearestEmotion } from './emotions.js';

type Labelled = Pick<Clip, 'emotion' | 'label'>;

/** With fewer clips than a handful, an emotion can hardly be learnt, and its figures say next to nothing. */
const HANDFUL = 5;

/** An emotion that the shared vocabulary has no word for. */
export interface UnknownEmotion {
  readonly emotion: string;
  readonly clips: number;
  /** `contempt (12 clips)`, with the known emotion that may be meant. */
  readonly inWords: string;
}

/** The emotions of clips that are not in the shared vocabulary, those that are merged under a name of the user's apart. */
export function unknownEmotions(clips: readonly Labelled[]): UnknownEmotion[] {
  // What is merged has another name than its label.
  const unknown = clips.filter(({ emotion, label }) => !isKnownEmotion(emotion) && emotion === emotionOf(label));
  return clipsByEmotion(unknown).map(([emotion, clips]) => ({
    emotion,
    clips,
    inWords: `${emotion} (${count(clips, 'clip')})${nearestEmotion(emotion)}`,
  }));
}

/** What is to be said of the emotions of clips before they are learnt; nothing where all are known and have enough clips. */
export function emotionNotes(clips: readonly Labelled[]): string[] {
  const unknown = unknownEmotions(clips);
  const few = clipsByEmotion(clips).filter(([, clips]) => clips < HANDFUL);
  return [
    unknown.length > 0 &&
      `Not in the shared vocabulary, and so emotions of their own: ${unknown.map(({ inWords }) => inWords).join(', ')}.`,
    few.length > 0 &&
      `Fewer than ${HANDFUL} clips, too few to learn from or to measure by: ${few.map(([emotion, clips]) => `${emotion} (${clips})`).join(', ')}.`,
    (unknown.length > 0 || few.length > 0) && 'Emotions can be chosen and merged (`emotions`, `map`).',
  ].filter((note): note is string => note !== false);
}

/** How many clips each emotion has, in alphabetical order. */
function clipsByEmotion(clips: readonly Labelled[]): [emotion: string, clips: number][] {
  const counts = new Map<string, number>();
  for (const { emotion } of clips) counts.set(emotion, (counts.get(emotion) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}
