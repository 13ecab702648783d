import type { Clip } from '../corpora/clip.js';
import { labelsOf } from './dataset.js';
import type { Split } from './splits.js';

/** What follows where a set has no clip of an emotion. */
const CONSEQUENCES = {
  validation: 'training is steered without them',
  test: 'nothing is measured of them',
} as const;

/** What is to be said of emotions that are missing from the validation or the test set; nothing where none is. */
export function absentInWords(clips: readonly Pick<Clip, 'emotion'>[], split: Split): string[] {
  const labels = labelsOf(clips);
  return (['validation', 'test'] as const).flatMap((set) => {
    const there = new Set(split[set].map((i) => clips[i].emotion));
    const absent = labels.filter((label) => !there.has(label));
    return absent.length > 0 ? [`Not in the ${set} set, so that ${CONSEQUENCES[set]}: ${absent.join(', ')}.`] : [];
  });
}
