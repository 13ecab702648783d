import { type AudioHeader, HeaderError } from './header.js';
import { type ByteSource, mark, viewOf } from './source.js';

/** A chunk: its four letters, where its content starts, and how long the file says that is. */
interface Chunk {
  readonly name: string;
  readonly start: number;
  readonly size: number;
}

/** The two chunks that matter, and the size that the file claims to have. */
interface Chunks {
  readonly format: Uint8Array;
  readonly data: Chunk;
  readonly riffSize: number;
}

/**
 * Sizes from here on are placeholders of tools that write to a pipe and cannot go back (0xFFFFFFFF of ffmpeg,
 * 0x7FFFFFFF less the header of SoX and arecord).
 */
const PLACEHOLDER_SIZE = 0x7fff0000;

/** Real files have a handful of chunks; a file of many thousands of empty ones is an attack or noise. */
const MOST_CHUNKS = 10000;

const PCM = 1;
const FLOAT = 3;
const A_LAW = 6;
const MU_LAW = 7;
const EXTENSIBLE = 0xfffe;

/** Bits per sample that the library reads. */
const BITS: Readonly<Record<number, readonly number[]>> = {
  [PCM]: [8, 16, 24, 32],
  [FLOAT]: [32, 64],
  [A_LAW]: [8],
  [MU_LAW]: [8],
};

/** Bytes of the plain header that {@link readWavHeader} puts before the samples. */
const PLAIN_HEADER_BYTES = 44;

/** True if the first bytes are those of a WAV file, also in its forms for more than 4 GB (RF64, BW64). */
export function isWav(start: Uint8Array): boolean {
  return ['RIFF', 'RF64', 'BW64'].includes(mark(start, 0)) && mark(start, 8) === 'WAVE';
}

/**
 * Reads the header of a WAV file: 8 to 32 bits, 32 and 64 bits float, A-law, mu-law, extensible, RF64.
 *
 * Chunks are walked with their pad bytes, so other chunks may lie anywhere. A size of the samples that is zero or a
 * placeholder, as tools that write to a pipe leave it, means: up to the end of the file.
 *
 * @throws HeaderError if chunks are missing, or the format is none of these
 * @see Multimedia Programming Interface and Data Specifications 1.0, 1991; EBU Tech 3306 for RF64
 */
export function readWavHeader(source: ByteSource): AudioHeader {
  const { format, data, riffSize } = findChunks(source);
  const { codec, channels, sampleRateHz, bits } = readFormat(format);
  const frameBytes = (channels * bits) / 8;

  const available = source.size - data.start;
  const open = data.size >= PLACEHOLDER_SIZE && data.size > available;
  const leftZero = data.size === 0 && riffSize + 8 !== source.size;
  const promised = open || leftZero ? available : data.size;
  const samples = Math.floor(Math.min(promised, available) / frameBytes);
  const audio = () => source.read(data.start, samples * frameBytes);
  return {
    codec: 'wav',
    sampleRateHz,
    channels,
    seconds: samples / sampleRateHz,
    integerBits: codec === PCM ? bits : undefined,
    truncated:
      promised > available
        ? `the header promises ${promised} bytes of audio, the file has ${available} of them`
        : undefined,
    channelData: codec === PCM && bits === 16 ? () => channelsOf16Bits(audio(), channels) : undefined,
    encoded: () => {
      const bytes = new Uint8Array(PLAIN_HEADER_BYTES + samples * frameBytes);
      writePlainHeader(viewOf(bytes), { codec, channels, sampleRateHz, bits });
      bytes.set(audio(), PLAIN_HEADER_BYTES);
      return bytes;
    },
  };
}

/**
 * Samples of 16 bits, which most recordings have, divided by 32,768 as libsndfile does. The library takes five times as
 * long, and divides positive ones by one less, which would have to be undone.
 */
function channelsOf16Bits(audio: Uint8Array, channels: number): Float32Array[] {
  // A copy, as integers of 16 bits must lie at even addresses.
  const integers = new Int16Array(new Uint8Array(audio).buffer);
  return Array.from({ length: channels }, (_, channel) => {
    const samples = new Float32Array(integers.length / channels);
    for (let i = 0, j = channel; i < samples.length; i++, j += channels) samples[i] = integers[j] / 32768;
    return samples;
  });
}

function findChunks(source: ByteSource): Chunks {
  let format: Uint8Array | undefined;
  let longData: number | undefined;
  const riffSize = viewOf(source.read(4, 4)).getUint32(0, true);
  let position = 12;
  for (let count = 0; count < MOST_CHUNKS && position + 8 <= source.size; count++) {
    const head = source.read(position, 8);
    const chunk: Chunk = { name: mark(head, 0), start: position + 8, size: viewOf(head).getUint32(4, true) };
    if (chunk.name === 'fmt ') format = source.read(chunk.start, Math.min(chunk.size, 40));
    if (chunk.name === 'ds64' && chunk.size >= 16) longData = readLongSize(source.read(chunk.start + 8, 8));
    if (chunk.name === 'data') {
      if (!format) throw new HeaderError('the WAV file does not say how its audio is coded (no "fmt " before "data")');
      const size = chunk.size === 0xffffffff ? (longData ?? chunk.size) : chunk.size;
      return { format, data: { ...chunk, size }, riffSize };
    }
    position = chunk.start + chunk.size + (chunk.size % 2);
  }
  throw new HeaderError('the WAV file ends before its audio (no "data" chunk)');
}

function readLongSize(bytes: Uint8Array): number {
  return bytes.length < 8 ? 0 : Number(viewOf(bytes).getBigUint64(0, true));
}

/** How samples are coded: what a "fmt " chunk says, with the wrapping of the extensible form removed. */
interface WavFormat {
  readonly codec: number;
  readonly channels: number;
  readonly sampleRateHz: number;
  readonly bits: number;
}

function readFormat(chunk: Uint8Array): WavFormat {
  if (chunk.length < 16) throw new HeaderError('the WAV header is incomplete');
  const view = viewOf(chunk);
  const tag = view.getUint16(0, true);
  const codec = tag === EXTENSIBLE && chunk.length >= 26 ? view.getUint16(24, true) : tag;
  const channels = view.getUint16(2, true);
  if (channels === 0) throw new HeaderError('the WAV header says that there are 0 channels');
  // Samples of 20 bits are stored in 24, some of 24 in 32: the size of a frame says so, unless it is wrong.
  const stored = (8 * view.getUint16(12, true)) / channels;
  const used = view.getUint16(14, true);
  const bits = stored >= used && BITS[codec]?.includes(stored) ? stored : 8 * Math.ceil(used / 8);
  if (!BITS[codec]?.includes(bits))
    throw new HeaderError(
      `the WAV file's coding is not supported (format ${codec}, ${bits} bits): PCM, float, A-law and mu-law are`,
    );
  return { codec, channels, sampleRateHz: view.getUint32(4, true), bits };
}

/** A header as the library reads it: one "fmt " chunk of 16 bytes, then "data" up to the end. */
function writePlainHeader(view: DataView, { codec, channels, sampleRateHz, bits }: WavFormat): void {
  const frameBytes = (channels * bits) / 8;
  const writeMark = (offset: number, text: string) => {
    for (let i = 0; i < text.length; i++) view.setUint8(offset + i, text.charCodeAt(i));
  };
  writeMark(0, 'RIFF');
  view.setUint32(4, view.byteLength - 8, true);
  writeMark(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, codec, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRateHz, true);
  view.setUint32(28, sampleRateHz * frameBytes, true);
  view.setUint16(32, frameBytes, true);
  view.setUint16(34, bits, true);
  writeMark(36, 'data');
  view.setUint32(40, view.byteLength - PLAIN_HEADER_BYTES, true);
}
