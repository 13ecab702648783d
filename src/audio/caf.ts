import { type ChunkLayout, chunksOf } from './chunks.js';
import { type AudioHeader, type EncodedHeader, FormatError, HeaderError } from './header.js';
import { isReadable, plainHeader, type SampleFormat } from './pcm.js';
import { type ByteSource, mark, viewOf } from './source.js';

const LAYOUT: ChunkLayout = {
  headBytes: 12,
  readHead: (head) => ({ name: mark(head, 0), size: Number(viewOf(head).getBigInt64(4)) }),
  alignment: 1,
};

const DESCRIPTION_BYTES = 32;

/** "data" starts with the number of the file's edits. */
const EDITS_BYTES = 4;

const FLOAT_FLAG = 1;
const LITTLE_ENDIAN_FLAG = 2;

/** Of IMA ADPCM as Apple has it: bytes and samples of a channel's packet. */
const PACKET_BYTES = 34;
const PACKET_SAMPLES = 64;

/** How other codings are called, for messages. */
const OTHER_CODINGS: Readonly<Record<string, string>> = {
  'aac ': 'AAC',
  aach: 'HE-AAC',
  alac: 'Apple Lossless',
  opus: 'Opus',
  '.mp3': 'MP3',
  ilbc: 'iLBC',
  samr: 'AMR',
};

/** True if these bytes start a file of Apple's Core Audio Format. */
export function isCaf(start: Uint8Array): boolean {
  return mark(start, 0) === 'caff';
}

/**
 * Reads the header of a CAF file: integers, float, A-law, mu-law, IMA ADPCM.
 *
 * @throws HeaderError if chunks are missing, or the coding is none of these
 * @see Apple Core Audio Format Specification 1.0
 */
export function readCafHeader(source: ByteSource): AudioHeader {
  let description: Uint8Array | undefined;
  let data: { start: number; size: number } | undefined;
  let packets = Number.POSITIVE_INFINITY;
  for (const { name, start, size } of chunksOf(source, 8, LAYOUT)) {
    if (name === 'desc') description = source.read(start, DESCRIPTION_BYTES);
    if (name === 'data') data ??= { start: start + EDITS_BYTES, size: size - EDITS_BYTES };
    if (name === 'pakt' && size >= 8) packets = Number(viewOf(source.read(start, 8)).getBigInt64(0));
    // A size of -1: the audio goes on to the end.
    if (size < 0) break;
  }
  if (!description || description.length < DESCRIPTION_BYTES) throw new HeaderError('the CAF header is incomplete');
  if (!data) throw new HeaderError('the CAF file ends before its audio (no "data" chunk)');
  const view = viewOf(description);
  const sampleRateHz = view.getFloat64(0);
  const coding = mark(description, 8);
  const flags = view.getUint32(12);
  const channels = view.getUint32(24);
  const { start } = data;
  const promisedBytes = data.size < 0 ? Number.POSITIVE_INFINITY : data.size;
  if (coding === 'ima4')
    return ima4Header(source, {
      channels,
      sampleRateHz,
      start,
      packets: Math.min(packets, Math.floor(promisedBytes / (PACKET_BYTES * channels))),
    });
  const format = formatOf(coding, flags, view.getUint32(28));
  if (!isReadable(format)) throw new HeaderError(`the CAF header is damaged: samples of ${format.bits} bits`);
  return plainHeader(source, { format, channels, sampleRateHz, start, promisedBytes });
}

function formatOf(coding: string, flags: number, bits: number): SampleFormat {
  const littleEndian = (flags & LITTLE_ENDIAN_FLAG) !== 0;
  if (coding === 'lpcm') return { coding: flags & FLOAT_FLAG ? 'float' : 'signed', bits, littleEndian };
  if (coding === 'alaw') return { coding: 'a-law', bits: 8 };
  if (coding === 'ulaw') return { coding: 'mu-law', bits: 8 };
  throw new FormatError(`a CAF file with ${OTHER_CODINGS[coding] ?? `the coding ${JSON.stringify(coding.trim())}`}`);
}

/**
 * The header of Apple's IMA ADPCM, in packets of a channel each; CAF is what the library reads it in.
 *
 * @param packets - for each channel; infinite: as many as there are
 */
export function ima4Header(
  source: ByteSource,
  audio: { channels: number; sampleRateHz: number; start: number; packets: number },
): EncodedHeader {
  const { channels, sampleRateHz, start, packets } = audio;
  const blockBytes = PACKET_BYTES * channels;
  const available = Math.floor(Math.max(0, source.size - start) / blockBytes);
  const blocks = Math.min(packets, available);
  return {
    codec: 'caf',
    sampleRateHz,
    channels,
    seconds: (blocks * PACKET_SAMPLES) / sampleRateHz,
    promisedSamples: (packets === Number.POSITIVE_INFINITY ? blocks : packets) * PACKET_SAMPLES,
    encoded: () => cafFile(source.read(start, blocks * blockBytes), { channels, sampleRateHz }),
  };
}

/** A CAF file of IMA ADPCM. */
function cafFile(
  audio: Uint8Array,
  { channels, sampleRateHz }: { channels: number; sampleRateHz: number },
): Uint8Array {
  const start = 8 + 12 + DESCRIPTION_BYTES + 12 + EDITS_BYTES;
  const bytes = new Uint8Array(start + audio.length);
  const view = viewOf(bytes);
  const write = (at: number, text: string) => bytes.set(new TextEncoder().encode(text), at);
  write(0, 'caff');
  view.setUint16(4, 1);
  write(8, 'desc');
  view.setUint32(16, DESCRIPTION_BYTES);
  view.setFloat64(20, sampleRateHz);
  write(28, 'ima4');
  view.setUint32(36, PACKET_BYTES * channels);
  view.setUint32(40, PACKET_SAMPLES);
  view.setUint32(44, channels);
  write(52, 'data');
  view.setUint32(60, EDITS_BYTES + audio.length);
  bytes.set(audio, start);
  return bytes;
}
