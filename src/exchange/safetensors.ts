import { storedModel } from '../model/bundle.js';
import { type ExportFormat, singleNetwork } from './export-format.js';
import { METADATA_KEY, metadataOf } from './metadata.js';

/** Bytes that a file's header is a multiple of, so that the numbers after it lie at even addresses. */
const ALIGNMENT = 8;

/**
 * The weights by name in one file, and in its metadata, as JSON, what the network takes and gives and of which layers it
 * consists.
 *
 * @see https://github.com/huggingface/safetensors
 */
export const safetensors: ExportFormat = {
  description: 'the weights by name in one file, for PyTorch, JAX, NumPy and others',
  write: async (model) => {
    const { network, settings } = singleNetwork(model, 'safetensors');
    const { json, weights } = await storedModel(network, metadataOf(settings));
    let at = 0;
    const tensors = json.weightsManifest[0].weights.map(({ name, shape }) => {
      const from = at;
      at += Float32Array.BYTES_PER_ELEMENT * shape.reduce((size, length) => size * length, 1);
      return [name, { dtype: 'F32', shape, data_offsets: [from, at] }] as const;
    });
    const metadata = {
      format: 'tfjs',
      [METADATA_KEY]: JSON.stringify(metadataOf(settings)),
      layers: JSON.stringify(json.modelTopology),
    };
    const header = JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(tensors) });
    const encoded = new TextEncoder().encode(header);
    const padded = Math.ceil(encoded.length / ALIGNMENT) * ALIGNMENT;
    const bytes = new Uint8Array(8 + padded + weights.length).fill(' '.charCodeAt(0), 8 + encoded.length, 8 + padded);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
    bytes.set(encoded, 8);
    bytes.set(weights, 8 + padded);
    return [{ name: 'model.safetensors', bytes }];
  },
};
