import { z } from 'zod';
import { InputError } from '../common/errors.js';
import { FEATURE_DEFAULTS, type FeatureSettings } from '../features/features.js';
import type { Normalisation } from '../features/normalise.js';
import { type StoredModel, storedArtifacts } from '../model/bundle.js';
import { type GivenSettings, partialSettingsSchema } from '../model/settings.js';
import type { LayerConfig } from './keras-layers.js';
import type { KerasNetwork } from './keras-reading.js';

/** What a file of Keras does not say of its network, and somebody who has trained it knows. */
export interface ImportSettings {
  /** In the order of the outputs. */
  readonly labels?: readonly string[];
  readonly features?: FeatureSettings;
  readonly normalisation?: Normalisation;
  /** Of the model that it was trained on from: what neither the file nor the above says. */
  readonly like?: GivenSettings;
}

/** A network that is not known to have been trained on anything. */
const UNKNOWN: GivenSettings['trainedOn'] = {
  corpus: 'unknown',
  protocol: 'unknown',
  seed: 0,
  network: 'imported',
  clips: 0,
};

/** The emotions of TESS in the order in which the Python original has them: that of their names there. */
const ORIGINAL_LABELS = ['angry', 'disgust', 'fear', 'happy', 'neutral', 'ps', 'sad'];

/**
 * A network of Keras as this project stores its own; `bundleOf` says whether it can be used.
 *
 * What is given goes before what the file says of itself, and that before what the Python original does: a mel spectrogram in
 * decibels, z-scored by clip. A network that takes frames first, or a picture with one channel, is given its input so.
 *
 * @param name - of the file, for messages
 * @throws InputError naming the option that is missing, or does not fit the network's input
 */
export async function importedModel(network: KerasNetwork, given: ImportSettings, name: string): Promise<StoredModel> {
  const { like, ...chosen } = given;
  const told = { ...like, ...toldBy(network, name) };
  const labels = given.labels ?? told.labels;
  if (!labels) throw new InputError(missingLabels(network, name));
  const { layers, ...taken } = fitted(network, { ...told, ...withoutUndefined(chosen) }, name);
  const weights = [...network.weights];
  const tensor = (from: string) => [from, 0, 0, {}];
  const modelTopology = {
    class_name: 'Model',
    config: {
      name: 'network',
      layers: layers.map(({ name, kind, config, from }) => ({
        ...{ name, class_name: kind, config },
        inbound_nodes: from.length === 0 ? [] : [from.map(tensor)],
      })),
      input_layers: network.inputs.map((input) => [input, 0, 0]),
      output_layers: [[network.output, 0, 0]],
    },
  };
  return storedArtifacts(
    {
      modelTopology,
      format: 'layers-model',
      generatedBy: 'keras',
      convertedBy: null,
      weightSpecs: weights.map(([name, { shape }]) => ({ name, shape: [...shape], dtype: 'float32' })),
      weightData: weights.map(([, { values }]) => values.slice().buffer),
    },
    { trainedOn: UNKNOWN, versions: {}, ...told, ...taken, labels: [...labels] },
  );
}

function toldBy({ metadata }: KerasNetwork, name: string): Partial<GivenSettings> {
  if (metadata === undefined) return {};
  const told = partialSettingsSchema.safeParse(metadata);
  if (told.success) return told.data;
  throw new InputError(
    `Cannot import ${name}: what it says of itself cannot be used: ${z.prettifyError(told.error).replaceAll('\n', ' ')}`,
  );
}

function withoutUndefined(settings: Omit<ImportSettings, 'like'>): Partial<GivenSettings> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

function missingLabels({ layers }: KerasNetwork, name: string): string {
  const units = layers.findLast(({ config }) => typeof config.units === 'number')?.config.units;
  const original =
    units === ORIGINAL_LABELS.length ? `, e.g. ${ORIGINAL_LABELS.join(',')}, the Python original's order of TESS` : '';
  return `Cannot import ${name}: it does not say what its ${units ?? ''} outputs mean; give \`labels\`, in their order${original}`;
}

/** What of a recording a network takes, and its layers, which may be preceded by one that turns its input. */
interface Fitted extends Pick<GivenSettings, 'features' | 'input' | 'frames' | 'normalisation' | 'answers'> {
  readonly layers: readonly LayerConfig[];
}

function fitted(network: KerasNetwork, known: Partial<GivenSettings>, name: string): Fitted {
  const { layers, inputs } = network;
  const { input, features, frames } = known;
  // A network of this project is taken as it is.
  if (input && features && frames !== undefined)
    return {
      layers,
      features,
      input,
      frames,
      normalisation: known.normalisation ?? 'clip',
      answers: known.answers ?? 'windows',
    };
  const shapes = inputs.map((each) => sizesOf(layers.find((layer) => layer.name === each)));
  const text = shapes.map((shape) => `(${shape.map((size) => size ?? 'any').join(', ')})`).join(' and ');
  const refused = (rule: string) => new InputError(`Cannot import ${name}: ${rule}, its input is ${text}`);
  if (shapes.length !== 1)
    throw refused('a network must take one input, unless `like` names the model that was trained on');
  const sizes = [...shapes[0]];
  if (sizes.length === 1) {
    if (!features) throw refused('of a network that takes one number for each band, `features` must be given');
    return {
      layers,
      features,
      input: 'vector',
      frames: 1,
      normalisation: known.normalisation ?? 'none',
      answers: 'whole',
    };
  }
  const hasChannel = sizes.length === 3 && sizes[2] === 1;
  if (hasChannel) sizes.pop();
  if (sizes.length !== 2 || sizes.includes(null))
    throw refused(
      'a network must take (bands, frames), (frames, bands), or one of them with one channel, all of them fixed',
    );
  const wanted = features ?? FEATURE_DEFAULTS;
  const bands = bandsOf(wanted);
  if (bands !== undefined && !sizes.includes(bands))
    throw refused(
      `one side must be the ${bands} bands of its features (\`features\` gives others, e.g. {"name":"mel","options":{"bands":64}})`,
    );
  const isTurned = sizes[0] !== bands && bands !== undefined;
  const [ownBands, ownFrames] = (isTurned ? sizes.reverse() : sizes) as [number, number];
  return {
    layers: turned(layers, inputs[0], { bands: ownBands, frames: ownFrames, isTurned, hasChannel }),
    ...{
      features: wanted,
      input: 'picture',
      frames: ownFrames,
      normalisation: known.normalisation ?? 'clip',
      answers: 'windows',
    },
  };
}

/** What an input takes of one clip; null where any size goes. */
function sizesOf(layer: LayerConfig | undefined): (number | null)[] {
  const shape = layer?.config.batch_input_shape;
  return Array.isArray(shape) ? shape.slice(1).map((size) => (typeof size === 'number' ? size : null)) : [];
}

/** The number of bands that features have; undefined where their options do not say. */
function bandsOf(features: FeatureSettings): number | undefined {
  return features.name === 'mel' ? features.options.bands : undefined;
}

/** Layers whose input is given as this project has it, and then turned as they take it. */
function turned(
  layers: readonly LayerConfig[],
  input: string,
  { bands, frames, isTurned, hasChannel }: { bands: number; frames: number; isTurned: boolean; hasChannel: boolean },
): LayerConfig[] {
  const added: LayerConfig[] = [];
  const add = (name: string, kind: string, config: object) =>
    added.push({ name, kind, config: { name, ...config }, from: [added.at(-1)?.name ?? input] });
  if (isTurned) add(`${input}_turned`, 'Permute', { dims: [2, 1] });
  if (hasChannel)
    add(`${input}_channel`, 'Reshape', { target_shape: [...(isTurned ? [frames, bands] : [bands, frames]), 1] });
  const last = added.at(-1)?.name ?? input;
  return layers.flatMap((layer) => {
    if (layer.name !== input) return [{ ...layer, from: layer.from.map((name) => (name === input ? last : name)) }];
    return [{ ...layer, config: { ...layer.config, batch_input_shape: [null, bands, frames] } }, ...added];
  });
}
