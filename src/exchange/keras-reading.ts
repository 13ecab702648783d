import { strFromU8, unzipSync } from 'fflate';
import { z } from 'zod';
import { InputError, reasonOf } from '../common/errors.js';
import type { StoredTensor } from '../encoder/safetensors.js';
import { MOST_WEIGHTS } from '../model/settings.js';
import { HDF5_SIGNATURE } from './hdf5-file.js';
import { Hdf5Reading } from './hdf5-reading.js';
import { KERAS_FILES } from './keras.js';
import { type LayerConfig, SHARED_LAYERS, weightGroups, weightNames } from './keras-layers.js';
import { METADATA_KEY } from './metadata.js';

/** A network that Keras has saved, in tfjs's words. */
export interface KerasNetwork {
  /** Each given what earlier ones have made. */
  readonly layers: readonly LayerConfig[];
  /** By layer and name, e.g. `conv_1/kernel`. */
  readonly weights: ReadonlyMap<string, StoredTensor>;
  /** Names of the layers that take its inputs, and of the one that makes its output. */
  readonly inputs: readonly string[];
  readonly output: string;
  /** What this project has written about it, unchecked. */
  readonly metadata?: unknown;
}

/** What no file of a network exceeds, in bytes. */
const LARGEST_JSON = 16 * 2 ** 20;
/** Weights, and as much again twice, which an optimiser keeps. */
const LARGEST_WEIGHTS = 3 * 4 * MOST_WEIGHTS;

/** A whole `.keras` or `.h5` file may be as large as that. */
export const LARGEST_KERAS_FILE = LARGEST_WEIGHTS + 2 * LARGEST_JSON;

const ZIP_SIGNATURE = [0x50, 0x4b];

/**
 * Reads a network that Keras has saved: as `.keras` by Keras 3 or tf.keras from 2.12 on, or as a whole in an `.h5` file.
 *
 * @param name - of the file, for messages
 * @throws InputError naming the layer that tfjs does not have or computes otherwise, or what is wrong with the file
 */
export function readKeras(bytes: Uint8Array, name: string): KerasNetwork {
  const begins = (signature: readonly number[]) => signature.every((byte, i) => bytes[i] === byte);
  if (begins(ZIP_SIGNATURE)) return readArchive(bytes, name);
  if (begins(HDF5_SIGNATURE)) return readWholeHdf5(bytes, name);
  throw new InputError(`Cannot read ${name}: it must be a .keras file, or an .h5 file with a whole network`);
}

function readArchive(bytes: Uint8Array, name: string): KerasNetwork {
  const entries = unzipped(bytes, name);
  const entry = (wanted: string) => {
    if (!entries[wanted]) throw new InputError(`Cannot read ${name}: there is no ${wanted} in it`);
    return entries[wanted];
  };
  const described = describedNetwork(parsedJson(strFromU8(entry(KERAS_FILES.config)), name), name);
  const groups = weightGroups(described.layers);
  const file = new Hdf5Reading(entry(KERAS_FILES.weights), name);
  const weights = weightsOf(described.layers, name, (layer, i) => file.tensor(`layers/${groups.get(layer)}/vars/${i}`));
  const metadata = entries[KERAS_FILES.metadata];
  const told = metadata && Object(parsedJson(strFromU8(metadata), name))[METADATA_KEY];
  return { ...inTfjs(described, name), weights, ...(told !== undefined && { metadata: told }) };
}

/** The way of Keras's first years: one HDF5 file, with the configuration as an attribute. */
function readWholeHdf5(bytes: Uint8Array, name: string): KerasNetwork {
  const file = new Hdf5Reading(bytes, name);
  const [config] = file.texts('/', 'model_config') ?? [];
  if (config === undefined)
    throw new InputError(
      `Cannot read ${name}: it must hold a whole network, not weights alone (there is no model_config)`,
    );
  const described = describedNetwork(parsedJson(config, name), name);
  const weights = weightsOf(described.layers, name, (layer, i) => {
    const names = file.texts(`model_weights/${layer}`, 'weight_names');
    return names && i < names.length ? file.tensor(`model_weights/${layer}/${names[i]}`) : undefined;
  });
  return { ...inTfjs(described, name), weights };
}

/** What is compressed may be so much larger, from a size on that does no harm. */
const MOST_COMPRESSION = 50;
const HARMLESS_BYTES = 2 ** 20;

/** The three files of an archive that are looked at, none of which is larger than it says. */
function unzipped(bytes: Uint8Array, name: string): Record<string, Uint8Array> {
  const largest: Readonly<Record<string, number>> = {
    [KERAS_FILES.metadata]: LARGEST_JSON,
    [KERAS_FILES.config]: LARGEST_JSON,
    [KERAS_FILES.weights]: LARGEST_WEIGHTS,
  };
  try {
    return unzipSync(bytes, {
      filter: ({ name: entry, size, originalSize }) => {
        if (!Object.hasOwn(largest, entry)) return false;
        const most = Math.min(largest[entry], Math.max(MOST_COMPRESSION * size, HARMLESS_BYTES));
        if (originalSize > most)
          throw new InputError(`Cannot read ${name}: ${entry} in it has ${originalSize} bytes, and may have ${most}`);
        return true;
      },
    });
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${name} is damaged: ${reasonOf(error)}`);
  }
}

function parsedJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${name} is damaged: ${reasonOf(error)}`);
  }
}

const layerSchema = z.object({
  class_name: z.string(),
  config: z.looseObject({ name: z.string() }),
  inbound_nodes: z.array(z.unknown()).optional(),
});
const networkSchema = z.object({
  class_name: z.string(),
  config: z.object({
    layers: z.array(layerSchema).min(1).max(1000),
    input_layers: z.unknown().optional(),
    output_layers: z.unknown().optional(),
    build_input_shape: z.unknown().optional(),
  }),
  build_config: z.object({ input_shape: z.unknown().optional() }).optional().catch(undefined),
});

/** A network in Keras's words. */
interface Described {
  readonly layers: readonly LayerConfig[];
  readonly inputs: readonly string[];
  readonly output: string;
}

/** @throws InputError if it is no network, or one of another kind than a sequence or layers that are given each other's outputs */
function describedNetwork(json: unknown, name: string): Described {
  const parsed = networkSchema.safeParse(json);
  if (!parsed.success)
    throw new InputError(
      `Cannot read ${name}: it must be a Sequential or functional network (${z.prettifyError(parsed.error).replaceAll('\n', ' ').slice(0, 200)})`,
    );
  const { class_name, config, build_config } = parsed.data;
  const plain = config.layers.map(({ class_name, config }) => ({ name: config.name, kind: class_name, config }));
  if (class_name !== 'Sequential') {
    const layers = plain.map((layer, i) => ({ ...layer, from: givenTo(config.layers[i], name) }));
    const [output, ...others] = layerNames(config.output_layers);
    if (output === undefined || others.length > 0)
      throw new InputError(
        `Cannot read ${name}: it must have one output, current number is ${others.length + (output === undefined ? 0 : 1)}`,
      );
    return { layers, inputs: layerNames(config.input_layers), output };
  }
  if (plain[0].kind !== 'InputLayer') {
    const batch_input_shape =
      plain[0].config.batch_input_shape ?? config.build_input_shape ?? build_config?.input_shape;
    plain.unshift({ name: 'input', kind: 'InputLayer', config: { name: 'input', batch_input_shape } });
  }
  const layers = plain.map((layer, i) => ({ ...layer, from: i === 0 ? [] : [plain[i - 1].name] }));
  return { layers, inputs: [layers[0].name], output: layers[layers.length - 1].name };
}

/**
 * What a layer is given: `[[['a', 0, 0, {}]]]` in earlier versions, and in Keras 3 the arguments of its call.
 *
 * @throws InputError if it is called several times, or otherwise
 */
function givenTo({ class_name, config, inbound_nodes = [] }: z.infer<typeof layerSchema>, name: string): string[] {
  if (class_name === 'InputLayer') return [];
  if (inbound_nodes.length !== 1)
    throw new InputError(
      `Cannot read ${name}: each layer must be used once, ${config.name} (${class_name}) is used ${inbound_nodes.length} times`,
    );
  const [call] = inbound_nodes;
  if (Array.isArray(call)) return layerNames(call);
  const { args, kwargs } = Object(call) as { args?: unknown; kwargs?: unknown };
  if (historiesIn(kwargs).length > 0)
    throw new InputError(
      `Cannot read ${name}: layers must be given no more than their inputs, ${config.name} (${class_name}) is given a mask, too`,
    );
  return historiesIn(args);
}

/** The names in `['a', 0, 0]`, or in a list or an object of such. */
function layerNames(value: unknown): string[] {
  if (Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'number') return [value[0]];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(layerNames) : [];
}

/** The names of the layers whose outputs are among the arguments of a call. */
function historiesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { keras_history } = value as { keras_history?: unknown };
  return keras_history ? layerNames(keras_history) : Object.values(value).flatMap(historiesIn);
}

/** All weights that layers must have. */
function weightsOf(
  layers: readonly LayerConfig[],
  name: string,
  read: (layer: string, index: number) => StoredTensor | undefined,
): Map<string, StoredTensor> {
  let left = MOST_WEIGHTS;
  const found = new Map<string, StoredTensor>();
  for (const layer of layers) {
    requireKnown(layer, name);
    for (const [i, weight] of weightNames(layer).entries()) {
      const which = `the ${weight} of ${layer.name} (${layer.kind})`;
      const tensor = read(layer.name, i);
      if (!tensor) throw new InputError(`Cannot read ${name}: ${which} is missing`);
      if (!tensor.values.every(Number.isFinite))
        throw new InputError(`Cannot read ${name}: weights must be finite numbers, ${which} has others`);
      left -= tensor.values.length;
      if (left < 0) throw new InputError(`Cannot read ${name}: a network must have at most ${MOST_WEIGHTS} weights`);
      found.set(`${layer.name}/${weight}`, tensor);
    }
  }
  return found;
}

/** Layers that do nothing but in training. */
const ONLY_IN_TRAINING = ['SpatialDropout1D', 'SpatialDropout2D', 'GaussianDropout', 'GaussianNoise', 'AlphaDropout'];

function requireKnown({ name: layer, kind }: LayerConfig, name: string): void {
  if (!Object.hasOwn(SHARED_LAYERS, kind) && !ONLY_IN_TRAINING.includes(kind))
    throw new InputError(
      `Cannot read ${name}: layer ${layer} is ${kind}, which this project does not have; it has ${Object.keys(SHARED_LAYERS).join(', ')}`,
    );
}

function inTfjs({ layers, inputs, output }: Described, name: string): Described {
  return { layers: layers.map((layer) => layerInTfjs(layer, name)), inputs, output };
}

/** What concerns training, or the layer's name and state: it makes no difference to what a network answers. */
const WITHOUT_EFFECT =
  /^(name|trainable|seed|synchronized|quantization_config|sparse|ragged|optional)$|^(rate|noise_shape|stddev|renorm_.*)$|_(initializer|regularizer|constraint)$/;

/** The activations that both compute alike, by Keras's names. */
const ACTIVATIONS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['linear', 'relu', 'elu', 'selu', 'sigmoid', 'softmax', 'softplus', 'softsign', 'tanh', 'swish'].map((same) => [
      same,
      same,
    ]),
  ),
  silu: 'swish',
};

/**
 * A layer as tfjs has it.
 *
 * @throws InputError naming the layer, if one of its options has a value with which tfjs computes something else or nothing
 */
function layerInTfjs({ kind, config, ...layer }: LayerConfig, name: string): LayerConfig {
  const refused = (option: string, rule: string) =>
    new InputError(
      `Cannot read ${name}: ${option} of layer ${layer.name} (${kind}) must be ${rule}, current value is ${JSON.stringify(config[option])?.slice(0, 80)}`,
    );
  // tfjs frees what a layer is given after the first time.
  if (new Set(layer.from).size < layer.from.length)
    throw new InputError(`Cannot read ${name}: layer ${layer.name} (${kind}) must not be given the same input twice`);
  if (ONLY_IN_TRAINING.includes(kind)) return { ...layer, kind: 'Dropout', config: { name: layer.name, rate: 0 } };
  const { options } = SHARED_LAYERS[kind];
  const kept: Record<string, unknown> = { name: layer.name };
  for (const [option, value] of Object.entries({ ...config, ...renamed(kind, config) })) {
    if (options.includes(option)) kept[option] = valueInTfjs(option, value);
    else if (option === 'dtype') {
      if (dtypeOf(value) !== 'float32') throw refused(option, 'float32');
    } else if (!WITHOUT_EFFECT.test(option) && !isUsual(value)) throw refused(option, 'what it usually is');
  }
  if (kept.activation !== undefined && !Object.hasOwn(ACTIVATIONS, String(kept.activation)))
    throw refused('activation', `one of ${Object.keys(ACTIVATIONS).join(', ')}`);
  if (kept.activation !== undefined) kept.activation = ACTIVATIONS[String(kept.activation)];
  if (kept.padding !== undefined && kept.padding !== 'same' && kept.padding !== 'valid')
    throw refused('padding', 'same or valid');
  if (kind === 'InputLayer') Object.assign(kept, { dtype: 'float32', sparse: false });
  return { ...layer, kind, config: kept };
}

/** Options that have other names in tfjs; the old name is `undefined`, as if it were not there. */
function renamed(kind: string, config: LayerConfig['config']): Record<string, unknown> {
  if (kind === 'InputLayer')
    return { batch_input_shape: config.batch_input_shape ?? config.batch_shape, batch_shape: undefined };
  if (kind === 'LeakyReLU') return { alpha: config.alpha ?? config.negative_slope, negative_slope: undefined };
  // A first layer says what a sequence takes, which its input has said already.
  return { batch_input_shape: undefined };
}

function valueInTfjs(option: string, value: unknown): unknown {
  if (option === 'activation') return typeof value === 'object' && value !== null ? Object(value).config : value;
  // A network may be asked about any number of clips, whatever it was made for.
  if (option === 'batch_input_shape' && Array.isArray(value)) return [null, ...value.slice(1)];
  if (option === 'target_shape' && Array.isArray(value)) return value.map((size) => (size === -1 ? null : size));
  if (option === 'axis' && Array.isArray(value) && value.length === 1) return value[0];
  return value;
}

/** `float32`, or the policy of that name. */
function dtypeOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? Object(Object(value).config).name : value;
}

/** Whether an option that only Keras has is as if it did not have it. */
function isUsual(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isUsual);
  return (
    value === undefined || value === null || value === false || value === 0 || value === 1 || value === 'channels_last'
  );
}
