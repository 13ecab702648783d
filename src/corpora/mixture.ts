import { count } from '../common/text.js';
import type { Clip } from './clip.js';

type Labelled = Pick<Clip, 'corpus' | 'emotion'>;

/** The corpora that clips are of, in alphabetical order. */
export function corporaOf(clips: readonly Pick<Clip, 'corpus'>[]): string[] {
  return [...new Set(clips.map(({ corpus }) => corpus))].sort();
}

/** Which corpora are read together, with their clips; undefined of a single one. */
export function mixtureInWords(clips: readonly Labelled[]): string | undefined {
  const corpora = corporaOf(clips);
  if (corpora.length < 2) return undefined;
  const sizes = corpora.map(
    (name) => `${name} (${count(clips.filter(({ corpus }) => corpus === name).length, 'clip')})`,
  );
  return `${corpora.length} corpora together: ${sizes.join(', ')}`;
}

/** What a report has to say about clips of several corpora; undefined of a single one. */
export function mixtureNote(clips: readonly Labelled[]): string | undefined {
  const together = mixtureInWords(clips);
  if (together === undefined) return undefined;
  const corpora = corporaOf(clips);
  const emotions = [...new Set(clips.map(({ emotion }) => emotion))].sort();
  const partial = emotions.flatMap((name) => {
    const having = corporaOf(clips.filter(({ emotion }) => emotion === name));
    return having.length < corpora.length ? [`${name} (${having.join(', ')})`] : [];
  });
  return [
    `${together}. They differ in microphones, rooms, languages and in what the speakers were told, so that a network may learn to tell corpora apart where it should tell emotions, and a figure over all of them is that of none.`,
    ...(partial.length > 0
      ? [`Not all of them have every emotion, which makes these easier to guess by the corpus: ${partial.join('; ')}.`]
      : []),
    'Speakers of two corpora count as different people.',
  ].join(' ');
}
