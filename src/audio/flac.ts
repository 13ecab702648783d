import { type EncodedHeader, HeaderError } from './header.js';
import { type ByteSource, mark, viewOf } from './source.js';

/** Bytes of FLAC's mark, the head of its first block, and that block, STREAMINFO. */
export const STREAM_INFO_BYTES = 4 + 4 + 34;

/** True if these bytes start a FLAC stream. */
export function isFlac(bytes: Uint8Array): boolean {
  return mark(bytes, 0) === 'fLaC';
}

/**
 * Reads the header of a FLAC file.
 *
 * Where an encoder that wrote to a pipe left the number of samples open, the length is a lower bound: lossless audio
 * takes no more than its plain form.
 *
 * @throws HeaderError if the header is incomplete
 * @see RFC 9639, 8.2
 */
export function readFlacHeader(source: ByteSource): EncodedHeader {
  const { sampleRateHz, channels, bits, samples } = readStreamInfo(source.read(0, STREAM_INFO_BYTES));
  const plainBytesPerSecond = (sampleRateHz * channels * bits) / 8;
  return {
    codec: 'flac',
    sampleRateHz,
    channels,
    seconds: samples > 0 ? samples / sampleRateHz : source.size / plainBytesPerSecond,
    integerBits: bits,
    promisedSamples: samples > 0 ? samples : undefined,
    encoded: () => source.read(0, source.size),
  };
}

/** What FLAC's first block says; `samples` is per channel, 0 if unknown. */
export function readStreamInfo(bytes: Uint8Array): {
  sampleRateHz: number;
  channels: number;
  bits: number;
  samples: number;
} {
  if (bytes.length < STREAM_INFO_BYTES) throw new HeaderError('the FLAC header is incomplete');
  const view = viewOf(bytes);
  const packed = view.getUint32(18);
  return {
    sampleRateHz: packed >>> 12,
    channels: ((packed >>> 9) & 7) + 1,
    bits: ((packed >>> 4) & 31) + 1,
    samples: (packed & 15) * 2 ** 32 + view.getUint32(22),
  };
}
