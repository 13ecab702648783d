import { isFlac, readStreamInfo } from './flac.js';
import { type EncodedHeader, HeaderError, type Truncation } from './header.js';
import { type ByteSource, mark, viewOf } from './source.js';

/** No page is larger: 27 bytes, 255 lengths, and 255 segments of 255 bytes. */
const LARGEST_PAGE = 65307;

const PAGE_HEAD = 27;
const LAST_PAGE_FLAG = 4;

/** How much is missing, nothing tells. */
const CUT_SHORT: Truncation = { reason: 'the Ogg file ends without its last page' };

/** Opus always decodes to this rate. */
const OPUS_RATE_HZ = 48000;

/** True if these bytes start an Ogg file. */
export function isOgg(bytes: Uint8Array): boolean {
  return mark(bytes, 0) === 'OggS';
}

/**
 * Reads the header of an Ogg file (Vorbis, Opus or FLAC), and its last page, which holds the length.
 *
 * @throws HeaderError if the first page is incomplete or holds something else
 * @see RFC 3533; the Vorbis I specification, 4.2.2; RFC 7845, 5.1
 */
export function readOggHeader(source: ByteSource): EncodedHeader {
  const page = source.read(0, LARGEST_PAGE);
  const { skip, ...stream } = readFirstPacket(page.subarray(PAGE_HEAD + page[26]));
  const { samples, truncated } = readLastPage(source.read(Math.max(0, source.size - 2 * LARGEST_PAGE), source.size));
  return {
    ...stream,
    seconds: Math.max(0, samples - skip) / stream.sampleRateHz,
    truncated,
    encoded: () => source.read(0, source.size),
  };
}

/** What the first packet says; `skip`: samples at the start that are counted, but not part of the audio. */
type StreamHeader = Pick<EncodedHeader, 'codec' | 'channels' | 'sampleRateHz' | 'integerBits'> & { skip: number };

function readFirstPacket(packet: Uint8Array): StreamHeader {
  const view = viewOf(packet);
  if (mark(packet, 1, 6) === 'vorbis' && packet.length >= 30)
    return { codec: 'oga', channels: packet[11], sampleRateHz: view.getUint32(12, true), skip: 0 };
  if (mark(packet, 0, 8) === 'OpusHead' && packet.length >= 19)
    return { codec: 'opus', channels: packet[9], sampleRateHz: OPUS_RATE_HZ, skip: view.getUint16(10, true) };
  if (mark(packet, 1) === 'FLAC' && isFlac(packet.subarray(9))) {
    const { channels, sampleRateHz, bits } = readStreamInfo(packet.subarray(9));
    return { codec: 'flac', channels, sampleRateHz, integerBits: bits, skip: 0 };
  }
  throw new HeaderError('the Ogg file holds neither Vorbis nor Opus nor FLAC, or ends in its header');
}

/**
 * A stream is complete where a page says that it is the last one; and where tools left that out, as some do, the file
 * ends with a whole page and the end of a packet.
 *
 * @param end - the last bytes of the file, more than two pages if there are so many
 * @returns samples up to the end of the last complete page that ends a packet, and whether the stream ends there
 */
function readLastPage(end: Uint8Array): { samples: number; truncated?: Truncation } {
  const view = viewOf(end);
  let complete: boolean | undefined;
  for (let at = end.length - PAGE_HEAD; at >= 0; at--) {
    if (mark(end, at) !== 'OggS') continue;
    const segments = end.subarray(at + PAGE_HEAD, at + PAGE_HEAD + end[at + 26]);
    const next = at + PAGE_HEAD + end[at + 26] + segments.reduce((sum, length) => sum + length, 0);
    if (segments.length < end[at + 26] || next > end.length) continue;
    const last = (end[at + 5] & LAST_PAGE_FLAG) !== 0;
    const whole = segments.length > 0 && segments[segments.length - 1] < 255;
    // Only the last whole page tells; those before it are looked at for their position alone.
    complete ??= last || (whole && !startsPage(end.subarray(next)));
    const position = view.getBigInt64(at + 6, true);
    if (position < 0) continue;
    return { samples: Number(position), truncated: complete ? undefined : CUT_SHORT };
  }
  return { samples: 0, truncated: CUT_SHORT };
}

/** True if a page starts here, or as much of one as there is. */
function startsPage(bytes: Uint8Array): boolean {
  const start = mark(bytes, 0);
  return start.length > 0 && 'OggS'.startsWith(start);
}
