import type { RunConfig } from './config.js';

/** The options of `ser run`, by what they set; anything else in a configuration can be set only from TypeScript. */
export const RUN_FLAGS = {
  data: '--data',
  corpus: '--corpus',
  protocol: '--protocol',
  testSpeakers: '--test-speaker',
  testShare: '--test-share',
  validationShare: '--validation-share',
  network: '--network',
  normalise: '--normalise',
  epochs: '--epochs',
  batchSize: '--batch-size',
  patience: '--patience',
  learningRate: '--learning-rate',
  schedule: '--schedule',
  weightDecay: '--weight-decay',
  labelSmoothing: '--label-smoothing',
  classWeights: '--class-weights',
  augment: '--augment',
  speeds: '--speeds',
  seed: '--seed',
  maxSkipped: '--max-skipped',
  allowTruncated: '--allow-truncated',
  frames: '--duration',
  offsetSeconds: '--offset',
} as const satisfies Partial<Record<keyof RunConfig, string>>;
