import { type EncodedHeader, FormatError, HeaderError, type Truncation, truncationByBytes } from './header.js';
import { type ByteSource, mark, viewOf } from './source.js';

/** Elements that matter, by their numbers. */
const ID = {
  ebml: 0x1a45dfa3,
  segment: 0x18538067,
  info: 0x1549a966,
  timestampScale: 0x2ad7b1,
  duration: 0x4489,
  tracks: 0x1654ae6b,
  track: 0xae,
  trackNumber: 0xd7,
  trackType: 0x83,
  codec: 0x86,
  audio: 0xe1,
  sampleRate: 0xb5,
  channels: 0x9f,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  blockGroup: 0xa0,
  block: 0xa1,
  simpleBlock: 0xa3,
};

/** Elements that hold others: what is in them is read as if it followed them. */
const CONTAINERS = [ID.segment, ID.info, ID.tracks, ID.track, ID.audio, ID.cluster, ID.blockGroup];

/** Kinds of tracks. */
const AUDIO_TRACK = 2;

const CODINGS = [
  'A_OPUS',
  'A_VORBIS',
  'A_AAC',
  'A_MPEG/L3',
  'A_FLAC',
  'A_PCM/INT/LIT',
  'A_PCM/INT/BIG',
  'A_PCM/FLOAT/IEEE',
];

/** An element's head takes at most this, and of a block's content so much is looked at. */
const HEAD_BYTES = 12;
const LOOKED_AT_BYTES = 32;

/** An hour has some 200,000, moving pictures included. */
const MOST_ELEMENTS = 2_000_000;

/** Opus: milliseconds of a frame by the packet's first byte, see RFC 6716, 3.1. */
const OPUS_RATE_HZ = 48000;

/** An element: its number, where its content starts, and its size; infinite where the file leaves it open. */
interface Element {
  readonly id: number;
  readonly start: number;
  readonly size: number;
}

/** What is gathered of a track. */
interface Track {
  number?: number;
  type?: number;
  codec?: string;
  sampleRateHz?: number;
  channels?: number;
}

/** True if these bytes start a WebM or Matroska file. */
export function isMatroska(start: Uint8Array): boolean {
  return start.length >= 4 && viewOf(start).getUint32(0) === ID.ebml;
}

/**
 * Reads the header of a WebM or Matroska file: of its first track with sound. Browsers, which write while they record,
 * leave the length open: it is then that of the blocks.
 *
 * @throws HeaderError if there is no sound in it, or in a coding that there is no decoder for
 * @see RFC 9559
 */
export function readMatroskaHeader(source: ByteSource): EncodedHeader {
  const tracks: Track[] = [];
  let unitSeconds = 1e-3;
  let stated = 0;
  let clusterTime = 0;
  let lastTime = 0;
  let opusSeconds = 0;
  let truncated: Truncation | undefined;
  const sound = () => tracks.find(({ type }) => type === AUDIO_TRACK);
  for (const { id, start, size } of elementsOf(source)) {
    const end = start + size;
    if (end !== Number.POSITIVE_INFINITY) truncated ??= truncationByBytes(end, source.size);
    if (id === ID.track) tracks.push({});
    const track: Track = tracks[tracks.length - 1] ?? {};
    const content = () => source.read(start, Math.min(size, LOOKED_AT_BYTES));
    if (id === ID.timestampScale) unitSeconds = unsigned(content()) / 1e9;
    else if (id === ID.duration) stated = float(content());
    else if (id === ID.trackNumber) track.number = unsigned(content());
    else if (id === ID.trackType) track.type = unsigned(content());
    else if (id === ID.codec) track.codec = mark(content(), 0, LOOKED_AT_BYTES).replace(/\0.*$/, '');
    else if (id === ID.sampleRate) track.sampleRateHz = float(content());
    else if (id === ID.channels) track.channels = unsigned(content());
    else if (id === ID.timestamp) clusterTime = unsigned(content());
    else if (id === ID.simpleBlock || id === ID.block) {
      const block = content();
      const of = number(block, 0);
      if (!of || of.value !== sound()?.number || block.length < of.next + 3) continue;
      lastTime = clusterTime + viewOf(block).getInt16(of.next);
      opusSeconds += opusPacketSeconds(block.subarray(of.next + 2));
    }
  }
  const track = sound();
  if (!track) throw new HeaderError('there is no sound in it, only moving pictures');
  const { codec = '', channels = 1 } = track;
  if (!CODINGS.some((coding) => codec === coding || codec.startsWith(`${coding}/`)))
    throw new FormatError(`a WebM or Matroska file with the coding ${JSON.stringify(codec)}`);
  const opus = codec === 'A_OPUS';
  return {
    codec: 'webm',
    sampleRateHz: opus ? OPUS_RATE_HZ : (track.sampleRateHz ?? 8000),
    channels,
    seconds: Math.max(stated * unitSeconds, lastTime * unitSeconds, opus ? opusSeconds : 0),
    truncated,
    encoded: () => source.read(0, source.size),
  };
}

/** All elements one after the other, those that are in others as well. */
function* elementsOf(source: ByteSource): Generator<Element> {
  let at = 0;
  for (let count = 0; at < source.size; count++) {
    const head = source.read(at, HEAD_BYTES);
    const id = number(head, 0, true);
    const size = id && number(head, id.next);
    if (!size) break;
    if (count === MOST_ELEMENTS) throw new HeaderError('the WebM file is damaged: there is no end to its elements');
    const start = at + size.next;
    yield { id: id.value, start, size: size.value };
    at = CONTAINERS.includes(id.value) ? start : start + size.value;
  }
}

/**
 * A number of one to eight bytes, whose first byte says how many; all bits set: left open.
 *
 * @param marked - keeps the bit that says it, as elements' numbers have it
 */
function number(bytes: Uint8Array, at: number, marked = false): { value: number; next: number } | undefined {
  const length = Math.clz32(bytes[at] ?? 0) - 23;
  if (length > 8 || at + length > bytes.length) return undefined;
  let value = marked ? bytes[at] : bytes[at] & ((1 << (8 - length)) - 1);
  for (let i = 1; i < length; i++) value = value * 256 + bytes[at + i];
  const open = !marked && value === 2 ** (7 * length) - 1;
  return { value: open ? Number.POSITIVE_INFINITY : value, next: at + length };
}

function unsigned(bytes: Uint8Array): number {
  return bytes.subarray(0, 8).reduce((value, byte) => value * 256 + byte, 0);
}

function float(bytes: Uint8Array): number {
  const view = viewOf(bytes);
  return bytes.length === 8 ? view.getFloat64(0) : bytes.length === 4 ? view.getFloat32(0) : 0;
}

/** @param block - flags, and the start of the first packet; laced packets are taken for as many as there are */
function opusPacketSeconds(block: Uint8Array): number {
  const laced = (block[0] & 6) !== 0;
  const packets = laced ? (block[1] ?? 0) + 1 : 1;
  const [first = 0, count = 0] = block.subarray(laced ? 2 : 1);
  const configuration = first >> 3;
  const milliseconds =
    configuration < 12
      ? [10, 20, 40, 60][configuration & 3]
      : configuration < 16
        ? [10, 20][configuration & 1]
        : [2.5, 5, 10, 20][configuration & 3];
  const frames = [1, 2, 2, count & 63][first & 3];
  return laced ? packets * 0.02 : (frames * milliseconds) / 1000;
}
