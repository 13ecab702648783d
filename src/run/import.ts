/**
 * A network that was trained with Keras, for use here. In: its file, and what the file does not say. Out: a model's folder, on
 * which `predict`, `evaluate` and `stress` work.
 */
import { readdirSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { useBackend } from '../backend/backend.js';
import type { BackendName } from '../backend/info.js';
import { InputError } from '../common/errors.js';
import { readWhole, writeFile } from '../common/files.js';
import { emotionOf } from '../corpora/emotions.js';
import { cardBeside } from '../exchange/card.js';
import { type ImportSettings, importedModel } from '../exchange/keras-import.js';
import { LARGEST_KERAS_FILE, readKeras } from '../exchange/keras-reading.js';
import { bundleOf } from '../model/bundle.js';
import { loadBundles, saveStored } from '../model/bundle-files.js';
import { CARD_FILE } from '../model/model-files.js';
import type { GivenSettings } from '../model/settings.js';

/** How a network is imported. */
export interface ImportOptions extends Omit<ImportSettings, 'like'> {
  /** The folder of the model that the network was trained on from: what the file does not say is as there. */
  readonly like?: string;
  /** The model's folder, new or empty; default: named after the file, in the current one. */
  readonly out?: string;
  /** What computes while it is tried; default: the native library where there is one, else WebAssembly. */
  readonly backend?: 'auto' | BackendName;
}

/** What was imported. */
export interface ImportResult {
  readonly directory: string;
  readonly settings: GivenSettings;
  readonly parameters: number;
}

/**
 * Imports a network that Keras has saved, once it has been tried; otherwise nothing is written.
 *
 * @param path - a `.keras` file, or an `.h5` file with a whole network
 * @throws InputError naming the layer that cannot be imported, the option that is missing, or what is wrong with the file
 */
export async function importModel(path: string, options: ImportOptions = {}): Promise<ImportResult> {
  const { out: directory = basename(path, extname(path)), backend, labels, like, ...given } = options;
  requireEmpty(directory);
  const network = readKeras(readWhole(path, LARGEST_KERAS_FILE), path);
  await useBackend(backend);
  const known = {
    ...given,
    labels: labels?.map(emotionOf),
    like: like === undefined ? undefined : await settingsOf(like),
  };
  const stored = await importedModel(network, known, path);
  const tried = await bundleOf(stored, path);
  const parameters = tried.network.countParams();
  tried.network.dispose();
  saveStored(directory, stored);
  writeFile(join(directory, CARD_FILE), cardBeside({ members: [tried] }, undefined));
  return { directory, settings: tried.settings, parameters };
}

/** The settings of a model that is one network. */
async function settingsOf(path: string): Promise<GivenSettings> {
  const { members, ensemble } = await loadBundles(path);
  for (const { network } of members) network.dispose();
  if (ensemble)
    throw new InputError(
      `Cannot import a network like ${path}: it must be one network, current one averages ${ensemble.members.join(' and ')}`,
    );
  return members[0].settings;
}

function requireEmpty(directory: string): void {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    throw new InputError(
      `Cannot write a model to ${directory}: ${code === 'ENOTDIR' ? 'it is a file, not a folder' : code}`,
    );
  }
  if (names.length > 0)
    throw new InputError(`Cannot write a model to ${directory}: it is not empty; choose another \`directory\``);
}
