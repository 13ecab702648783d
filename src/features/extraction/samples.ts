import { decodeFile } from '../../audio/decode-file.js';
import { resample } from '../../audio/resample.js';
import { MEL_DEFAULTS } from '../mel.js';

/** A whole recording as the features see it. */
export interface Samples {
  /** Mono, nominally in [-1, 1]. */
  readonly samples: Float32Array;
  readonly sampleRateHz: number;
}

/**
 * Reads a recording as the features see it: decoded, mono, at the network's rate.
 *
 * @param sampleRateHz - default: that of {@link MEL_DEFAULTS}
 * @throws InputError, with path and reason, if it cannot be read
 */
export async function samplesOf(path: string, sampleRateHz = MEL_DEFAULTS.sampleRateHz): Promise<Samples> {
  const recording = await decodeFile(path);
  return { samples: resample(recording.samples, recording.sampleRateHz, sampleRateHz), sampleRateHz };
}
