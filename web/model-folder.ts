import type { BackendInfo } from '../src/backend/info.js';
import { InputError, reasonOf } from '../src/common/errors.js';
import type { Encoder, EncoderName } from '../src/encoder/encoder.js';
import { type Bundle, bundleOf, ensembleOf, weightsFile } from '../src/model/bundle.js';
import { EmotionModel, type TrainedModel } from '../src/model/emotion-model.js';
import { EnsembleModel } from '../src/model/ensemble-model.js';
import { checkedDescription } from '../src/model/settings.js';
import type { FolderFile } from './messages.js';

/** A model out of a folder. */
export interface FolderModel {
  readonly model: TrainedModel;
  /** The model card, in Markdown. */
  readonly card?: string;
  /** Frees the networks, and leaves the encoder to others. */
  readonly dispose: () => void;
}

interface Parts {
  readonly backend: BackendInfo;
  /** Provides the encoder that a model names. */
  readonly encoder: (name: EncoderName) => Promise<Encoder>;
}

const MODEL_FILE = 'model.json';
const OF_RUN = 'model/';

/** A description is shorter: nobody's video is read as one. */
const LARGEST_DESCRIPTION = 10e6;

/**
 * Makes a model of the files of a folder: a run's, or that of its model.
 *
 * @param folder - its name, for messages
 * @throws InputError with the reason if there is no model in it, or it cannot be used
 */
export async function modelOf(files: readonly FolderFile[], folder: string, parts: Parts): Promise<FolderModel> {
  const byPath = new Map(files.map(({ path, blob }) => [path, blob]));
  const directory = directoryOfModel([...byPath.keys()], folder);
  const read = async (path: string) => {
    const blob = byPath.get(directory + path);
    if (!blob) throw new InputError(`Cannot load the model in ${folder}: ${directory}${path} is missing`);
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
    return new EmotionModel(bundle, parts.backend, { encoder: encoder && (await parts.encoder(encoder.name)) });
  };
  const dispose = () => {
    for (const { network } of bundles) network.dispose();
  };
  try {
    const ensemble = await ensembleOf(await jsonOf(await read(MODEL_FILE), folder), folder);
    const members: EmotionModel[] = [];
    for (const name of ensemble?.members ?? []) members.push(await single(`${name}/`));
    const model = ensemble ? new EnsembleModel(members, ensemble) : await single('');
    return { model, card: await byPath.get(`${directory}MODEL_CARD.md`)?.text(), dispose };
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
