import { useBackend } from '../../src/backend/backend.js';
import { extractFeatures } from '../../src/features/extraction/extract.js';
import { originalNetwork } from '../../src/networks/original.js';

/** Decibels of some recordings, and the network's size, to compare. */
export default async function check({ paths }: { paths: readonly string[] }): Promise<object> {
  await useBackend('auto');
  const network = originalNetwork({ bands: 128, frames: 87, classes: 7, seed: 1 });
  const decibels: number[][] = [];
  for await (const result of extractFeatures(paths)) if ('matrix' in result) decibels.push([...result.matrix.values]);
  return { decibels, parameters: network.countParams() };
}
