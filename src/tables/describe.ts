import { decodeClip } from '../audio/decode-file.js';
import { resample } from '../audio/resample.js';
import { sourceName } from '../audio/segment.js';
import { InputError } from '../common/errors.js';
import type { Clip } from '../corpora/clip.js';
import { type AcousticDescriptors, acousticDescriptors } from '../features/acoustic.js';
import { checkRecording } from '../features/clip-features.js';
import { MEL_DEFAULTS } from '../features/mel.js';

/** A clip's descriptors under its path. */
export interface DescribedClip extends AcousticDescriptors {
  readonly path: string;
}

/**
 * Describes clips with Meyda, all at the network's rate, because descriptors at different rates cannot be compared.
 *
 * Takes about 20 ms per clip of 2 s. Unreadable, truncated and silent clips are left out: a join with the clips on `path`
 * leaves them out too.
 *
 * @returns one row per usable clip, in the clips' order
 */
export async function describeClips(clips: readonly Clip[]): Promise<DescribedClip[]> {
  const described: DescribedClip[] = [];
  for (const clip of clips) {
    try {
      const recording = await decodeClip(clip);
      checkRecording(recording, sourceName(clip));
      const { sampleRateHz } = MEL_DEFAULTS;
      const samples = resample(recording.samples, recording.sampleRateHz, sampleRateHz);
      described.push({ path: clip.path, ...acousticDescriptors(samples, sampleRateHz) });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    }
  }
  return described;
}
