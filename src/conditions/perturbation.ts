import type { Recording } from '../audio/decode.js';
import type { Random } from '../common/random.js';

/** Mono samples, and their rate. */
export type Sound = Pick<Recording, 'samples' | 'sampleRateHz'>;

/**
 * What may happen to a sound between a speaker and a model: new samples at the same rate, in any case the same for the same
 * random numbers. The given ones stay as they are. Samples may leave [-1, 1], as those of a floating-point file may.
 */
export type Perturbation = (sound: Sound, random: Random) => Float32Array;
