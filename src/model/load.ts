import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openRecording } from '../audio/decode-file.js';
import { useBackend } from '../backend/backend.js';
import type { BackendInfo, BackendName } from '../backend/info.js';
import { InputError } from '../common/errors.js';
import { loadEncoder } from '../encoder/load.js';
import { loadBundle, modelFolder, readEnsemble } from './bundle-files.js';
import { type Decode, EmotionModel, type TrainedModel } from './emotion-model.js';
import { EnsembleModel } from './ensemble-model.js';
import { CARD_FILE, type ModelSource, modelFrom } from './model-files.js';

/** The model that comes with the project, which knows ten German actors: see its card. */
export const BUILT_IN_MODEL = join(__dirname, '../../models/emodb-encoder');

/**
 * Loads a trained model.
 *
 * @param source - the folder of a run, its `model` folder, or the `model.json` in that; or the address of a model's folder on a
 *   web server, or a folder's files; default: {@link BUILT_IN_MODEL}
 * @param allowTruncated - share of a recording that may be missing, where its file is cut short; default: 0
 * @param backend - what computes; default: the native library where there is one, else WebAssembly
 * @param report - told what is odd about the backend, and about recordings
 * @throws InputError with the reason if the model is missing, damaged or incompatible
 * @example
 * const model = await loadModel('runs/first');
 * const { emotion, probability } = await model.predict('hello.wav');
 */
export async function loadModel(
  source: ModelSource = BUILT_IN_MODEL,
  {
    allowTruncated,
    backend = 'auto',
    report,
  }: { allowTruncated?: number; backend?: 'auto' | BackendName; report?: (line: string) => void } = {},
): Promise<TrainedModel> {
  const info = await useBackend(backend, { report });
  const given = source instanceof URL && source.protocol === 'file:' ? fileURLToPath(source) : source;
  // Where statistics are gathered first, a recording is read twice.
  const warned = new Set<string>();
  const decode: Decode = async (path) => {
    const recording = await openRecording(path, { allowTruncated });
    if (recording.warning !== undefined && !warned.has(path)) report?.(`${path}: ${recording.warning}`);
    warned.add(path);
    return recording;
  };
  if (typeof given !== 'string' || /^https?:/.test(given))
    return modelFrom(given, { backend: info, encoder: loadEncoder, decode });
  const directory = modelFolder(given);
  const ensemble = await readEnsemble(directory);
  if (!ensemble) return loadSingle(directory, info, decode);
  const members: EmotionModel[] = [];
  try {
    for (const name of ensemble.members) members.push(await loadSingle(join(directory, name), info, decode));
    return new EnsembleModel(members, ensemble);
  } catch (error) {
    for (const member of members) member.dispose();
    throw error;
  }
}

/**
 * The model card of a model in a folder, in Markdown: what it is, how good, and what it must not be used for.
 *
 * @param path - as {@link loadModel} takes it; default: {@link BUILT_IN_MODEL}
 * @throws InputError if there is none
 */
export function readModelCard(path = BUILT_IN_MODEL): string {
  const file = join(modelFolder(path), CARD_FILE);
  if (!existsSync(file)) throw new InputError(`Cannot read a model card: there is no ${file}`);
  return readFileSync(file, 'utf8');
}

async function loadSingle(directory: string, backend: BackendInfo, decode: Decode): Promise<EmotionModel> {
  const bundle = await loadBundle(directory);
  const { encoder } = bundle.settings;
  const parts = { decode, encoder: encoder && (await loadEncoder(encoder.name)) };
  return new EmotionModel(bundle, backend, parts);
}
