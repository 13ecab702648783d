import { type DecodeOptions, decodeBytes, type Recording } from '../../audio/decode.js';
import { decodeFile } from '../../audio/decode-file.js';
import { type ClipFeatures, checkRecording } from '../clip-features.js';
import { extractorFor, type FeatureSettings } from '../features.js';

/**
 * Prepares the way from a file to its features.
 *
 * @param decoding - how the file is read
 * @returns a function from a path, and the file's content if it is known already, to features; it throws InputError with
 *   path and reason for an unusable recording
 */
export function createFileExtractor(
  features: FeatureSettings,
  decoding: DecodeOptions = {},
): (path: string, content?: Uint8Array) => Promise<ClipFeatures> {
  const extract = extractorFor(features);
  return async (path, content) =>
    extract(checked(await (content ? decodeBytes(content, path, decoding) : decodeFile(path, decoding)), path));
}

function checked(recording: Recording, path: string): Recording {
  checkRecording(recording, path);
  return recording;
}
