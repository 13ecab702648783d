import type { Emotion } from './emotions.js';
import { type CorpusReader, stemOf } from './reader.js';

const EMOTION_CODES: Readonly<Record<string, [label: string, emotion: Emotion]>> = {
  '01': ['neutral', 'neutral'],
  '02': ['calm', 'calm'],
  '03': ['happy', 'happiness'],
  '04': ['sad', 'sadness'],
  '05': ['angry', 'anger'],
  '06': ['fearful', 'fear'],
  '07': ['disgust', 'disgust'],
  '08': ['surprised', 'surprise'],
};

const SPEECH_CLIPS = 1440;
/** Of 23 actors: there is no song of actor 18. */
const SONG_CLIPS = 1012;
const SUNG = ' sung';

/**
 * `03-01-06-01-02-01-12`: audio (01: a video with sound, or what was taken out of it), speech or song, emotion, intensity,
 * statement, repetition, actor.
 */
const NAME = /^0[13]-((01|02)-(0[1-8])-(01|02)-(01|02)-(01|02)-(0[1-9]|1\d|2[0-4]))$/;

/** Videos without sound. */
const SILENT = /^02(-0\d){5}-\d\d$/;

/** Ryerson Audio-Visual Database of Emotional Speech and Song: the audio-only files, and the sound of the videos. */
export const ravdess: CorpusReader = {
  name: 'ravdess',
  title: 'Ryerson Audio-Visual Database of Emotional Speech and Song (RAVDESS), speech',
  publishedClips: SPEECH_CLIPS,
  publishedClipsOf(clips) {
    const song = clips.some((clip) => clip.text.endsWith(SUNG));
    const speech = clips.some((clip) => !clip.text.endsWith(SUNG));
    return (speech ? SPEECH_CLIPS : 0) + (song ? SONG_CLIPS : 0);
  },
  language: 'en',
  licence: 'CC BY-NC-SA 4.0',
  source: 'doi:10.5281/zenodo.1188976',
  citation:
    'S. R. Livingstone, F. A. Russo: The Ryerson Audio-Visual Database of Emotional Speech and Song (RAVDESS). PLoS ONE 13(5), 2018.',
  triedOnlyOn: 'names',
  parse(path) {
    const [, , channel, code, intensity, statement, , actor] = stemOf(path).match(NAME) ?? [];
    if (!channel) return undefined;
    const [label, emotion] = EMOTION_CODES[code];
    return {
      speaker: actor,
      // A statement sung is another text than the same statement spoken.
      text: channel === '01' ? statement : statement + SUNG,
      emotion,
      label,
      sex: Number(actor) % 2 === 1 ? 'male' : 'female',
      intensity: intensity === '01' ? 'normal' : 'strong',
    };
  },
  unwanted: (path) => (SILENT.test(stemOf(path)) ? 'a video without sound' : undefined),
  // The sound of a video is that of the audio-only file.
  utteranceOf: (path) => stemOf(path).match(NAME)![1],
};
