import type { Segment, Source } from '../audio/segment.js';

/** One utterance: a recording of one speaker saying one text in one emotion. */
export interface Clip extends Source {
  /** Path of the recording, usable from the working directory. */
  readonly path: string;
  /** The part of the recording that it is; default: all of it. */
  readonly segment?: Segment;
  /** Short name of the corpus: `emodb`, `tess`, … or the manifest's own. */
  readonly corpus: string;
  /** Speaker, unique within the corpus; empty where nobody knows, see `speakers.ts`. */
  readonly speaker: string;
  /** Emotion in the vocabulary shared by all corpora (see `EMOTIONS`), or a manifest's own word. */
  readonly emotion: string;
  /** The corpus's own name or code for the emotion, e.g. `ps` or `W`. */
  readonly label: string;
  /** Spoken text, or the id of the sentence or word. */
  readonly text: string;
  readonly sex?: 'female' | 'male';
  readonly intensity?: string;
}

/** A clip in as little memory as it takes: engines give objects that are put together from others room for more properties. */
export function clipOf({ path, segment, corpus, speaker, emotion, label, text, sex, intensity }: Clip): Clip {
  const clip: { -readonly [K in keyof Clip]: Clip[K] } = segment
    ? { path, segment, corpus, speaker, emotion, label, text }
    : { path, corpus, speaker, emotion, label, text };
  if (sex) clip.sex = sex;
  if (intensity) clip.intensity = intensity;
  return clip;
}

/** The clips of a corpus, or of several in one folder, sorted by path, and what was found beside them. */
export interface Corpus {
  /** Of several corpora, their names: `cremad + tess`. Their speakers and texts are then named after them: `tess/OAF`. */
  readonly name: string;
  /** The folder or manifest that was read. */
  readonly root: string;
  readonly clips: readonly Clip[];
  /** How the folders were understood, in a sentence, where these say the emotions instead of the files' names. */
  readonly folders?: string;
  /** Paths of the recordings that follow no naming that is known, so that their emotions are not. */
  readonly misnamed: readonly string[];
  /** Recordings that are left out for what their names say, or a manifest does not say, e.g. their emotion. */
  readonly unwanted?: readonly { readonly path: string; readonly reason: string }[];
  /** Paths of the files left out because another one holds the same utterance (a set nested twice). */
  readonly repeated: readonly string[];
  /** Number of published clips, in those parts of the corpus that are there; undefined for a manifest. */
  readonly publishedClips?: number;
}
