import type { EncodedHeader } from './header.js';
import { type ByteSource, mark, viewOf } from './source.js';

/** Kilobits per second by index, for MPEG 1 and for MPEG 2 and 2.5, layer III. */
const BITRATES = {
  one: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  two: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};
const RATES_HZ = [44100, 48000, 32000];

/** How far after a tag the first frame is looked for: some tools leave zeros there. */
const SEARCHED_BYTES = 4096;

/** No frame is longer. */
const LONGEST_FRAME = 1441;

/** Frames in a row that make an MP3 file: fewer occur by chance in other files. */
const NEEDED_FRAMES = 2;

/** Frames that decoders leave out at the start and the end, as the encoder's delay and padding. */
const DROPPED_FRAMES = 3;

/** The head of a frame. */
interface Frame {
  readonly sampleRateHz: number;
  readonly channels: number;
  readonly bitsPerSecond: number;
  readonly samples: number;
  readonly bytes: number;
  /** Offset of a table of contents ("Xing", "Info") in the frame, if it holds one. */
  readonly contents: number;
}

/**
 * Reads the header of an MP3 file: its first frame, and the number of frames where the encoder noted it.
 *
 * Without that number the length is estimated from the size, and a file cut short cannot be told from a whole one.
 *
 * @returns undefined if this is no MP3 file: no frames follow one another
 */
export function readMp3Header(source: ByteSource): EncodedHeader | undefined {
  const bytes = source.read(0, SEARCHED_BYTES + (NEEDED_FRAMES + 1) * LONGEST_FRAME);
  const at = findFrames(bytes);
  if (at === undefined) return undefined;
  const frame = readFrame(bytes, at)!;
  const frames = countFrames(bytes, at + frame.contents);
  const size = source.size - at;
  return {
    codec: 'mp3',
    sampleRateHz: frame.sampleRateHz,
    channels: frame.channels,
    seconds: frames ? (frames * frame.samples) / frame.sampleRateHz : (8 * size) / frame.bitsPerSecond,
    promisedSamples: frames ? Math.max(0, frames - DROPPED_FRAMES) * frame.samples : undefined,
    encoded: () => source.read(at, size),
  };
}

function findFrames(bytes: Uint8Array): number | undefined {
  for (let at = 0; at < Math.min(bytes.length, SEARCHED_BYTES); at++) {
    let found = 0;
    let next = at;
    for (let frame = readFrame(bytes, next); frame; frame = readFrame(bytes, next)) {
      next += frame.bytes;
      if (++found === NEEDED_FRAMES) return at;
    }
  }
  return undefined;
}

function readFrame(bytes: Uint8Array, at: number): Frame | undefined {
  if (at + 4 > bytes.length || bytes[at] !== 0xff || (bytes[at + 1] & 0xe0) !== 0xe0) return undefined;
  const version = (bytes[at + 1] >> 3) & 3;
  const layer = (bytes[at + 1] >> 1) & 3;
  const rateIndex = (bytes[at + 2] >> 2) & 3;
  const one = version === 3;
  const kilobits = (one ? BITRATES.one : BITRATES.two)[bytes[at + 2] >> 4];
  if (version === 1 || layer !== 1 || rateIndex === 3 || !kilobits) return undefined;
  const sampleRateHz = RATES_HZ[rateIndex] / (one ? 1 : version === 2 ? 2 : 4);
  const mono = bytes[at + 3] >> 6 === 3;
  const samples = one ? 1152 : 576;
  const padding = (bytes[at + 2] >> 1) & 1;
  return {
    sampleRateHz,
    channels: mono ? 1 : 2,
    bitsPerSecond: kilobits * 1000,
    samples,
    bytes: Math.floor((samples * kilobits * 125) / sampleRateHz) + padding,
    contents: 4 + (one ? (mono ? 17 : 32) : mono ? 9 : 17),
  };
}

/** The number of frames in a table of contents at this place; 0 if there is no table, or it does not give one. */
function countFrames(bytes: Uint8Array, at: number): number {
  if (!['Xing', 'Info'].includes(mark(bytes, at)) || at + 12 > bytes.length) return 0;
  const view = viewOf(bytes);
  return view.getUint32(at + 4) & 1 ? view.getUint32(at + 8) : 0;
}
