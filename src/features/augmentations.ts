import type { Augmentation } from './augmentation.js';
import { masking } from './masking.js';
import { tempo, voice } from './warp.js';

/** All augmentations by name: another one is a function and a name here. */
export const AUGMENTATIONS: Readonly<Record<string, Augmentation>> = { voice, tempo, masking };
