import { isFlac, readStreamInfo } from './flac.js';
import { type AudioHeader, HeaderError } from './header.js';
import { type ByteSource, mark, viewOf } from './source.js';

/** No page is larger: 27 bytes, 255 lengths, and 255 segments of 255 bytes. */
const LARGEST_PAGE = 65307;

const PAGE_HEAD = 27;
const LAST_PAGE_FLAG = 4;

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
export function readOggHeader(source: ByteSource): AudioHeader {
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
type StreamHeader = Pick<AudioHeader, 'codec' | 'channels' | 'sampleRateHz' | 'integerBits'> & { skip: number };

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
 * @param end - the last bytes of the file, more than two pages if there are so many
 * @returns samples up to the end of the last complete page that ends a packet, and whether the stream ends there
 */
function readLastPage(end: Uint8Array): { samples: number; truncated?: string } {
  const view = viewOf(end);
  let samples = 0;
  let truncated: string | undefined = 'the Ogg file ends without its last page';
  for (let at = end.length - PAGE_HEAD; at >= 0; at--) {
    if (mark(end, at) !== 'OggS') continue;
    const segments = end.subarray(at + PAGE_HEAD, at + PAGE_HEAD + end[at + 26]);
    const size = PAGE_HEAD + end[at + 26] + segments.reduce((sum, length) => sum + length, 0);
    const position = view.getBigInt64(at + 6, true);
    if (segments.length < end[at + 26] || at + size > end.length || position < 0) continue;
    samples = Number(position);
    if (end[at + 5] & LAST_PAGE_FLAG) truncated = undefined;
    break;
  }
  return { samples, truncated };
}
