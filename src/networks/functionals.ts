import { linearHead } from './linear-head.js';
import type { NetworkDefinition } from './network.js';

/** The baseline of the field: numbers with names, and a linear layer that is fitted in a moment. */
export const functionals: NetworkDefinition = {
  description: 'the baseline: a linear layer on statistics of pitch, level, spectrum and cepstrum',
  input: 'vector',
  features: { name: 'functionals', options: {} },
  normalise: 'none',
  fitting: { by: 'closed form', solve: linearHead },
  answers: 'whole',
};
