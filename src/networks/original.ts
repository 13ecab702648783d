import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type ConvolutionSizes, checkedSizes, convolutionNetwork } from './convolution.js';
import type { NetworkDefinition, NetworkShape } from './network.js';

/** The Python original's network: 1-D convolutions along the mel bands, with the frames as channels. */
export function originalNetwork(shape: NetworkShape, sizes: Partial<ConvolutionSizes> = {}): LayersModel {
  return convolutionNetwork([], shape, sizes);
}

export const original: NetworkDefinition = {
  description: "the Python original's: convolutions along the mel bands, frames as channels",
  input: 'picture',
  fitting: { by: 'gradient', build: originalNetwork, checkSizes: checkedSizes },
  answers: 'windows',
};
