import { dispose, engine, io } from '@tensorflow/tfjs-core';
import { type LayersModel, models } from '@tensorflow/tfjs-layers';
import { InputError, reasonOf } from '../common/errors.js';
import { INPUTS } from '../dataset/inputs.js';
import { STATE_SIZE } from '../encoder/whisper.js';
// The layers that are not tfjs's own: a saved network names them, also where nothing else has loaded them.
import '../networks/statistics-pooling.js';
import '../networks/unit-normalization.js';
import { predictProbabilities } from '../networks/probabilities.js';
import {
  checkedDescription,
  checkedEnsemble,
  type EnsembleSettings,
  FORMAT,
  type GivenSettings,
  type ModelSettings,
} from './settings.js';
import { requireModestOutputs, withinWeights } from './topology.js';

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

/** Characters of a reason that comes from tfjs. */
const LONGEST_REASON = 200;

/** Frames of the clip that a network which takes whole clips is tried with. */
const TRIAL_FRAMES = 128;

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
  return storedArtifacts(saved!, settings);
}

/**
 * The same of what tfjs says of a network, or of what it would say of one that was made elsewhere. Whether it can be used,
 * {@link bundleOf} says.
 */
export async function storedArtifacts(
  { modelTopology, weightSpecs, weightData, format, generatedBy, convertedBy }: io.ModelArtifacts,
  settings: GivenSettings,
): Promise<StoredModel> {
  const weights = new Uint8Array(io.CompositeArrayBuffer.join(weightData!));
  const weightsSha256 = await sha256(weights);
  const userDefinedMetadata: ModelSettings = { format: FORMAT, ...settings, weightsSha256 };
  const json = {
    modelTopology: modelTopology as object,
    format,
    generatedBy,
    convertedBy,
    weightsManifest: [{ paths: [weightsFile(weightsSha256)], weights: weightSpecs! }],
    userDefinedMetadata,
  } as io.ModelJSON;
  return {
    json: { ...json, userDefinedMetadata: { ...userDefinedMetadata, checksum: await checksumOf(json) } },
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
  const { settings, topology, weights: weightSpecs, weightCount } = checkedDescription(json, where);
  if ((await sha256(weights)) !== settings.weightsSha256)
    throw new InputError(
      `Cannot load the model in ${where}: its weights are damaged (their checksum differs); train it again or copy it anew`,
    );
  await requireUnchanged(json, where);
  return withoutLeftovers(async () => {
    let network: LayersModel;
    try {
      const described = { modelTopology: withinWeights(topology, weightCount) };
      network = await models.modelFromJSON(described as Parameters<typeof models.modelFromJSON>[0]);
      const values = io.decodeWeights(new Uint8Array(weights).buffer, weightSpecs as io.WeightsManifestEntry[]);
      network.loadWeights(values);
      dispose(values);
      requireModestOutputs(network);
    } catch (error) {
      throw new InputError(`Cannot load the model in ${where}: ${shortReasonOf(error)}`);
    }
    checkShapes(network, settings, where);
    checkAnswers(network, settings, where);
    return { network, settings };
  });
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

/** tfjs's messages may repeat whole layers. */
function shortReasonOf(error: unknown): string {
  const reason = reasonOf(error);
  return reason.length > LONGEST_REASON ? `${reason.slice(0, LONGEST_REASON)}…` : reason;
}

/** Asks the network once: one that cannot answer is refused here, not in the middle of somebody's recordings. */
function checkAnswers(network: LayersModel, { input, frames: wanted, labels }: ModelSettings, where: string): void {
  const kind = INPUTS[input];
  const bands = network.inputs[0].shape[1]!;
  const shapes = kind.shapes({ bands, frames: kind.frames(() => TRIAL_FRAMES, wanted) });
  const write = (_: number, into: readonly Float32Array[]) => {
    for (const values of into) values.fill(1);
  };
  let probabilities: Float32Array;
  try {
    probabilities = predictProbabilities(network, { count: 1, shapes, write });
  } catch (error) {
    throw new InputError(`Cannot use the model in ${where}: ${shortReasonOf(error)}`);
  }
  const sum = probabilities.reduce((total, probability) => total + Math.abs(probability), 0);
  if (!(Math.abs(sum - 1) < 1e-3))
    throw new InputError(`Cannot use the model in ${where}: its ${labels.length} probabilities do not add up to 1`);
}

/**
 * The checksum of what a model says of itself: of its JSON without spaces, so that it may be written in lines or not.
 *
 * @param json - without the checksum
 */
function checksumOf(json: io.ModelJSON): Promise<string> {
  return sha256(new TextEncoder().encode(JSON.stringify(json)));
}

/**
 * The settings of several models that answer as one; undefined where a `model.json` is not of such.
 *
 * @param json - whatever was read
 * @param where - the models, for messages
 * @throws InputError with the reason if they are damaged or incompatible
 */
export async function ensembleOf(json: unknown, where: string): Promise<EnsembleSettings | undefined> {
  if (!Object.hasOwn(Object(json), 'members')) return undefined;
  const { checksum, ...settings } = json as { checksum?: unknown };
  const checked = checkedEnsemble(settings, where);
  if (checksum !== undefined && checksum !== (await sha256(new TextEncoder().encode(JSON.stringify(settings)))))
    throw changedSinceSaved(where);
  return checked;
}

/** Models of earlier versions have no checksum, and pass. */
async function requireUnchanged(json: io.ModelJSON, where: string): Promise<void> {
  const { checksum, ...settings } = json.userDefinedMetadata as ModelSettings & { checksum?: unknown };
  if (checksum !== undefined && checksum !== (await checksumOf({ ...json, userDefinedMetadata: settings })))
    throw changedSinceSaved(where);
}

function changedSinceSaved(where: string): InputError {
  return new InputError(
    `Cannot load the model in ${where}: it was changed since it was saved (its checksum differs); train it again or copy it anew`,
  );
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
      `Cannot load the model in ${where}: its settings need shapes ${JSON.stringify(expected)}, its network has ${JSON.stringify(found).slice(0, LONGEST_REASON)}`,
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
