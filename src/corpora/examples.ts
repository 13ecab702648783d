import { InputError } from '../common/errors.js';
import { grouped } from '../common/grouped.js';
import type { Clip } from './clip.js';

/**
 * One clip of each emotion, as comparable as the corpus allows: by the speaker who says one text in the most emotions,
 * in that text where possible; emotions that this speaker lacks come from others.
 *
 * @returns in alphabetical order of the emotions; none if there are no clips
 */
export function clipPerEmotion(clips: readonly Clip[]): Clip[] {
  const emotions = [...new Set(clips.map((clip) => clip.emotion))].sort();
  const byText = grouped(clips, ({ speaker, text }) => JSON.stringify([speaker, text]));
  const variety = (group: readonly Clip[]) => new Set(group.map((clip) => clip.emotion)).size;
  const [most] = [...byText.values()].sort((a, b) => variety(b) - variety(a));
  return emotions.map((emotion) => {
    const theirs = clips.filter((clip) => clip.emotion === emotion);
    const same = theirs.filter((clip) => clip.speaker === most[0].speaker);
    return same.find((clip) => clip.text === most[0].text) ?? same[0] ?? theirs[0];
  });
}

/**
 * Two clips of different speakers, as comparable as the corpus allows: the same text and emotion, else the same text, else
 * the same emotion; of speakers of different sex where it is known.
 *
 * @throws InputError if there is only one speaker
 */
export function speakerPair(clips: readonly Clip[]): [Clip, Clip] {
  const likeness = (a: Clip, b: Clip) =>
    4 * Number(a.text === b.text) + 2 * Number(a.emotion === b.emotion) + Number(a.sex !== b.sex);
  // Compared with one speaker's clips only: enough choice, without comparing every clip with every other.
  const ofFirst = firstOfEach(clips.filter((clip) => clip.speaker === clips[0].speaker));
  let best: { pair: [Clip, Clip]; likeness: number } | undefined;
  for (const b of firstOfEach(clips.filter((clip) => clip.speaker !== clips[0].speaker))) {
    for (const a of ofFirst)
      if (!best || likeness(a, b) > best.likeness) best = { pair: [a, b], likeness: likeness(a, b) };
  }
  if (!best)
    throw new InputError(`Cannot compare speakers: there must be at least 2, current number is ${clips.length && 1}`);
  return best.pair;
}

/** The first clip of each text, emotion and sex: further ones are no more like others. */
function firstOfEach(clips: readonly Clip[]): Clip[] {
  const alike = grouped(clips, ({ text, emotion, sex }) => JSON.stringify([text, emotion, sex]));
  return [...alike.values()].map(([first]) => first);
}
