import type { PlainHeader } from './header.js';
import { type ByteSource, viewOf } from './source.js';

/** How a sample is stored. */
export interface SampleFormat {
  readonly coding: 'signed' | 'unsigned' | 'float' | 'a-law' | 'mu-law';
  readonly bits: number;
  readonly littleEndian?: boolean;
}

/** Bits that samples are stored in. */
const BITS: Readonly<Record<SampleFormat['coding'], readonly number[]>> = {
  signed: [8, 16, 24, 32],
  unsigned: [8],
  float: [32, 64],
  'a-law': [8],
  'mu-law': [8],
};

/**
 * A file that ends this much before it should lacks nothing: tools count its own header, of up to this size, among the
 * audio.
 */
const SPARE_BYTES = 44;

/** True if samples of this form are read. */
export function isReadable({ coding, bits }: SampleFormat): boolean {
  return BITS[coding].includes(bits);
}

/** What a container says of the samples in it. */
export interface PlainAudio {
  readonly format: SampleFormat;
  readonly channels: number;
  readonly sampleRateHz: number;
  /** Offset of the first sample. */
  readonly start: number;
  /** Bytes of audio according to the header; infinite where it says: up to the end of the file. */
  readonly promisedBytes: number;
}

/**
 * The header of samples that are stored as they are, one frame (a sample of each channel) after the other.
 *
 * Where less than a frame is missing, or no more than tools promise in excess, nothing is.
 */
export function plainHeader(source: ByteSource, audio: PlainAudio): PlainHeader {
  const { format, channels, sampleRateHz, start, promisedBytes } = audio;
  const frameBytes = (channels * format.bits) / 8;
  const available = Math.max(0, source.size - start);
  const samples = Math.floor(Math.min(promisedBytes, available) / frameBytes);
  const lacking = promisedBytes === Number.POSITIVE_INFINITY ? 0 : promisedBytes - available;
  const complete = lacking < frameBytes || lacking <= SPARE_BYTES;
  return {
    codec: 'pcm',
    sampleRateHz,
    channels,
    seconds: samples / sampleRateHz,
    integerBits: format.coding === 'float' ? undefined : format.bits,
    promisedSamples: complete ? samples : Math.floor(promisedBytes / frameBytes),
    samples,
    channelData: (from = 0, count = samples - from) =>
      channelsOf(source.read(start + from * frameBytes, count * frameBytes), channels, format),
  };
}

/**
 * Interleaved samples, channel by channel. Integers are divided by a power of two, as libsndfile and librosa do.
 *
 * @param bytes - whole frames; a part of one at the end is left out
 */
function channelsOf(bytes: Uint8Array, channels: number, format: SampleFormat): Float32Array[] {
  const { coding, bits, littleEndian } = format;
  const bytesPerSample = bits / 8;
  const step = channels * bytesPerSample;
  const length = Math.floor(bytes.length / step);
  // What most recordings have, without a call for each sample.
  const integers = coding === 'signed' && bits === 16 ? integersIn(bytes, littleEndian) : undefined;
  const read = readerOf(viewOf(bytes), format);
  return Array.from({ length: channels }, (_, channel) => {
    const samples = new Float32Array(length);
    if (integers) for (let i = 0, at = channel; i < length; i++, at += channels) samples[i] = integers[at] / 32768;
    else for (let i = 0, at = channel * bytesPerSample; i < length; i++, at += step) samples[i] = read(at);
    return samples;
  });
}

/** Whether numbers in memory begin with their lowest byte, as on nearly all machines. */
const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Integers of 16 bits, as memory holds them. */
function integersIn(bytes: Uint8Array, littleEndian = false): Int16Array {
  const whole = bytes.subarray(0, bytes.length & ~1);
  const aligned = whole.byteOffset % 2 === 0 && littleEndian === LITTLE_ENDIAN ? whole : whole.slice();
  if (littleEndian !== LITTLE_ENDIAN)
    for (let i = 0; i < aligned.length; i += 2) [aligned[i], aligned[i + 1]] = [aligned[i + 1], aligned[i]];
  return new Int16Array(aligned.buffer, aligned.byteOffset, aligned.length / 2);
}

/** The sample at an offset. */
function readerOf(view: DataView, { coding, bits, littleEndian }: SampleFormat): (at: number) => number {
  if (coding === 'float')
    return bits === 64 ? (at) => view.getFloat64(at, littleEndian) : (at) => view.getFloat32(at, littleEndian);
  if (coding === 'unsigned') return (at) => (view.getUint8(at) - 128) / 128;
  if (coding === 'a-law') return (at) => fromALaw(view.getUint8(at)) / 32768;
  if (coding === 'mu-law') return (at) => fromMuLaw(view.getUint8(at)) / 32768;
  if (bits === 8) return (at) => view.getInt8(at) / 128;
  if (bits === 32) return (at) => view.getInt32(at, littleEndian) / 2147483648;
  const [high, middle, low] = littleEndian ? [2, 1, 0] : [0, 1, 2];
  return (at) =>
    (view.getInt8(at + high) * 65536 + view.getUint8(at + middle) * 256 + view.getUint8(at + low)) / 8388608;
}

/** 16 bits from A-law: ITU-T G.711, table 1a. */
function fromALaw(code: number): number {
  const bits = code ^ 0x55;
  const segment = (bits >> 4) & 7;
  const low = ((bits & 15) << 4) + 8;
  const magnitude = segment === 0 ? low : (low + 256) << (segment - 1);
  return bits & 0x80 ? magnitude : -magnitude;
}

/** 16 bits from mu-law: ITU-T G.711, table 2a. */
function fromMuLaw(code: number): number {
  const bits = ~code & 0xff;
  const magnitude = ((((bits & 15) << 3) + 132) << ((bits >> 4) & 7)) - 132;
  return bits & 0x80 ? -magnitude : magnitude;
}
