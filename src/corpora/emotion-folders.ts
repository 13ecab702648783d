import { grouped } from '../common/grouped.js';
import { count, enumeration } from '../common/text.js';
import type { Clip } from './clip.js';
import { emotionOf, isKnownEmotion, isMissing } from './emotions.js';
import type { ClipFacts } from './reader.js';
import type { FoundRecording } from './recordings.js';

/** Folders that say which set somebody had put recordings into: neither an emotion nor a speaker. */
const SETS = ['train', 'training', 'test', 'testing', 'val', 'valid', 'validation', 'dev', 'eval', 'evaluation'];

/** Folders that say of what sex speakers are, not who they are. */
const SEXES: Readonly<Record<string, Clip['sex']>> = {
  ...{ female: 'female', females: 'female', woman: 'female', women: 'female', f: 'female' },
  ...{ male: 'male', males: 'male', man: 'male', men: 'male', m: 'male' },
};

/** Speakers named in a sentence. */
const NAMED = 5;

/** What folders say of the recordings in them. */
export interface EmotionFolders {
  /** Of each recording; undefined where it is in no folder of an emotion. */
  readonly facts: readonly (ClipFacts | undefined)[];
  /** How the folders were understood, in a sentence. */
  readonly inWords: string;
}

/** A recording in a folder of an emotion, with the folders around it. */
interface Sorted {
  readonly label: string;
  readonly emotion: string;
  /** The other folders, from the outermost. */
  readonly others: readonly string[];
}

/** Whose recordings are in a folder, as far as folders tell. */
interface Speakers {
  /** The speaker or the sex that a recording's folders name. */
  readonly of: (others: readonly string[]) => Pick<Clip, 'speaker' | 'sex'>;
  readonly inWords: string;
  /** In front of the emotion's folder or behind it; undefined where there is none of speakers. */
  readonly place?: 'speaker/emotion' | 'emotion/speaker';
}

/**
 * Reads recordings that are sorted into a folder for each emotion: `happy/1.wav`, `anna/happy/1.wav` or `happy/anna/1.wav`.
 *
 * The emotions are on the level on which most folders are named after known ones; what else is on it, is taken as a manifest's word
 * would be. If one other level differs between
 * recordings, its folders are taken for the speakers', unless they name a sex, or most of them hold a single emotion. Folders such as
 * `train` and `test` count as not there.
 *
 * @returns undefined unless at least two known emotions, and at least half of the recordings, are in such folders
 */
export function readEmotionFolders(recordings: readonly FoundRecording[]): EmotionFolders | undefined {
  // What is in the same folder shares its names: there may be a million recordings.
  const namesOf = once((folder: string) => (folder === '' ? [] : folder.split('/')));
  const all = recordings.map(({ relativePath }) => namesOf(folderOf(relativePath)));
  const folders = all.map(once((names) => names.filter((name) => !isSet(name))));
  const knownOn = (level: number) => folders.filter((names) => isEmotion(names[level])).length;
  const known = Array.from({ length: deepest(folders) }, (_, level) => knownOn(level));
  const [level] = [...known.keys()].sort((a, b) => known[b] - known[a]);
  if (level === undefined || known[level] * 2 < recordings.length) return undefined;
  const sorted = folders.map(
    once((names): Sorted | undefined =>
      names[level] !== undefined && !isMissing(names[level])
        ? { label: names[level], emotion: emotionOf(names[level]), others: names.filter((_, i) => i !== level) }
        : undefined,
    ),
  );
  const found = sorted.flatMap((each) => (each ? [each] : []));
  const emotions = [...new Set(found.map(({ emotion }) => emotion))].sort();
  if (emotions.filter(isKnownEmotion).length < 2) return undefined;
  const speakers = speakersIn(found, level);
  const facts = sorted.map(
    (each, i) =>
      each && {
        ...speakers.of(each.others),
        emotion: each.emotion,
        label: each.label,
        text: recordings[i].relativePath,
      },
  );
  const byEmotion = grouped(found, ({ emotion }) => emotion);
  const named = emotions.map((emotion) => {
    const theirs = byEmotion.get(emotion)!;
    const labels = [...new Set(theirs.map(({ label }) => label))].join(' and ');
    return `${labels === emotion ? '' : `${labels} = `}${emotion} (${theirs.length})`;
  });
  const sets = [...new Set(all.flatMap((names) => names.filter(isSet)))];
  return {
    facts,
    inWords: [
      `Read as a folder for each emotion (${speakers.place ?? 'emotion'}/recording): ${enumeration(named)}`,
      speakers.inWords,
      ...(sets.length > 0 ? [`${sets.join(' and ')} are not kept apart: clips are divided anew`] : []),
    ].join('; '),
  };
}

function speakersIn(found: readonly Sorted[], level: number): Speakers {
  const unknown = (inWords: string): Speakers => ({ of: () => ({ speaker: '' }), inWords });
  const depth = deepest(found.map(({ others }) => others));
  const differing = [...Array(depth).keys()].filter((i) => new Set(found.map(({ others }) => others[i])).size > 1);
  if (differing.length === 0) return unknown('no folder names the speakers');
  const [place] = differing;
  if (differing.length > 1 || found.some(({ others }) => others[place] === undefined))
    return unknown('which of the other folders name speakers cannot be told, so that they count as unknown');
  const names = [...new Set(found.map(({ others }) => others[place]))].sort();
  const sexOf = (name: string) => SEXES[name.toLowerCase()];
  if (names.every(sexOf))
    return {
      of: (others) => ({ speaker: '', sex: sexOf(others[place]) }),
      inWords: `${names.join(' and ')} name the sex of the speakers, who are unknown`,
    };
  const byName = grouped(found, ({ others }) => others[place]);
  const emotionsOf = (name: string) => new Set(byName.get(name)!.map(({ emotion }) => emotion)).size;
  if (names.filter((name) => emotionsOf(name) > 1).length * 2 < names.length)
    return unknown(
      `most of the other folders (${few(names)}) hold a single emotion, so that they are not taken for the speakers', who are unknown`,
    );
  return {
    of: (others) => ({ speaker: others[place] }),
    inWords: `${count(names.length, 'speaker')}: ${few(names)}`,
    place: place < level ? 'speaker/emotion' : 'emotion/speaker',
  };
}

function folderOf(relativePath: string): string {
  return relativePath.slice(0, Math.max(0, relativePath.lastIndexOf('/')));
}

/** Makes something of each value once, however often it comes. */
function once<K, V>(make: (value: K) => V): (value: K) => V {
  const made = new Map<K, V>();
  return (value) => {
    if (!made.has(value)) made.set(value, make(value));
    return made.get(value)!;
  };
}

/** The most folders that recordings are nested in; of more recordings than a function takes arguments. */
function deepest(folders: readonly (readonly string[])[]): number {
  return folders.reduce((most, { length }) => Math.max(most, length), 0);
}

function few(names: readonly string[]): string {
  return [...names.slice(0, NAMED), ...(names.length > NAMED ? ['…'] : [])].join(', ');
}

function isSet(name: string): boolean {
  return SETS.includes(name.toLowerCase());
}

function isEmotion(name: string | undefined): name is string {
  return name !== undefined && isKnownEmotion(emotionOf(name));
}
