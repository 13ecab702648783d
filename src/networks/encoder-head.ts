import { linearHead } from './linear-head.js';
import type { NetworkDefinition } from './network.js';

/** A frozen encoder's vectors, and a linear layer that is fitted in a moment. */
export const encoder: NetworkDefinition = {
  description: "a linear layer on the vectors of Whisper's encoder, which is pre-trained and stays as it is",
  input: 'vector',
  features: { name: 'logMel', options: { speed: 1 } },
  encoder: 'whisper-base-3',
  normalise: 'none',
  fitting: { by: 'closed form', solve: linearHead },
  answers: 'whole',
};
