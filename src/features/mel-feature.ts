import { z } from 'zod';
import { reasonOf } from '../common/errors.js';
import { createFeatureExtractor } from './clip-features.js';
import type { Feature } from './feature.js';
import { checkMelOptions, MEL_DEFAULTS, type MelOptions } from './mel.js';

/** The mel spectrogram in decibels. */
export const mel: Feature<MelOptions> = {
  description: 'mel spectrogram in decibels',
  defaults: MEL_DEFAULTS,
  schema: z
    .strictObject({
      sampleRateHz: z.number(),
      fftSize: z.number().int().positive(),
      hopLength: z.number(),
      bands: z.number(),
      minHz: z.number(),
      maxHz: z.number(),
      topDb: z.number(),
    })
    .superRefine((options, context) => {
      try {
        checkMelOptions(options);
      } catch (error) {
        context.addIssue({ code: 'custom', message: reasonOf(error) });
      }
    }),
  version: 2,
  secondsPerFrame: ({ hopLength, sampleRateHz }) => hopLength / sampleRateHz,
  create: createFeatureExtractor,
};
