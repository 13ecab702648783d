import { type EncodedHeader, FormatError } from './header.js';
import { type ByteSource, mark } from './source.js';

/** Of the narrow and the wide band: mark, rate, and bytes of a frame by its mode; a frame lasts 20 ms. */
const BANDS = [
  {
    mark: '#!AMR\n',
    sampleRateHz: 8000,
    frameBytes: [13, 14, 16, 18, 20, 21, 27, 32, 6, 6, 6, 6, 1, 1, 1, 1],
  },
  {
    mark: '#!AMR-WB\n',
    sampleRateHz: 16000,
    frameBytes: [18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 1, 1, 1, 1, 1, 1],
  },
];
const FRAMES_PER_SECOND = 50;

/** Frames that are counted: ten hours of them are too many in any case. */
const MOST_FRAMES = 36000 * FRAMES_PER_SECOND;

/** Bytes that are looked at together. */
const BLOCK_BYTES = 65536;

/** True if these bytes start an AMR file. */
export function isAmr(start: Uint8Array): boolean {
  return mark(start, 0, 5) === '#!AMR';
}

/**
 * Reads the header of an AMR file, narrow or wide band, and counts its frames.
 *
 * @throws FormatError if it has several channels
 * @see RFC 4867, 5
 */
export function readAmrHeader(source: ByteSource): EncodedHeader {
  const start = source.read(0, 9);
  const band = BANDS.find((each) => mark(start, 0, each.mark.length) === each.mark);
  if (!band) throw new FormatError('an AMR file of several channels, or of an unknown kind');
  const { sampleRateHz, frameBytes } = band;
  const frames = countFrames(source, band.mark.length, frameBytes);
  return {
    codec: 'amr',
    sampleRateHz,
    channels: 1,
    seconds: frames / FRAMES_PER_SECOND,
    promisedSamples: (frames * sampleRateHz) / FRAMES_PER_SECOND,
    encoded: () => source.read(0, source.size),
  };
}

function countFrames(source: ByteSource, start: number, frameBytes: readonly number[]): number {
  let count = 0;
  let at = start;
  while (at < source.size && count < MOST_FRAMES) {
    const from = at;
    const block = source.read(from, BLOCK_BYTES);
    if (block.length === 0) break;
    while (at - from < block.length && count < MOST_FRAMES) {
      at += frameBytes[(block[at - from] >> 3) & 15];
      if (at <= source.size) count++;
    }
  }
  return count;
}
