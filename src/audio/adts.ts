import type { EncodedHeader } from './header.js';
import type { ByteSource } from './source.js';

/** Sample rates by their index. */
const RATES_HZ = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350];

const HEAD_BYTES = 7;

/** Samples of a block; a frame holds up to four. */
const BLOCK_SAMPLES = 1024;

/** Frames in a row that make a stream of AAC: fewer occur by chance in other files. */
const NEEDED_FRAMES = 2;

/** Frames that are counted: ten hours of them are too many in any case. */
const MOST_FRAMES = 36000 * 94;

/** The head of a frame. */
interface Frame {
  readonly sampleRateHz: number;
  readonly channels: number;
  readonly samples: number;
  readonly bytes: number;
}

/**
 * Reads the header of a plain stream of AAC (ADTS), as `.aac` files hold it, and counts its frames.
 *
 * @returns undefined if this is no such stream: no frames follow one another
 * @see ISO/IEC 13818-7, 6.2
 */
export function readAdtsHeader(source: ByteSource): EncodedHeader | undefined {
  let count = 0;
  let samples = 0;
  let at = 0;
  for (let frame = readFrame(source, at); frame && count < MOST_FRAMES; frame = readFrame(source, at)) {
    if (at + frame.bytes > source.size) break;
    count++;
    samples += frame.samples;
    at += frame.bytes;
  }
  const first = readFrame(source, 0);
  if (!first || count < NEEDED_FRAMES) return undefined;
  const { sampleRateHz, channels } = first;
  return {
    codec: 'aac',
    sampleRateHz,
    channels,
    seconds: samples / sampleRateHz,
    encoded: () => source.read(0, at),
  };
}

function readFrame(source: ByteSource, at: number): Frame | undefined {
  const head = source.read(at, HEAD_BYTES);
  if (head.length < HEAD_BYTES || head[0] !== 0xff || (head[1] & 0xf6) !== 0xf0) return undefined;
  const sampleRateHz = RATES_HZ[(head[2] >> 2) & 15];
  const bytes = ((head[3] & 3) << 11) | (head[4] << 3) | (head[5] >> 5);
  if (!sampleRateHz || bytes < HEAD_BYTES) return undefined;
  return {
    sampleRateHz,
    // 0: the stream itself says it, which is rare.
    channels: Math.max(1, ((head[2] & 1) << 2) | (head[3] >> 6)),
    samples: BLOCK_SAMPLES * (1 + (head[6] & 3)),
    bytes,
  };
}
