import { z } from 'zod';
import { createFeatureExtractor } from './clip-features.js';
import type { Feature } from './feature.js';
import { MEL_DEFAULTS, type MelOptions } from './mel.js';

/** The mel spectrogram in decibels. */
export const mel: Feature<MelOptions> = {
  description: 'mel spectrogram in decibels',
  defaults: MEL_DEFAULTS,
  schema: z.strictObject({
    sampleRateHz: z.number().positive(),
    fftSize: z.number().int().positive(),
    hopLength: z.number().int().positive(),
    bands: z.number().int().positive(),
    minHz: z.number().min(0),
    maxHz: z.number().positive(),
    topDb: z.number().positive(),
  }),
  version: 2,
  secondsPerFrame: ({ hopLength, sampleRateHz }) => hopLength / sampleRateHz,
  create: createFeatureExtractor,
};
