import type { Random } from '../common/random.js';
import type { Spectrogram } from './spectrogram.js';

/** Changes a clip's normalised features in place, as another recording of the same might be; drawn anew in each epoch. */
export type Augmentation = (features: Spectrogram, random: Random) => void;
