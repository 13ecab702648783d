import type { Recording } from '../audio/decode.js';
import { deriveSeed, seededRandom } from '../common/random.js';
import { CONDITIONS } from './conditions.js';

/** A condition by its name, and what its noise and rooms are drawn by. */
export interface ConditionSettings {
  readonly name: string;
  readonly seed: number;
}

/** Raised whenever a condition makes other samples than before: what is cached is made anew. */
export const CONDITIONS_VERSION = 1;

/**
 * A recording as it would be under a condition; it counts as long as it was, even where the condition cuts it.
 *
 * What is drawn follows from the seed and the samples alone: the same in every thread, and whatever other recordings there are.
 *
 * @throws RangeError if there is no such condition
 */
export function underCondition(recording: Recording, { name, seed }: ConditionSettings): Recording {
  if (!Object.hasOwn(CONDITIONS, name))
    throw new RangeError(
      `Cannot alter a recording: the condition must be one of ${Object.keys(CONDITIONS).join(', ')}, current value is ${name}`,
    );
  const random = seededRandom(deriveSeed(seed, `${name} ${fingerprint(recording.samples)}`));
  return { ...recording, samples: CONDITIONS[name].perturb(recording, random) };
}

/** A number for samples, the same for the same ones (FNV-1a over their bits). */
function fingerprint(samples: Float32Array): number {
  const bits = new Int32Array(samples.buffer, samples.byteOffset, samples.length);
  let hash = 0x811c9dc5;
  for (let i = 0; i < bits.length; i++) hash = Math.imul(hash ^ bits[i], 0x01000193);
  return hash >>> 0;
}
