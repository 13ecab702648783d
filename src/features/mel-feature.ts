import { z } from 'zod';
import { reasonOf } from '../common/errors.js';
import { createFeatureExtractor } from './clip-features.js';
import type { Feature } from './feature.js';
import { checkMelOptions, MEL_DEFAULTS, type MelOptions } from './mel.js';

/** The finest spectrogram that settings, which may be a stranger's, can ask for. */
const LARGEST_FFT = 2 ** 16;
const MOST_BANDS = 1024;
const MOST_FRAMES_IN_A_WINDOW = 256;
const MOST_VALUES_PER_SECOND = 200_000;

/** The mel spectrogram in decibels. */
export const mel: Feature<MelOptions> = {
  description: 'mel spectrogram in decibels',
  defaults: MEL_DEFAULTS,
  schema: z
    .strictObject({
      sampleRateHz: z.number(),
      fftSize: z
        .number()
        .int()
        .min(8)
        .max(LARGEST_FFT)
        .refine((size) => Number.isInteger(Math.log2(size)), 'must be a power of two'),
      hopLength: z.number().max(LARGEST_FFT),
      bands: z.number().max(MOST_BANDS),
      minHz: z.number(),
      maxHz: z.number(),
      topDb: z.number().max(1000),
    })
    .refine(({ fftSize, hopLength }) => fftSize / hopLength <= MOST_FRAMES_IN_A_WINDOW, {
      error: `hopLength must be at least fftSize / ${MOST_FRAMES_IN_A_WINDOW}`,
    })
    .refine(({ bands, sampleRateHz, hopLength }) => (bands * sampleRateHz) / hopLength <= MOST_VALUES_PER_SECOND, {
      error: `bands * sampleRateHz / hopLength must be at most ${MOST_VALUES_PER_SECOND}`,
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
