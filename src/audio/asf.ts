import { type EncodedHeader, FormatError, HeaderError, type Truncation, truncationByBytes } from './header.js';
import { type ByteSource, viewOf } from './source.js';

/** The first bytes of the objects that matter; the rest of a GUID tells nothing more. */
const HEADER = '3026b2758e66cf11';
const FILE_PROPERTIES = 'a1dcab8c47a9cf11';
const STREAM_PROPERTIES = '9107dcb7b7a9cf11';
const DATA = '3626b2758e66cf11';
const AUDIO_MEDIA = '409e69f84d5bcf11';

const OBJECT_HEAD_BYTES = 24;
const FILE_HEAD_BYTES = 30;

/** Headers have some kilobytes, and pictures in them a few hundred. */
const LARGEST_HEADER = 16 * 2 ** 20;

const CODINGS = [0x160, 0x161, 0x162, 0x163];

/** True if these bytes start a file of Windows Media (ASF): WMA, or WMV with its moving pictures. */
export function isAsf(start: Uint8Array): boolean {
  return hex(start, 0) === HEADER;
}

/**
 * Reads the header of a Windows Media file: WMA 1, 2, Pro and Lossless.
 *
 * @throws HeaderError if it is incomplete, without sound, or in another coding
 * @see Advanced Systems Format Specification 01.20.03
 */
export function readAsfHeader(source: ByteSource): EncodedHeader {
  const head = source.read(0, FILE_HEAD_BYTES);
  const size = head.length < FILE_HEAD_BYTES ? 0 : Number(viewOf(head).getBigUint64(16, true));
  if (size < FILE_HEAD_BYTES || size > Math.min(source.size, LARGEST_HEADER))
    throw new HeaderError('the Windows Media header is incomplete');
  const bytes = source.read(0, size);
  const view = viewOf(bytes);
  let seconds = 0;
  let sound: { coding: number; channels: number; sampleRateHz: number } | undefined;
  for (let at = FILE_HEAD_BYTES; at + OBJECT_HEAD_BYTES <= size; ) {
    const name = hex(bytes, at);
    const length = Number(view.getBigUint64(at + 16, true));
    const from = at + OBJECT_HEAD_BYTES;
    if (length < OBJECT_HEAD_BYTES) break;
    if (name === FILE_PROPERTIES && from + 64 <= size)
      seconds = Number(view.getBigUint64(from + 40, true)) / 1e7 - Number(view.getBigUint64(from + 56, true)) / 1000;
    if (name === STREAM_PROPERTIES && hex(bytes, from) === AUDIO_MEDIA && from + 62 <= size)
      sound ??= {
        coding: view.getUint16(from + 54, true),
        channels: view.getUint16(from + 56, true),
        sampleRateHz: view.getUint32(from + 58, true),
      };
    at += length;
  }
  if (!sound) throw new HeaderError('there is no sound in it, only moving pictures');
  const { coding, ...form } = sound;
  if (!CODINGS.includes(coding))
    throw new FormatError(`a Windows Media file with ${coding === 10 ? 'WMA Voice' : `the coding ${coding}`}`);
  return {
    codec: 'wma',
    ...form,
    seconds: Math.max(0, seconds),
    truncated: truncationOf(source, size),
    encoded: () => source.read(0, source.size),
  };
}

/** The object after the header holds the sound. */
function truncationOf(source: ByteSource, start: number): Truncation | undefined {
  const head = source.read(start, OBJECT_HEAD_BYTES);
  if (head.length < OBJECT_HEAD_BYTES || hex(head, 0) !== DATA) return undefined;
  return truncationByBytes(start + Number(viewOf(head).getBigUint64(16, true)), source.size);
}

function hex(bytes: Uint8Array, at: number): string {
  return Array.from(bytes.subarray(at, at + 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
