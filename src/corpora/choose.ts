import { UsageError } from '../common/errors.js';
import { nearest } from '../common/nearest.js';
import type { Clip } from './clip.js';
import { emotionOf } from './emotions.js';

/** Which emotions of a corpus are learnt. */
export interface EmotionChoice {
  /** The emotions that are kept, after `map`; default: all. */
  readonly emotions?: readonly string[];
  /** Emotions that count as others: `{ calm: 'neutral' }`. */
  readonly map?: Readonly<Record<string, string>>;
}

/**
 * The clips of chosen emotions, some of them merged. Names are read as those of a manifest, see {@link emotionOf}; each clip keeps
 * its `label`.
 *
 * @throws UsageError if no clip has an emotion that is named
 */
export function chooseEmotions(clips: readonly Clip[], { emotions, map = {} }: EmotionChoice): readonly Clip[] {
  const targets = new Map(Object.entries(map).map(([from, to]) => [emotionOf(from), emotionOf(to)]));
  requireKnown([...targets.keys()], clips, 'merge');
  const merged =
    targets.size === 0 ? clips : clips.map((clip) => ({ ...clip, emotion: targets.get(clip.emotion) ?? clip.emotion }));
  if (!emotions) return merged;
  const wanted = emotions.map(emotionOf);
  requireKnown(wanted, merged, 'choose');
  return merged.filter(({ emotion }) => wanted.includes(emotion));
}

function requireKnown(names: readonly string[], clips: readonly Clip[], action: string): void {
  const known = [...new Set(clips.map(({ emotion }) => emotion))].sort();
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new UsageError(
      `Cannot ${action} the emotion ${unknown}${nearest(unknown, known)}: no clip has it; there are ${known.join(', ')}`,
    );
}
