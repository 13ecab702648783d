import { type Chunk, type ChunkLayout, chunksOf } from './chunks.js';
import { type AudioHeader, FormatError, HeaderError } from './header.js';
import { readMp3Header } from './mp3.js';
import { isReadable, plainHeader, type SampleFormat } from './pcm.js';
import { type ByteSource, mark, partOf, viewOf } from './source.js';

/** What a wave file holds: how its audio is coded, and where it is. */
interface WaveParts {
  /** The content of the "fmt " chunk. */
  readonly format: Uint8Array;
  readonly littleEndian: boolean;
  /** Where the audio starts, and its bytes; infinite where they are all up to the end of the file. */
  readonly start: number;
  readonly promisedBytes: number;
}

/**
 * Sizes from here on are placeholders of tools that write to a pipe and cannot go back (0xFFFFFFFF of ffmpeg,
 * 0x7FFFFFFF less the header of SoX and arecord).
 */
const PLACEHOLDER_SIZE = 0x7fff0000;

const PCM = 1;
const MS_ADPCM = 2;
const FLOAT = 3;
const A_LAW = 6;
const MU_LAW = 7;
const IMA_ADPCM = 17;
const MP3 = 85;
const EXTENSIBLE = 0xfffe;

/** How other codings are called, for messages. */
const OTHER_CODINGS: Readonly<Record<number, string>> = {
  16: 'OKI ADPCM',
  34: 'TrueSpeech',
  49: 'GSM 6.10',
  50: 'MSN audio',
  64: 'G.721',
  66: 'G.723.1',
  69: 'G.726',
  80: 'MPEG layer II',
  100: 'G.726',
  101: 'G.722',
  131: 'G.729',
  255: 'AAC',
  352: 'WMA 1',
  353: 'WMA 2',
  354: 'WMA Pro',
  655: 'G.722',
  5632: 'AAC',
  8192: 'AC-3',
  28781: 'Opus',
  61868: 'FLAC',
};

/** Enough of a "fmt " chunk for the coefficients of ADPCM, as many as there may be. */
const LONGEST_FORMAT = 1042;

/** The GUIDs of Sony's form, whose first four bytes are the letters of RIFF's chunks. */
const W64_START = '726966662e91cf11a5d628db04c10000';
const W64_HEAD_BYTES = 24;

/** True if the first bytes are those of a WAV file, also in big-endian order (RIFX) or for more than 4 GB (RF64, BW64). */
export function isWav(start: Uint8Array): boolean {
  return ['RIFF', 'RIFX', 'RF64', 'BW64'].includes(mark(start, 0)) && mark(start, 8) === 'WAVE';
}

/** True if the first bytes are those of a Sony Wave64 file. */
export function isWave64(start: Uint8Array): boolean {
  return hex(start.subarray(0, 16)) === W64_START;
}

/**
 * Reads the header of a WAV file: 8 to 32 bits, 32 and 64 bits float, A-law, mu-law, IMA and Microsoft ADPCM, MP3;
 * extensible, RF64, RIFX.
 *
 * Chunks are walked with their pad bytes, so other chunks may lie anywhere. A size of the samples that is zero or a
 * placeholder, as tools that write to a pipe leave it, means: up to the end of the file.
 *
 * @throws HeaderError if chunks are missing, or the coding is none of these
 * @see Multimedia Programming Interface and Data Specifications 1.0, 1991; EBU Tech 3306 for RF64
 */
export function readWavHeader(source: ByteSource): AudioHeader {
  const littleEndian = mark(source.read(0, 4), 0) !== 'RIFX';
  const layout: ChunkLayout = {
    headBytes: 8,
    readHead: (head) => ({ name: mark(head, 0), size: viewOf(head).getUint32(4, littleEndian) }),
    alignment: 2,
  };
  const riffSize = viewOf(source.read(4, 4)).getUint32(0, littleEndian);
  const chunks = new Map<string, Chunk>();
  for (const chunk of chunksOf(source, 12, layout)) {
    chunks.set(chunk.name, chunk);
    if (chunk.name === 'data') break;
  }
  const { format, data } = partsOf(source, chunks);
  const long = chunks.get('ds64');
  const longSize = long && long.size >= 16 ? readLongSize(source.read(long.start + 8, 8)) : undefined;
  const size = data.size === 0xffffffff ? (longSize ?? data.size) : data.size;
  const open = size >= PLACEHOLDER_SIZE && size > source.size - data.start;
  const leftZero = size === 0 && riffSize + 8 !== source.size;
  const promisedBytes = open || leftZero ? Number.POSITIVE_INFINITY : size;
  return waveHeader(source, { format, littleEndian, start: data.start, promisedBytes });
}

/**
 * Reads the header of a Sony Wave64 file, which is WAV with longer names and sizes.
 *
 * @throws HeaderError as {@link readWavHeader} does
 * @see Sony Media Software, Wave64 file format
 */
export function readWave64Header(source: ByteSource): AudioHeader {
  const layout: ChunkLayout = {
    headBytes: W64_HEAD_BYTES,
    readHead: (head) => ({ name: mark(head, 0), size: readLongSize(head.subarray(16)) - W64_HEAD_BYTES }),
    alignment: 8,
  };
  const chunks = new Map<string, Chunk>();
  for (const chunk of chunksOf(source, 40, layout)) {
    chunks.set(chunk.name, chunk);
    if (chunk.name === 'data') break;
  }
  const { format, data } = partsOf(source, chunks);
  const promisedBytes = data.size > 0 ? data.size : Number.POSITIVE_INFINITY;
  return waveHeader(source, { format, littleEndian: true, start: data.start, promisedBytes });
}

/** The chunks that matter: the content of one, and the place of the other. */
function partsOf(source: ByteSource, chunks: ReadonlyMap<string, Chunk>): { format: Uint8Array; data: Chunk } {
  const [format, data] = [chunks.get('fmt '), chunks.get('data')];
  if (!data) throw new HeaderError('the WAV file ends before its audio (no "data" chunk)');
  if (!format) throw new HeaderError('the WAV file does not say how its audio is coded (no "fmt " before "data")');
  return { format: source.read(format.start, Math.min(format.size, LONGEST_FORMAT)), data };
}

function readLongSize(bytes: Uint8Array): number {
  return bytes.length < 8 ? 0 : Number(viewOf(bytes).getBigUint64(0, true));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function waveHeader(source: ByteSource, parts: WaveParts): AudioHeader {
  const { format, littleEndian, start, promisedBytes } = parts;
  if (format.length < 16) throw new HeaderError('the WAV header is incomplete');
  const view = viewOf(format);
  const tag = view.getUint16(0, littleEndian);
  const coding = tag === EXTENSIBLE && format.length >= 26 ? view.getUint16(24, littleEndian) : tag;
  const channels = view.getUint16(2, littleEndian);
  const sampleRateHz = view.getUint32(4, littleEndian);
  if (channels === 0) throw new HeaderError('the WAV header says that there are 0 channels');
  if (coding === MP3) return mp3Header(source, parts);
  if ((coding === IMA_ADPCM || coding === MS_ADPCM) && littleEndian)
    return adpcmHeader(source, parts, { coding, channels, sampleRateHz });
  // Samples of 20 bits are stored in 24, some of 24 in 32: the size of a frame says so, unless it is wrong.
  const stored = (8 * view.getUint16(12, littleEndian)) / channels;
  const used = view.getUint16(14, littleEndian);
  const form = (bits: number) => formatOf(coding, bits, littleEndian);
  const sample = (stored >= used && form(stored)) || form(8 * Math.ceil(used / 8));
  if (!sample)
    throw new FormatError(`a WAV file with ${OTHER_CODINGS[coding] ?? `the coding ${coding}, ${used} bits a sample`}`);
  return plainHeader(source, { format: sample, channels, sampleRateHz, start, promisedBytes });
}

/** How samples of so many bits are stored; undefined where they are not to be had. */
function formatOf(coding: number, bits: number, littleEndian: boolean): SampleFormat | undefined {
  const codings: Readonly<Record<number, SampleFormat['coding']>> = {
    [PCM]: bits === 8 ? 'unsigned' : 'signed',
    [FLOAT]: 'float',
    [A_LAW]: 'a-law',
    [MU_LAW]: 'mu-law',
  };
  const format = codings[coding] && { coding: codings[coding], bits, littleEndian };
  return format && isReadable(format) ? format : undefined;
}

function mp3Header(source: ByteSource, { start, promisedBytes }: WaveParts): AudioHeader {
  const header = readMp3Header(partOf(source, start, Math.min(source.size, start + promisedBytes)));
  if (!header) throw new HeaderError('the WAV file is said to hold MP3, and does not');
  return header;
}

/** Blocks of 4 bits a sample, each of which starts anew. */
function adpcmHeader(
  source: ByteSource,
  { format, start, promisedBytes }: WaveParts,
  { coding, channels, sampleRateHz }: { coding: number; channels: number; sampleRateHz: number },
): AudioHeader {
  const view = viewOf(format);
  const blockBytes = view.getUint16(12, true);
  // What a block says of each channel before its samples, one or two of which are in there.
  const [headBytes, headSamples] = coding === IMA_ADPCM ? [4, 1] : [7, 2];
  const perBlock = headSamples + (2 * (blockBytes - headBytes * channels)) / channels;
  const stated = format.length >= 20 ? view.getUint16(18, true) : perBlock;
  if (blockBytes <= headBytes * channels || !Number.isInteger(perBlock) || stated !== perBlock)
    throw new HeaderError(`the WAV header is damaged: ADPCM in blocks of ${blockBytes} bytes with ${stated} samples`);
  const available = Math.max(0, source.size - start);
  const blocks = (bytes: number) => Math.floor(bytes / blockBytes);
  const samples = blocks(Math.min(promisedBytes, available)) * perBlock;
  return {
    codec: 'wav',
    sampleRateHz,
    channels,
    seconds: samples / sampleRateHz,
    // A last block that is not whole is missing from every decoder's answer.
    promisedSamples: promisedBytes === Number.POSITIVE_INFINITY ? samples : blocks(promisedBytes) * perBlock,
    encoded: () => riffFile(format, source.read(start, (samples / perBlock) * blockBytes)),
  };
}

/** A WAV file as the library reads it: "fmt ", then "data" up to the end. */
function riffFile(format: Uint8Array, audio: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(28 + format.length + audio.length);
  const view = viewOf(bytes);
  const write = (at: number, text: string) => bytes.set(new TextEncoder().encode(text), at);
  write(0, 'RIFF');
  view.setUint32(4, bytes.length - 8, true);
  write(8, 'WAVEfmt ');
  view.setUint32(16, format.length, true);
  bytes.set(format, 20);
  write(20 + format.length, 'data');
  view.setUint32(24 + format.length, audio.length, true);
  bytes.set(audio, 28 + format.length);
  return bytes;
}
