import { compact } from './compact.js';
import { encoder } from './encoder-head.js';
import type { NetworkDefinition } from './network.js';

/** The network trained from nothing and the pre-trained one, averaged: they err about different clips. */
export const both: NetworkDefinition = {
  ...compact,
  description: 'the probabilities of compact and encoder, averaged by shares that are fitted to the validation set',
  encoder: encoder.encoder,
  fitting: { by: 'members', members: ['compact', 'encoder'] },
};
