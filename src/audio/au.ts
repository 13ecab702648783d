import { FormatError, HeaderError, type PlainHeader } from './header.js';
import { plainHeader, type SampleFormat } from './pcm.js';
import { type ByteSource, mark, viewOf } from './source.js';

/** Codings by their number in the header. */
const FORMATS: Readonly<Record<number, SampleFormat>> = {
  1: { coding: 'mu-law', bits: 8 },
  2: { coding: 'signed', bits: 8 },
  3: { coding: 'signed', bits: 16 },
  4: { coding: 'signed', bits: 24 },
  5: { coding: 'signed', bits: 32 },
  6: { coding: 'float', bits: 32 },
  7: { coding: 'float', bits: 64 },
  27: { coding: 'a-law', bits: 8 },
};

const OTHER_CODINGS: Readonly<Record<number, string>> = { 23: 'G.721', 24: 'G.722', 25: 'G.723', 26: 'G.723' };

const HEADER_BYTES = 24;

/** True if these bytes start an AU file, in either order of bytes. */
export function isAu(start: Uint8Array): boolean {
  return ['.snd', 'dns.'].includes(mark(start, 0));
}

/**
 * Reads the header of an AU file of Sun and NeXT.
 *
 * @throws HeaderError if it is incomplete, or the coding is not read
 * @see the manual page audio.h of Solaris
 */
export function readAuHeader(source: ByteSource): PlainHeader {
  const head = source.read(0, HEADER_BYTES);
  if (head.length < HEADER_BYTES) throw new HeaderError('the AU header is incomplete');
  const littleEndian = mark(head, 0) === 'dns.';
  const [start, size, coding, sampleRateHz, channels] = [4, 8, 12, 16, 20].map((at) =>
    viewOf(head).getUint32(at, littleEndian),
  );
  const format = FORMATS[coding];
  if (!format) throw new FormatError(`an AU file with ${OTHER_CODINGS[coding] ?? `the coding ${coding}`}`);
  return plainHeader(source, {
    format: { ...format, littleEndian },
    channels,
    sampleRateHz,
    start,
    promisedBytes: size === 0xffffffff ? Number.POSITIVE_INFINITY : size,
  });
}
