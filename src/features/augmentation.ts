import type { Random } from '../common/random.js';
import type { Spectrogram } from './spectrogram.js';

/**
 * A clip's features as another recording of the same emotion might have them, drawn anew for each clip in each epoch.
 *
 * In: features as they were extracted, before they are normalised. Out: others, which may have another number of frames.
 */
export type Augmentation = (features: Spectrogram, random: Random) => Spectrogram;
