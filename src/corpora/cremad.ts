import type { Emotion } from './emotions.js';
import { type CorpusReader, stemOf } from './reader.js';

const EMOTION_CODES: Readonly<Record<string, Emotion>> = {
  ANG: 'anger',
  DIS: 'disgust',
  FEA: 'fear',
  HAP: 'happiness',
  NEU: 'neutral',
  SAD: 'sadness',
};

const INTENSITIES: Readonly<Record<string, string | undefined>> = { LO: 'low', MD: 'medium', HI: 'high' };

/** `1001_DFA_ANG_XX`: actor, sentence, emotion, intensity (XX: not stated; one published file has a plain X). */
const NAME = /^(1\d{3})_([A-Z]{3})_(ANG|DIS|FEA|HAP|NEU|SAD)_(LO|MD|HI|XX?)$/;

/** Crowd-sourced Emotional Multimodal Actors Dataset. */
export const cremad: CorpusReader = {
  name: 'cremad',
  title: 'Crowd-sourced Emotional Multimodal Actors Dataset (CREMA-D)',
  publishedClips: 7442,
  licence: 'ODbL 1.0',
  source: 'https://github.com/CheyneyComputerScience/CREMA-D',
  citation:
    'H. Cao, D. G. Cooper, M. K. Keutmann, R. C. Gur, A. Nenkova, R. Verma: CREMA-D: Crowd-sourced Emotional Multimodal Actors Dataset. IEEE Transactions on Affective Computing 5(4), 2014.',
  parse(path) {
    const [, speaker, text, label, intensity] = stemOf(path).match(NAME) ?? [];
    if (!speaker) return undefined;
    return { speaker, text, emotion: EMOTION_CODES[label], label, intensity: INTENSITIES[intensity] };
  },
};
