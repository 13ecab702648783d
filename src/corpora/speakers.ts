import { InputError } from '../common/errors.js';
import { count } from '../common/text.js';
import type { Clip } from './clip.js';

type Spoken = Pick<Clip, 'speaker'>;

/** The known speakers of clips, each once, in alphabetical order. */
export function speakersOf(clips: readonly Spoken[]): string[] {
  return [...new Set(clips.flatMap(({ speaker }) => (speaker === '' ? [] : [speaker])))].sort();
}

/** How many speakers clips have, as far as that is known: `10 speakers`, `unknown speakers`, `10 speakers and unknown ones`. */
export function speakersInWords(clips: readonly Spoken[]): string {
  const known = speakersOf(clips).length;
  const some = clips.some(({ speaker }) => speaker === '');
  if (known === 0 && some) return 'unknown speakers';
  return `${count(known, 'speaker')}${some ? ' and unknown ones' : ''}`;
}

/**
 * What a report has to say about clips whose speakers are not known; undefined where all are. Whether a voice is on two
 * sides of a split cannot be told then.
 */
export function unknownSpeakersNote(clips: readonly Spoken[]): string | undefined {
  const unknown = clips.filter(({ speaker }) => speaker === '').length;
  if (unknown === 0) return undefined;
  const which =
    unknown === clips.length ? 'The speakers are not known' : `The speakers of ${count(unknown, 'clip')} are not known`;
  return `${which}: voices that are tested may have been learnt from, and how well unknown speakers are recognised cannot be measured.`;
}

/**
 * Makes sure that the speaker of every clip is known.
 *
 * @param action - what needs them, for the message: `split by speaker`
 * @throws InputError if some are not
 */
export function requireSpeakers(clips: readonly Spoken[], action: string): void {
  const unknown = clips.filter(({ speaker }) => speaker === '').length;
  if (unknown > 0)
    throw new InputError(
      `Cannot ${action}: the speakers of ${unknown === clips.length ? 'all' : `${unknown} of`} ${count(clips.length, 'clip')} are not known, so that a voice could be learnt from and tested with; name them in a CSV manifest (path,emotion,speaker) or by folders (speaker/emotion), or use the protocol random, which does not measure how well unknown speakers are recognised`,
    );
}
