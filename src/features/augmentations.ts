import type { Augmentation } from './augmentation.js';

/** All augmentations by name: one is a file of its own and a name here. There is none yet. */
export const AUGMENTATIONS: Readonly<Record<string, Augmentation>> = {};
