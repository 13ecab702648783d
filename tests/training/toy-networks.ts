import { initializers, type LayersModel, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { seededRandom } from '../../src/common/random.js';
import { type Batch, sizeOf } from '../../src/dataset/examples.js';
import { originalNetwork } from '../../src/networks/original.js';
import { timeNetwork } from '../../src/networks/time.js';

export const SHAPE = { bands: 32, frames: 12, classes: 4, seed: 3 };
export const SIZES = { filters: [8, 6, 6], denseUnits: [10] };

const kernelInitializer = (seed: number) => initializers.glorotUniform({ seed });

function ended(inputs: SymbolicTensor[], last: SymbolicTensor): LayersModel {
  const flat = layers.flatten({ name: 'flatten' }).apply(last);
  const logits = layers.dense({ name: 'logits', units: 4, kernelInitializer: kernelInitializer(9) }).apply(flat);
  const outputs = layers.softmax({ name: 'softmax' }).apply(logits) as SymbolicTensor;
  return model({ name: 'network', inputs, outputs });
}

function convolution(trainable = true) {
  return layers.conv1d({
    ...{ name: 'conv', filters: 6, kernelSize: 3, padding: 'same', activation: 'relu', trainable },
    kernelInitializer: kernelInitializer(5),
    biasInitializer: initializers.constant({ value: 0.1 }),
  });
}

const picture = () => layers.input({ name: 'picture', shape: [32, 12] }) as unknown as SymbolicTensor;

/** The first layer stays as it is. */
function frozenNetwork(): LayersModel {
  const input = picture();
  return ended([input], convolution(false).apply(input) as SymbolicTensor);
}

/** Batch normalisation, whose averages are not trained but change. */
function normalisedNetwork(): LayersModel {
  const input = picture();
  const normalised = layers.batchNormalization({ name: 'normalise' }).apply(convolution().apply(input));
  return ended([input], normalised as SymbolicTensor);
}

/** A clip and its mask, by which the clip is multiplied. */
function maskedNetwork(): LayersModel {
  const input = picture();
  const mask = layers.input({ name: 'mask', shape: [12] }) as unknown as SymbolicTensor;
  const row = layers.reshape({ name: 'row', targetShape: [1, 12] }).apply(mask) as SymbolicTensor;
  const masked = layers.multiply({ name: 'masked' }).apply([input, row]) as SymbolicTensor;
  return ended([input, mask], convolution().apply(masked) as SymbolicTensor);
}

/** Networks of every kind that training has to do with. */
export const BUILDERS = {
  original: () => originalNetwork(SHAPE, SIZES),
  time: () => timeNetwork(SHAPE, SIZES),
  frozen: frozenNetwork,
  normalised: normalisedNetwork,
  masked: maskedNetwork,
};
export type BuilderName = keyof typeof BUILDERS;
export const BUILDER_NAMES = Object.keys(BUILDERS) as BuilderName[];

/** The shapes of a network's inputs. */
export function shapesOf(network: LayersModel): number[][] {
  return network.inputs.map(({ shape }) => shape.slice(1) as number[]);
}

/** Batches of noise of these numbers of clips, for a network's inputs. */
export function noise(clipCounts: readonly number[], shapes: readonly (readonly number[])[] = [[32, 12]]): Batch[] {
  const random = seededRandom(7);
  return clipCounts.map((clips) => ({
    inputs: shapes.map((shape) => Float32Array.from({ length: clips * sizeOf(shape) }, () => 2 * random() - 1)),
    targets: Int32Array.from({ length: clips }, () => Math.floor(random() * 4)),
  }));
}
