/**
 * The networks, one file each.
 *
 * In: the shape of a clip's inputs and a seed. Out: a network from those inputs to probabilities of the classes.
 */
import { both } from './both.js';
import { compact } from './compact.js';
import { encoder } from './encoder-head.js';
import { functionals } from './functionals.js';
import type { NetworkDefinition } from './network.js';
import { original } from './original.js';
import { time } from './time.js';

/** All networks by the name that `--network` takes: another one is a file of its own and a name here. */
export const NETWORKS: Readonly<Record<string, NetworkDefinition>> = {
  original,
  time,
  compact,
  encoder,
  functionals,
  both,
};

/** Whether a network takes so many frames of each clip, which can be chosen; others take all of it. */
export function takesPart(network: string): boolean {
  return NETWORKS[network].input === 'picture';
}
