import { z } from 'zod';
import type { Feature } from './feature.js';
import { createLogMelExtractor, LOG_MEL, type LogMelOptions } from './log-mel.js';

/** Speeds at which a voice is still a voice. */
export const speed = z.number().min(0.5).max(2);

/** The log-mel spectrogram that Whisper's encoder takes; nothing in it can be changed but the speed of the recording. */
export const logMel: Feature<LogMelOptions> = {
  description: 'log-mel spectrogram as Whisper takes it',
  defaults: { speed: 1 },
  schema: z.strictObject({ speed: speed.default(1) }),
  version: 1,
  secondsPerFrame: ({ speed }) => (speed * LOG_MEL.hopLength) / LOG_MEL.sampleRateHz,
  create: createLogMelExtractor,
};
