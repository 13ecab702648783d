import { z } from 'zod';
import type { Feature } from './feature.js';
import { createLogMelExtractor, LOG_MEL } from './log-mel.js';

/** The log-mel spectrogram that Whisper's encoder takes; nothing in it can be changed. */
export const logMel: Feature<Record<string, never>> = {
  description: 'log-mel spectrogram as Whisper takes it',
  defaults: {},
  schema: z.strictObject({}) as z.ZodType<Record<string, never>>,
  version: 1,
  secondsPerFrame: () => LOG_MEL.hopLength / LOG_MEL.sampleRateHz,
  create: createLogMelExtractor,
};
