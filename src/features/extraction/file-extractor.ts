import { decodeBytes, type Recording } from '../../audio/decode.js';
import { decodeFile } from '../../audio/decode-file.js';
import type { DecodeOptions } from '../../audio/formats.js';
import { cutSegment, type Segment, sourceName } from '../../audio/segment.js';
import { type ConditionSettings, underCondition } from '../../conditions/under-condition.js';
import { type ClipFeatures, checkRecording } from '../clip-features.js';
import { extractorFor, type FeatureSettings } from '../features.js';

/** How a file is read, and what becomes of its sound before features are computed. */
export interface FileOptions extends DecodeOptions {
  /** The condition that recordings are put under; default: they stay as they are. */
  readonly condition?: ConditionSettings;
}

/**
 * Prepares the way from a file to its features.
 *
 * @returns a function from a path, and the file's content if it is known already, to features; or to those of a segment; it throws
 *   InputError with path and reason for an unusable recording
 */
export function createFileExtractor(
  features: FeatureSettings,
  { condition, ...decoding }: FileOptions = {},
): (path: string, content?: Uint8Array, segment?: Segment) => Promise<ClipFeatures> {
  const compute = extractorFor(features);
  const extract = (recording: Recording) => compute(condition ? underCondition(recording, condition) : recording);
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
