import type { LayersModel } from '@tensorflow/tfjs-layers';
import { zipSync } from 'fflate';
import { z } from 'zod';
import { InputError } from '../common/errors.js';
import type { GivenSettings } from '../model/settings.js';
import { STATISTICS_EPSILON } from '../networks/statistics-pooling.js';
import { type ExportFormat, singleNetwork } from './export-format.js';
import { type Hdf5Group, hdf5File } from './hdf5-file.js';
import { type LayerConfig, SHARED_LAYERS, weightGroups, weightNames } from './keras-layers.js';
import { METADATA_KEY, metadataOf } from './metadata.js';

/** What the Python original calls its model, and every run. */
export const KERAS_FILE = 'best_model.keras';

/** The files in Keras's archive. */
export const KERAS_FILES = {
  metadata: 'metadata.json',
  config: 'config.json',
  weights: 'model.weights.h5',
} as const;

/** The version in whose words layers are described, which all of Keras 3 understands, too. */
const KERAS_VERSION = '2.15.0';

/** The earliest that an archive can name: the time of day would make every file another one. */
const DATE = new Date(1980, 0, 1);

/** What Keras loads, and can go on training: all layers are its own. */
export const keras: ExportFormat = {
  description: 'one file for Keras 3 and tf.keras 2.15, which can go on training it',
  write: async (model) => [{ name: KERAS_FILE, bytes: kerasFile(singleNetwork(model, 'keras')) }],
};

/** A network and what is known of it, whether it was loaded or is about to be saved. */
export interface KerasModel {
  readonly network: LayersModel;
  readonly settings: GivenSettings;
}

/**
 * A network as Keras saves it, with what a stranger needs to know of it in its metadata.
 *
 * @throws InputError naming a layer that Keras does not have
 */
export function kerasFile({ network, settings }: KerasModel): Uint8Array {
  const layers = layersOf(network).flatMap(inKeras);
  const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const metadata = { keras_version: KERAS_VERSION, [METADATA_KEY]: metadataOf(settings) };
  return zipSync(
    {
      [KERAS_FILES.metadata]: json(metadata),
      [KERAS_FILES.config]: json(configOf(network, layers)),
      [KERAS_FILES.weights]: weightsOf(network, layers),
    },
    // Weights hardly get smaller, and Keras does not compress either.
    { level: 0, mtime: DATE },
  );
}

const layerSchema = z.object({
  class_name: z.string(),
  config: z.looseObject({ name: z.string() }),
  inbound_nodes: z.array(z.array(z.tuple([z.string()], z.unknown()))).optional(),
});
const topologySchema = z.object({ config: z.object({ layers: z.array(layerSchema) }) });

/** The layers of a network as tfjs describes them, inputs first. */
function layersOf(network: LayersModel): LayerConfig[] {
  const { layers } = topologySchema.parse(network.toJSON(null, false)).config;
  const [{ config }] = layers;
  const described = layers.map(
    ({ class_name, config, inbound_nodes }, i): LayerConfig => ({
      ...{ name: config.name, kind: class_name, config },
      from: inbound_nodes
        ? (inbound_nodes[0] ?? []).map(([name]) => name)
        : [i === 0 ? 'input' : layers[i - 1].config.name],
    }),
  );
  if (described[0].kind === 'InputLayer') return described;
  // The first layer of a plain sequence says what it takes, where Keras has a layer for it.
  const { batch_input_shape } = config;
  return [{ name: 'input', kind: 'InputLayer', config: { batch_input_shape }, from: [] }, ...described];
}

/**
 * A layer as Keras has it: itself, or several that compute the same.
 *
 * @throws InputError if there are none
 */
function inKeras(layer: LayerConfig): LayerConfig[] {
  if (layer.kind === 'StatisticsPooling') return statisticsPooling(layer);
  if (!Object.hasOwn(SHARED_LAYERS, layer.kind))
    throw new InputError(
      `Cannot export the model as keras: layers must be ${Object.keys(SHARED_LAYERS).join(', ')} or StatisticsPooling, ${layer.name} is ${layer.kind}`,
    );
  const { options } = SHARED_LAYERS[layer.kind];
  const config = Object.fromEntries(options.map((option) => [option, layer.config[option] ?? null]));
  // tfjs has null for the length that follows from the others.
  if (Array.isArray(config.target_shape)) config.target_shape = config.target_shape.map((size) => size ?? -1);
  return [{ ...layer, config }];
}

/**
 * Mean and standard deviation over frames by layers that Keras has.
 *
 * It has no square root and no quotient, but `UnitNormalization`, which divides numbers by the root of the sum of their
 * squares. It turns the mask into the roots of each frame's share of the clip; and the products of deviations with themselves,
 * so divided, add up to the root of the sum of their squares, which is what is wanted. No layer is given the same numbers twice,
 * as tfjs would free them after the first time.
 *
 * @see StatisticsPooling in `networks`
 */
function statisticsPooling({ name, from: [values, mask] }: LayerConfig): LayerConfig[] {
  const made: LayerConfig[] = [];
  const add = (own: string, kind: string, config: LayerConfig['config'], ...from: string[]) => {
    made.push({ name: own, kind, config, from });
    return own;
  };
  const overTime = { axes: [1, 1], normalize: false };
  const named = (part: string) => `${name}_${part}`;
  const frames = add(named('frames'), 'Reshape', { target_shape: [-1, 1] }, mask);
  const root = add(named('root'), 'UnitNormalization', { axis: [1] }, frames);
  const shared = add(named('shared'), 'Multiply', {}, values, root);
  const mean = add(named('mean'), 'Dot', overTime, root, shared);
  const negative = add(named('mean_negative'), 'Rescaling', { scale: -1, offset: 0 }, mean);
  const taken = add(named('mean_shared'), 'Multiply', {}, negative, root);
  const deviations = add(named('deviations'), 'Add', {}, shared, taken);
  // One row more keeps the root from zero.
  const least = add(named('least'), 'Rescaling', { scale: 0, offset: Math.sqrt(STATISTICS_EPSILON) }, mean);
  const rows = add(named('rows'), 'Concatenate', { axis: 1 }, deviations, least);
  const divided = add(named('rows_divided'), 'UnitNormalization', { axis: [1] }, rows);
  const products = add(named('products'), 'Multiply', {}, rows, divided);
  const heard = add(named('heard'), 'Dot', overTime, root, frames);
  const one = add(named('one'), 'Rescaling', { scale: 0, offset: 1 }, heard);
  const counted = add(named('counted'), 'Concatenate', { axis: 1 }, frames, one);
  const deviation = add(named('deviation'), 'Dot', overTime, counted, products);
  const both = add(named('both'), 'Concatenate', { axis: 2 }, mean, deviation);
  add(name, 'Flatten', {}, both);
  return made;
}

/** Keras's `config.json`: a sequence where the network is one, so that it looks like one there, too. */
function configOf(network: LayersModel, layers: readonly LayerConfig[]): object {
  const described = layers.map(({ name, kind, config, from }) => ({
    ...{ module: 'keras.layers', class_name: kind, registered_name: null },
    config: { name, ...(kind !== 'InputLayer' && { trainable: true }), dtype: 'float32', ...config },
    from,
  }));
  const model = (kind: string, config: object) => ({
    ...{ module: 'keras', class_name: kind, registered_name: null },
    config: { name: network.name, ...config },
  });
  if (network.getClassName() === 'Sequential')
    return model('Sequential', { layers: described.map(({ from, ...layer }) => layer) });
  const tensor = (name: string) => [name, 0, 0];
  return model('Model', {
    trainable: true,
    layers: described.map(({ from, ...layer }) => ({
      ...layer,
      name: layer.config.name,
      inbound_nodes: from.length === 0 ? [] : [from.map((name) => [...tensor(name), {}])],
    })),
    input_layers: network.inputNames.map(tensor),
    output_layers: network.outputNames.map(tensor),
  });
}

function weightsOf(network: LayersModel, layers: readonly LayerConfig[]): Uint8Array {
  const groups = weightGroups(layers);
  const found = new Map(
    network.weights.map((weight) => [
      weight.originalName,
      { shape: weight.shape as number[], values: weight.read().dataSync<'float32'>() },
    ]),
  );
  const stored = layers.map((layer): [string, Hdf5Group] => {
    const values = weightNames(layer).map((name) => found.get(`${layer.name}/${name}`)!);
    return [groups.get(layer.name)!, { vars: Object.fromEntries(values.entries()) }];
  });
  return hdf5File({ layers: Object.fromEntries(stored), vars: {} });
}
