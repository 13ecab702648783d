import { type LayersModel, layers } from '@tensorflow/tfjs-layers';
import { type ConvolutionSizes, checkedSizes, convolutionNetwork } from './convolution.js';
import type { NetworkDefinition, NetworkShape } from './network.js';

/** The original's layers along time, with the mel bands as channels: the input is transposed first. */
export function timeNetwork(shape: NetworkShape, sizes: Partial<ConvolutionSizes> = {}): LayersModel {
  const transposed = layers.permute({ name: 'transpose', dims: [2, 1], inputShape: [shape.bands, shape.frames] });
  return convolutionNetwork([transposed], shape, sizes);
}

export const time: NetworkDefinition = {
  description: "the original's layers along time, mel bands as channels",
  input: 'picture',
  fitting: { by: 'gradient', build: timeNetwork, checkSizes: checkedSizes },
  answers: 'windows',
};
