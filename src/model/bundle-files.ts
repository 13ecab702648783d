import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { io } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { InputError } from '../common/errors.js';
import { readJson, readWhole, writeFile, writeJson } from '../common/files.js';
import { sha256 } from '../common/sha256.js';
import { type Bundle, bundleOf, ensembleOf, type StoredModel, storedModel, weightsFile } from './bundle.js';
import { checkedDescription, type EnsembleSettings, FORMAT, type GivenSettings } from './settings.js';

/** Where a run keeps its model. */
export const MODEL_FOLDER = 'model';

const MODEL_FILE = 'model.json';

/**
 * Saves a model as a folder that tfjs itself can load too: `model.json`, with our settings as its user-defined metadata,
 * and the weights in a file named after their content.
 *
 * The weights are written before `model.json` names them, so that an interrupted save leaves the earlier model.
 */
export async function saveBundle(directory: string, network: LayersModel, settings: GivenSettings): Promise<void> {
  saveStored(directory, await storedModel(network, settings));
}

/** The same of a model that is to be stored as it is. */
export function saveStored(directory: string, { json, weights }: StoredModel): void {
  const [name] = json.weightsManifest[0].paths;
  writeFile(join(directory, name), weights);
  writeJson(join(directory, MODEL_FILE), json);
  for (const other of readdirSync(directory))
    if (/^weights-.*\.bin$/.test(other) && other !== name) rmSync(join(directory, other));
}

/** A model's folder: it may be given as itself, as its run's, which is what a run prints, or by its `model.json`. */
export function modelFolder(path: string): string {
  const ofRun = join(path, MODEL_FOLDER);
  if (existsSync(join(ofRun, MODEL_FILE))) return ofRun;
  return basename(path) === MODEL_FILE ? dirname(path) : path;
}

/**
 * Loads a saved model, see {@link bundleOf}. A backend must be set.
 *
 * @throws InputError with the reason if it is missing, damaged or incompatible
 */
export async function loadBundle(directory: string): Promise<Bundle> {
  const path = join(directory, MODEL_FILE);
  if (!existsSync(path))
    throw new InputError(
      `Cannot load a model from ${directory}: there is no ${MODEL_FILE}; give the folder of a finished run, or of its model`,
    );
  const json = readJson(path) as io.ModelJSON;
  const { settings, weightCount } = checkedDescription(json, directory);
  // The name is not taken from the file, which may name any file of this machine.
  const weights = join(directory, weightsFile(settings.weightsSha256));
  if (!existsSync(weights))
    throw new InputError(`Cannot load the model in ${directory}: its weights, ${weights}, are missing`);
  return bundleOf({ json, weights: readWhole(weights, Float32Array.BYTES_PER_ELEMENT * weightCount) }, directory);
}

/**
 * Loads the networks of a model: one, or those of an ensemble with its settings. A backend must be set.
 *
 * @param path - as {@link modelFolder} takes it
 * @throws InputError with the reason if one is missing, damaged or incompatible
 */
export async function loadBundles(
  path: string,
): Promise<{ readonly members: readonly Bundle[]; readonly ensemble?: EnsembleSettings }> {
  const directory = modelFolder(path);
  const ensemble = await readEnsemble(directory);
  if (!ensemble) return { members: [await loadBundle(directory)] };
  const members: Bundle[] = [];
  try {
    for (const name of ensemble.members) members.push(await loadBundle(join(directory, name)));
    return { members, ensemble };
  } catch (error) {
    for (const { network } of members) network.dispose();
    throw error;
  }
}

/**
 * Saves several models that answer as one: each in a folder of its own, and a `model.json` that names them, written last.
 *
 * @param models - the members' folders, in the order of the settings
 */
export function saveEnsemble(
  directory: string,
  models: readonly string[],
  settings: Omit<EnsembleSettings, 'format'>,
): void {
  for (const [m, model] of models.entries()) cpSync(model, join(directory, settings.members[m]), { recursive: true });
  const json = { format: FORMAT, ...settings };
  writeJson(join(directory, MODEL_FILE), { ...json, checksum: sha256(JSON.stringify(json)) });
}

/** The settings of several models that answer as one, see {@link ensembleOf}. */
export async function readEnsemble(directory: string): Promise<EnsembleSettings | undefined> {
  const path = join(directory, MODEL_FILE);
  return existsSync(path) ? ensembleOf(readJson(path), directory) : undefined;
}
