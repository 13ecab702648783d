import { engine, io } from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { InputError, reasonOf } from '../common/errors.js';
import { INPUTS } from '../dataset/inputs.js';
import { STATE_SIZE } from '../encoder/whisper.js';
// The one layer that is not tfjs's own: a saved network names it, also where nothing else has loaded it.
import '../networks/statistics-pooling.js';
import { checkedSettings, FORMAT, type GivenSettings, type ModelSettings } from './settings.js';

/** A network and all that it needs to be used on recordings. */
export interface Bundle {
  readonly network: LayersModel;
  readonly settings: ModelSettings;
}

/** A model as it is stored. */
export interface StoredModel {
  /** tfjs's `model.json`, with our settings as its user-defined metadata. */
  readonly json: io.ModelJSON;
  /** All weights, as `json` describes them. */
  readonly weights: Uint8Array;
}

/** The name of the file with the weights, which says what is in it. */
export function weightsFile(weightsSha256: string): string {
  return `weights-${weightsSha256.slice(0, 12)}.bin`;
}

/** A model as it is to be stored: tfjs itself can load it, too. */
export async function storedModel(network: LayersModel, settings: GivenSettings): Promise<StoredModel> {
  let saved: io.ModelArtifacts | undefined;
  await network.save(
    io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: io.getModelArtifactsInfoForJSON(artifacts) };
    }),
  );
  const { modelTopology, weightSpecs, weightData, format, generatedBy, convertedBy } = saved!;
  const weights = new Uint8Array(io.CompositeArrayBuffer.join(weightData!));
  const weightsSha256 = await sha256(weights);
  const userDefinedMetadata: ModelSettings = { format: FORMAT, ...settings, weightsSha256 };
  return {
    json: {
      modelTopology: modelTopology as object,
      format,
      generatedBy,
      convertedBy,
      weightsManifest: [{ paths: [weightsFile(weightsSha256)], weights: weightSpecs! }],
      userDefinedMetadata,
    } as io.ModelJSON,
    weights,
  };
}

/**
 * Makes a stored model ready for use, and checks that it is whole and of a kind that this version understands. A backend
 * must be set.
 *
 * @param where - the model, for messages
 * @throws InputError with the reason if it is damaged or incompatible
 */
export async function bundleOf({ json, weights }: StoredModel, where: string): Promise<Bundle> {
  const settings = checkedSettings(json.userDefinedMetadata, where);
  if ((await sha256(weights)) !== settings.weightsSha256)
    throw new InputError(
      `Cannot load the model in ${where}: its weights are damaged (their checksum differs); train it again or copy it anew`,
    );
  return withoutLeftovers(async () => {
    const network = await networkOf({ json, weights }).catch((error) => {
      throw new InputError(`Cannot load the model in ${where}: ${reasonOf(error)}`);
    });
    checkShapes(network, settings, where);
    return { network, settings };
  });
}

function networkOf({ json, weights }: StoredModel): Promise<LayersModel> {
  return loadLayersModel(
    io.fromMemory({
      modelTopology: json.modelTopology,
      weightSpecs: json.weightsManifest[0].weights,
      weightData: new Uint8Array(weights).buffer,
    }),
  );
}

/**
 * Frees what tfjs has made of a network that is refused in the end, which it leaves otherwise.
 *
 * @param load - waits for nothing but itself, so that no other network is made meanwhile
 */
async function withoutLeftovers<T>(load: () => Promise<T>): Promise<T> {
  const earlier = new Set(Object.keys(engine().registeredVariables));
  engine().startScope();
  try {
    return await load();
  } catch (error) {
    for (const [name, variable] of Object.entries(engine().registeredVariables))
      if (!earlier.has(name)) variable.dispose();
    throw error;
  } finally {
    engine().endScope();
  }
}

function checkShapes(network: LayersModel, settings: ModelSettings, where: string): void {
  const { trainStatistics, normalisation, frames, labels } = settings;
  // The network says how many bands there are: not every feature has them as an option.
  const bands = network.inputs[0].shape[1] ?? 0;
  const shapes = INPUTS[settings.input].shapes({ bands: bandsOf(settings) ?? bands, frames });
  const expected = [...shapes.map((shape) => [null, ...shape]), [null, labels.length]];
  const found = [...network.inputs, ...network.outputs].map(({ shape }) => shape);
  const fits =
    found.length === expected.length &&
    found.every(
      (shape, k) =>
        shape.length === expected[k].length && shape.every((size, i) => size === null || size === expected[k][i]),
    );
  if (!fits)
    throw new InputError(
      `Cannot load the model in ${where}: its settings need shapes ${JSON.stringify(expected)}, its network has ${JSON.stringify(found)}`,
    );
  const sizes = [trainStatistics?.mean.length, trainStatistics?.std.length];
  if (normalisation === 'train' && sizes.some((size) => size !== bands))
    throw new InputError(
      `Cannot load the model in ${where}: it needs the training set's mean and deviation of ${bands} bands, and has ${sizes.map((size) => size ?? 0).join(' and ')}`,
    );
}

/** The number of bands that the features have by their options. */
function bandsOf({ features, encoder }: ModelSettings): number | undefined {
  if (encoder) return STATE_SIZE;
  return features.name === 'mel' ? features.options.bands : undefined;
}

/** By the one implementation that browsers and Node share. */
async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes as BufferSource);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
