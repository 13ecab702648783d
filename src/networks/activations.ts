import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { Shape } from '../dataset/examples.js';

/** What one layer of a network makes of a clip. */
export interface Activation {
  readonly layer: string;
  /** tfjs's class, e.g. `Conv1D`. */
  readonly kind: string;
  /** Of one clip, e.g. `[128, 256]`: positions × channels, or a number of units. */
  readonly shape: Shape;
  /** Row-major. */
  readonly values: Float32Array;
}

/**
 * What each layer of a network makes of one clip, in the order in which they are computed, the inputs first. What changes nothing,
 * such as dropout, is left out.
 *
 * @param inputs - for each of the network's inputs the clip's numbers, row-major
 * @param shapes - of the inputs
 */
export function activationsOf(
  network: LayersModel,
  inputs: readonly Float32Array[],
  shapes: readonly Shape[],
): Activation[] {
  const layers = network.layers.filter(
    (layer) => layer.getClassName() !== 'InputLayer' && !/Dropout$/.test(layer.getClassName()),
  );
  const all = model({ inputs: network.inputs, outputs: layers.map((layer) => layer.output as SymbolicTensor) });
  const given = inputs.map((values, k) => ({
    layer: network.inputs[k].sourceLayer.name,
    kind: 'InputLayer',
    shape: shapes[k],
    values,
  }));
  return [
    ...given,
    ...tf.tidy(() => {
      const tensors = inputs.map((values, k) => tf.tensor(values, [1, ...shapes[k]]));
      const outputs = [all.apply(tensors)].flat() as tf.Tensor[];
      return layers.map((layer, i) => ({
        ...{ layer: layer.name, kind: layer.getClassName() },
        ...{ shape: outputs[i].shape.slice(1), values: outputs[i].dataSync<'float32'>().slice() },
      }));
    }),
  ];
}
