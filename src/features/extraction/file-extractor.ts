import { decodeBytes, type Recording } from '../../audio/decode.js';
import { decodeFile } from '../../audio/decode-file.js';
import type { DecodeOptions } from '../../audio/formats.js';
import { cutSegment, type Segment, sourceName } from '../../audio/segment.js';
import { type ClipFeatures, checkRecording } from '../clip-features.js';
import { extractorFor, type FeatureSettings } from '../features.js';

/**
 * Prepares the way from a file to its features.
 *
 * @param decoding - how the file is read
 * @returns a function from a path, and the file's content if it is known already, to features; or to those of a segment; it throws
 *   InputError with path and reason for an unusable recording
 */
export function createFileExtractor(
  features: FeatureSettings,
  decoding: DecodeOptions = {},
): (path: string, content?: Uint8Array, segment?: Segment) => Promise<ClipFeatures> {
  const extract = extractorFor(features);
  const decode = (path: string, content?: Uint8Array) =>
    content ? decodeBytes(content, path, decoding) : decodeFile(path, decoding);
  // Segments of a recording follow one another: it is decoded once for all of them.
  let latest: { readonly path: string; readonly recording: Promise<Recording> } | undefined;
  return async (path, content, segment) => {
    if (!segment || latest?.path !== path) latest = undefined;
    if (!segment) return extract(checked(await decode(path, content), path));
    latest ??= { path, recording: decode(path, content) };
    const cut = cutSegment(await latest.recording, segment, path);
    return extract(checked(cut, sourceName({ path, segment })));
  };
}

function checked(recording: Recording, path: string): Recording {
  checkRecording(recording, path);
  return recording;
}
