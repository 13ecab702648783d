import { useWasmAt } from '../backend/in-browser.js';
import { InputError, UsageError } from '../common/errors.js';
import { Encoder } from '../encoder/encoder.js';
import type { TrainedModel } from './emotion-model.js';
import { fetchedFrom, type ModelSource, modelFrom } from './model-files.js';

/** What a model needs in a browser beside its own folder. */
export interface BrowserOptions {
  /** Address of `tfjs-backend-wasm-simd.wasm`, which is in the package `@tensorflow/tfjs-backend-wasm`. */
  readonly wasm: string | URL;
  /** The encoder's weights or their address, for models that have one: `whisper-base-3.safetensors` of this package. */
  readonly encoder?: string | URL | Uint8Array;
}

/**
 * Loads a trained model in a browser.
 *
 * @param source - the address of the model's folder on a web server, or the files of the folder
 * @throws InputError with the reason if the model is missing, damaged or incompatible
 * @throws UsageError if it needs an encoder, and none is given
 * @example
 * const model = await loadModel('/models/emodb-encoder/', { wasm, encoder });
 * const { emotion, probability } = await model.predict(audioBuffer);
 */
export async function loadModel(source: ModelSource, { wasm, encoder }: BrowserOptions): Promise<TrainedModel> {
  const backend = await useWasmAt(String(wasm));
  return modelFrom(source, {
    backend,
    encoder: async (name) => {
      if (encoder === undefined)
        throw new UsageError(`Cannot use this model without its encoder: the weights of ${name} must be given`);
      return Encoder.from(name, encoder instanceof Uint8Array ? encoder : await weightsAt(encoder));
    },
  });
}

async function weightsAt(address: string | URL): Promise<Uint8Array> {
  const blob = await fetchedFrom(address);
  if (!blob) throw new InputError(`Cannot load the encoder: there is nothing at ${address}`);
  return new Uint8Array(await blob.arrayBuffer());
}
