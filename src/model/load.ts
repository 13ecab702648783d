import { join } from 'node:path';
import { decodeFile } from '../audio/decode-file.js';
import { useBackend } from '../backend/backend.js';
import type { BackendInfo, BackendName } from '../backend/info.js';
import { loadEncoder } from '../encoder/load.js';
import { loadBundle, readEnsemble } from './bundle-files.js';
import { EmotionModel, type TrainedModel } from './emotion-model.js';
import { EnsembleModel } from './ensemble-model.js';

/**
 * Loads a trained model.
 *
 * @param directory - the `model` folder of a run
 * @param backend - what computes; default: the native library where there is one, else WebAssembly
 * @throws InputError with the reason if the model is missing, damaged or incompatible
 * @example
 * const model = await loadModel('runs/first/model');
 * const { emotion, probability } = await model.predict('hello.wav');
 */
export async function loadModel(
  directory: string,
  { backend = 'auto', report }: { backend?: 'auto' | BackendName; report?: (line: string) => void } = {},
): Promise<TrainedModel> {
  const info = await useBackend(backend, { report });
  const ensemble = readEnsemble(directory);
  if (!ensemble) return loadSingle(directory, info);
  const members: EmotionModel[] = [];
  for (const name of ensemble.members) members.push(await loadSingle(join(directory, name), info));
  return new EnsembleModel(members, ensemble);
}

async function loadSingle(directory: string, backend: BackendInfo): Promise<EmotionModel> {
  const bundle = await loadBundle(directory);
  const { encoder } = bundle.settings;
  const parts = { decode: decodeFile, encoder: encoder && (await loadEncoder(encoder.name)) };
  return new EmotionModel(bundle, backend, parts);
}
