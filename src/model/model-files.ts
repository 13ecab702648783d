import type { BackendInfo } from '../backend/info.js';
import { InputError, reasonOf } from '../common/errors.js';
import type { Encoder, EncoderName } from '../encoder/encoder.js';
import { type Bundle, bundleOf, ensembleOf, weightsFile } from './bundle.js';
import { EmotionModel, type ModelParts, type TrainedModel } from './emotion-model.js';
import { EnsembleModel } from './ensemble-model.js';
import { checkedDescription } from './settings.js';

/** A file of a folder, by its path in it. */
export interface FolderFile {
  readonly path: string;
  readonly blob: Blob;
}

/** Where a model is: the address of its folder on a web server, or the files of its folder or its run's. */
export type ModelSource = string | URL | readonly FolderFile[];

/** Reads a file of a model's folder, by its path in it; undefined if there is no such file. */
export type ReadFile = (path: string) => Promise<Blob | undefined>;

/** A model out of a folder. */
export interface FolderModel {
  readonly model: TrainedModel;
  /** The model card, in Markdown. */
  readonly card?: string;
  /** Frees the networks, and leaves the encoder to others. */
  readonly dispose: () => void;
}

export interface FolderParts extends Pick<ModelParts, 'decode'> {
  readonly backend: BackendInfo;
  /** Provides the encoder that a model names. */
  readonly encoder: (name: EncoderName) => Promise<Encoder>;
}

const MODEL_FILE = 'model.json';
const OF_RUN = 'model/';

/** The model card of a folder, in Markdown. */
export const CARD_FILE = 'MODEL_CARD.md';

/** A description is shorter: nobody's video is read as one. */
const LARGEST_DESCRIPTION = 10e6;

/**
 * Makes a model of the files of a folder: a run's, or that of its model.
 *
 * @param folder - its name, for messages
 * @throws InputError with the reason if there is no model in it, or it cannot be used
 */
export async function modelOf(files: readonly FolderFile[], folder: string, parts: FolderParts): Promise<FolderModel> {
  const byPath = new Map(files.map(({ path, blob }) => [path, blob]));
  const directory = directoryOfModel([...byPath.keys()], folder);
  return readModel(async (path) => byPath.get(directory + path), `${folder}/${directory}`.replace(/\/$/, ''), parts);
}

/** Makes a model of what is at an address, or of given files. @throws InputError as {@link modelOf} */
export async function modelFrom(source: ModelSource, parts: FolderParts): Promise<TrainedModel> {
  if (typeof source !== 'string' && !(source instanceof URL))
    return (await modelOf(source, 'the given files', parts)).model;
  const folder = String(source).replace(/\/?$/, '/');
  return (await readModel((path) => fetchedFrom(folder + path), folder, parts)).model;
}

/**
 * What is at an address; undefined if there is nothing.
 *
 * @throws InputError if it cannot be reached
 */
export async function fetchedFrom(address: string | URL): Promise<Blob | undefined> {
  const response = await fetch(address).catch((error) => {
    // Node says in the cause why it failed.
    throw new InputError(`Cannot load ${address}: ${reasonOf(error.cause ?? error)}`);
  });
  if (response.status === 404) return undefined;
  if (!response.ok) throw new InputError(`Cannot load ${address}: the server says ${response.status}`);
  return response.blob();
}

/**
 * Makes a model of the files of its folder, wherever they are.
 *
 * @param folder - its name, for messages
 * @throws InputError with the reason if one is missing, damaged or incompatible
 */
export async function readModel(find: ReadFile, folder: string, parts: FolderParts): Promise<FolderModel> {
  const read = async (path: string) => {
    const blob = await find(path);
    if (!blob) throw new InputError(`Cannot load the model in ${folder}: ${path} is missing`);
    return blob;
  };
  const bundles: Bundle[] = [];
  const single = async (inner: string): Promise<EmotionModel> => {
    const json = await jsonOf(await read(inner + MODEL_FILE), folder);
    const { settings } = checkedDescription(json, folder);
    const weights = new Uint8Array(await (await read(inner + weightsFile(settings.weightsSha256))).arrayBuffer());
    const bundle = await bundleOf({ json: json as Parameters<typeof bundleOf>[0]['json'], weights }, folder);
    bundles.push(bundle);
    const { encoder } = bundle.settings;
    return new EmotionModel(bundle, parts.backend, {
      decode: parts.decode,
      encoder: encoder && (await parts.encoder(encoder.name)),
    });
  };
  const dispose = () => {
    for (const { network } of bundles) network.dispose();
  };
  try {
    const ensemble = await ensembleOf(await jsonOf(await read(MODEL_FILE), folder), folder);
    const members: EmotionModel[] = [];
    for (const name of ensemble?.members ?? []) members.push(await single(`${name}/`));
    const model = ensemble ? new EnsembleModel(members, ensemble) : await single('');
    return { model, card: await (await find(CARD_FILE))?.text(), dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** Where the model is: in the folder that a run keeps it in, or the folder is that. */
function directoryOfModel(paths: readonly string[], folder: string): string {
  const directory = [OF_RUN, ''].find((each) => paths.includes(each + MODEL_FILE));
  if (directory === undefined)
    throw new InputError(
      `Cannot load a model from ${folder}: there is no ${MODEL_FILE} in it; give the folder of a finished run, or of its model`,
    );
  return directory;
}

async function jsonOf(blob: Blob, folder: string): Promise<unknown> {
  if (blob.size > LARGEST_DESCRIPTION)
    throw new InputError(`Cannot load the model in ${folder}: its ${MODEL_FILE} is too large to be one`);
  try {
    return JSON.parse(await blob.text());
  } catch (error) {
    throw new InputError(`Cannot load the model in ${folder}: its ${MODEL_FILE} is damaged: ${reasonOf(error)}`);
  }
}
