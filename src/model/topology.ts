import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { z } from 'zod';

/** Numbers that a layer may give for one clip. */
const MOST_OUTPUTS = 2 ** 24;

/** What layers call the initial values of their weights. */
const INITIALIZERS = [
  ...['kernel', 'bias', 'recurrent', 'embeddings', 'depthwise', 'pointwise', 'alpha', 'beta', 'gamma'],
  ...['moving_mean', 'moving_variance'],
].map((name) => `${name}_initializer`);

/** Numbers that weights may still take of each network that is being made, see {@link withinWeights}. */
const left: number[] = [];

/**
 * Stands for the values that weights are about to get from a file: as many zeros, and no more than there are in the file.
 */
class AwaitedWeights extends tf.serialization.Serializable {
  static className = 'AwaitedWeights';

  constructor(private readonly config: { readonly network: number }) {
    super();
  }

  apply(shape: number[], dtype?: tf.DataType): tf.Tensor {
    const { network } = this.config;
    left[network] -= shape.reduce((product, size) => product * size, 1);
    if (!(left[network] >= 0)) throw new RangeError('its layers are larger than its weights');
    return tf.zeros(shape, dtype);
  }

  fromConfigUsesCustomObjects(): boolean {
    return false;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...this.config };
  }
}
tf.serialization.registerClass(AwaitedWeights);

const index = z.number().int().nonnegative();

/** A layer among others: its name, twice, and each time it is called, what it is given. */
const layerSchema = z.object({
  class_name: z.string(),
  name: z.string(),
  config: z.object({ name: z.string() }),
  inbound_nodes: z.array(z.array(z.tuple([z.string(), index, index], z.unknown())).min(1)),
});

/**
 * The description of a network with which tfjs does no more than it must, whatever a stranger has written there. No layer
 * makes more weights than are stored with it, nor are first values drawn that the stored ones replace; and tfjs, which waits
 * for ever for what a layer is to be given, finds it there.
 *
 * @param topology - tfjs's
 * @param weights - numbers that are stored
 * @throws RangeError if it is not a sequence of layers, or layers each of which is given what earlier ones have made; or if
 *   a layer keeps a state from one clip to the next
 */
export function withinWeights(topology: object, weights: number): object {
  const awaited = { class_name: AwaitedWeights.className, config: { network: left.push(weights) - 1 } };
  const replaced = Object.fromEntries(INITIALIZERS.map((name) => [name, awaited]));
  // The one layer that refuses to be made where the kernel that it does not have is named.
  const { kernel_initializer, ...ofSeparable } = replaced;
  let networks = 0;
  const within = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(within);
    if (typeof value !== 'object' || value === null) return value;
    // tfjs takes other spellings for the same key: only one of them is looked at here.
    const strange = Object.keys(value).find((key) => !/^[a-z\d]+(_[a-z\d]+)*$/.test(key));
    if (strange !== undefined) throw new RangeError('it has keys that tfjs does not write');
    const entries = Object.entries(value).map(([key, inner]) => [key, within(inner)] as const);
    const found: Record<string, unknown> = Object.fromEntries(entries);
    if (found.stateful) throw new RangeError('its layers must not keep a state');
    if (Array.isArray(found.layers)) {
      if (++networks > 1) throw new RangeError('its layers must not be networks themselves');
      // A plain sequence says nothing of what its layers are given.
      if (found.layers.some((layer) => Object.hasOwn(Object(layer), 'inbound_nodes'))) requireOrder(found.layers);
    }
    // Every layer gets all of them: one that it does not name would be made as it usually is.
    if (typeof found.config === 'object' && found.config !== null && !Array.isArray(found.config))
      found.config = { ...found.config, ...(found.class_name === 'SeparableConv2D' ? ofSeparable : replaced) };
    return found;
  };
  return within(topology) as object;
}

function requireOrder(layers: readonly unknown[]): void {
  /** How often each layer has been called. */
  const calls = new Map<string, number>();
  for (const layer of layers) {
    const parsed = layerSchema.safeParse(layer);
    if (!parsed.success) throw new RangeError('its layers do not say what they are given');
    const { class_name, name, config, inbound_nodes } = parsed.data;
    if (config.name !== name || calls.has(name)) throw new RangeError('its layers must have one name each');
    if (inbound_nodes.flat().some(([from, call]) => call >= (calls.get(from) ?? 0)))
      throw new RangeError('its layers must be given what earlier ones have made');
    calls.set(name, class_name === 'InputLayer' ? 1 : inbound_nodes.length);
  }
}

/**
 * Makes sure that no layer answers a clip with more numbers than any network needs.
 *
 * @throws RangeError naming the layer
 */
export function requireModestOutputs(network: LayersModel): void {
  for (const layer of network.layers) {
    const size = (shape: readonly unknown[]) =>
      shape.reduce<number>((product, length) => product * (typeof length === 'number' ? length : 1), 1);
    const { outputShape } = layer;
    const shapes = Array.isArray(outputShape[0]) ? (outputShape as unknown[][]) : [outputShape];
    if (!shapes.every((shape) => size(shape) <= MOST_OUTPUTS))
      throw new RangeError(`its layer ${layer.name} gives too many numbers`);
  }
}
