import { ima4Header } from './caf.js';
import { type Chunk, type ChunkLayout, chunksOf } from './chunks.js';
import { type AudioHeader, FormatError, HeaderError } from './header.js';
import { isReadable, plainHeader, type SampleFormat } from './pcm.js';
import { type ByteSource, mark, viewOf } from './source.js';

const LAYOUT: ChunkLayout = {
  headBytes: 8,
  readHead: (head) => ({ name: mark(head, 0), size: viewOf(head).getUint32(4) }),
  alignment: 2,
};

/** What "SSND" says before its samples. */
const SOUND_HEAD_BYTES = 8;

/** Sizes from here on are placeholders of tools that write to a pipe. */
const PLACEHOLDER_SIZE = 0x7fff0000;

/** True if these bytes start an AIFF or AIFF-C file. */
export function isAiff(start: Uint8Array): boolean {
  return mark(start, 0) === 'FORM' && ['AIFF', 'AIFC'].includes(mark(start, 8));
}

/**
 * Reads the header of an AIFF or AIFF-C file: 8 to 32 bits in either order of bytes, float, A-law, mu-law, IMA ADPCM.
 *
 * @throws HeaderError if chunks are missing, or the coding is none of these
 * @see Audio Interchange File Format, version 1.3, 1989; AIFF-C draft, 1991
 */
export function readAiffHeader(source: ByteSource): AudioHeader {
  const chunks = new Map<string, Chunk>();
  for (const chunk of chunksOf(source, 12, LAYOUT)) chunks.set(chunk.name, chunk);
  const [common, sound] = [chunks.get('COMM'), chunks.get('SSND')];
  if (!sound) throw new HeaderError('the AIFF file ends before its audio (no "SSND" chunk)');
  const description = source.read(common?.start ?? 0, Math.min(common?.size ?? 0, 22));
  if (description.length < 18) throw new HeaderError('the AIFF header is incomplete');
  const view = viewOf(description);
  const channels = view.getUint16(0);
  const frames = view.getUint32(2);
  const sampleRateHz = readExtended(view, 8);
  const compression = description.length < 22 ? 'NONE' : mark(description, 18);
  const head = source.read(sound.start, SOUND_HEAD_BYTES);
  const start = sound.start + SOUND_HEAD_BYTES + (head.length === SOUND_HEAD_BYTES ? viewOf(head).getUint32(0) : 0);
  if (compression === 'ima4') return ima4Header(source, { channels, sampleRateHz, start, packets: frames });
  const format = formatOf(compression, view.getUint16(6));
  if (!isReadable(format)) throw new HeaderError(`the AIFF header is damaged: samples of ${format.bits} bits`);
  const open = sound.size === 0 || sound.size >= PLACEHOLDER_SIZE;
  const promisedBytes = open ? Number.POSITIVE_INFINITY : frames * ((channels * format.bits) / 8);
  return plainHeader(source, { format, channels, sampleRateHz, start, promisedBytes });
}

/** Samples of other than whole bytes are stored in as many as they need, from the highest bit on. */
function formatOf(compression: string, used: number): SampleFormat {
  const bits = 8 * Math.ceil(used / 8);
  const formats: Readonly<Record<string, SampleFormat>> = {
    none: { coding: 'signed', bits },
    twos: { coding: 'signed', bits },
    sowt: { coding: 'signed', bits, littleEndian: true },
    'raw ': { coding: 'unsigned', bits: 8 },
    in24: { coding: 'signed', bits: 24 },
    in32: { coding: 'signed', bits: 32 },
    fl32: { coding: 'float', bits: 32 },
    fl64: { coding: 'float', bits: 64 },
    alaw: { coding: 'a-law', bits: 8 },
    ulaw: { coding: 'mu-law', bits: 8 },
  };
  const name = compression.toLowerCase();
  if (!Object.hasOwn(formats, name)) throw new FormatError(`an AIFF-C file with the coding ${printable(compression)}`);
  return formats[name];
}

function printable(text: string): string {
  return JSON.stringify(text.trim());
}

/** A number of 80 bits: sign and exponent, 16 bits, and the significand, 64 bits. */
function readExtended(view: DataView, at: number): number {
  const exponent = view.getUint16(at) & 0x7fff;
  const significand = view.getUint32(at + 2) * 2 ** 32 + view.getUint32(at + 6);
  return significand * 2 ** (exponent - 16383 - 63);
}
