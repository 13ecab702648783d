import { join } from 'node:path';
import { openRecording } from '../audio/decode-file.js';
import { useBackend } from '../backend/backend.js';
import type { BackendInfo, BackendName } from '../backend/info.js';
import { loadEncoder } from '../encoder/load.js';
import { loadBundle, modelFolder, readEnsemble } from './bundle-files.js';
import { type Decode, EmotionModel, type TrainedModel } from './emotion-model.js';
import { EnsembleModel } from './ensemble-model.js';

/** The model that comes with the project, which knows ten German actors: see its card. */
export const BUILT_IN_MODEL = join(__dirname, '../../models/emodb-encoder');

/**
 * Loads a trained model.
 *
 * @param path - the folder of a run, its `model` folder, or the `model.json` in that; default: {@link BUILT_IN_MODEL}
 * @param allowTruncated - share of a recording that may be missing, where its file is cut short; default: 0
 * @param backend - what computes; default: the native library where there is one, else WebAssembly
 * @param report - told what is odd about the backend, and about recordings
 * @throws InputError with the reason if the model is missing, damaged or incompatible
 * @example
 * const model = await loadModel('runs/first');
 * const { emotion, probability } = await model.predict('hello.wav');
 */
export async function loadModel(
  path = BUILT_IN_MODEL,
  {
    allowTruncated,
    backend = 'auto',
    report,
  }: { allowTruncated?: number; backend?: 'auto' | BackendName; report?: (line: string) => void } = {},
): Promise<TrainedModel> {
  const info = await useBackend(backend, { report });
  const directory = modelFolder(path);
  const ensemble = await readEnsemble(directory);
  // Where statistics are gathered first, a recording is read twice.
  const warned = new Set<string>();
  const decode: Decode = async (path) => {
    const recording = await openRecording(path, { allowTruncated });
    if (recording.warning !== undefined && !warned.has(path)) report?.(`${path}: ${recording.warning}`);
    warned.add(path);
    return recording;
  };
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

async function loadSingle(directory: string, backend: BackendInfo, decode: Decode): Promise<EmotionModel> {
  const bundle = await loadBundle(directory);
  const { encoder } = bundle.settings;
  const parts = { decode, encoder: encoder && (await loadEncoder(encoder.name)) };
  return new EmotionModel(bundle, backend, parts);
}
