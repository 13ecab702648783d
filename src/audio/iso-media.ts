import { type EncodedHeader, FormatError, HeaderError, truncationByBytes } from './header.js';
import { type ByteSource, mark, viewOf } from './source.js';

/** A box: four letters, where its content starts, and where it ends. */
interface Box {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** What is gathered of a track. */
interface Track {
  number?: number;
  handler?: string;
  /** Of the first kind of sample. */
  coding?: string;
  channels?: number;
  sampleRateHz?: number;
  timescale?: number;
  /** In units of the timescale. */
  duration?: number;
  /** Frames of the encoder. */
  frames?: number;
}

/** What is gathered of an index. */
interface Index {
  readonly tracks: Track[];
  /** The track that the fragment being read belongs to. */
  fragmentOf?: number;
  /** Bytes of the file, which no table may point beyond. */
  readonly fileBytes: number;
}

/** Names that a file of this family begins with. */
const FIRST_BOXES = ['ftyp', 'moov', 'mdat', 'wide', 'pnot'];

/** Boxes that hold others. */
const CONTAINERS = ['moov', 'trak', 'mdia', 'minf', 'stbl', 'edts', 'mvex', 'udta', 'moof', 'traf'];

/** Tables: where in the content the number of entries is, and the least bytes that an entry takes. */
const TABLES: Readonly<Record<string, readonly [at: number, entryBytes: number]>> = {
  stco: [4, 4],
  co64: [4, 8],
  stsc: [4, 12],
  stts: [4, 8],
  elst: [4, 12],
  stsd: [4, 16],
};

/** How codings are called that there is no decoder for, for messages; `drms` is Apple's copy protection. */
const OTHER_CODINGS: Readonly<Record<string, string>> = {
  drms: 'copy-protected AAC',
  Qclp: 'QCELP',
  QDM2: 'QDesign Music',
  'ac-4': 'AC-4',
  mha1: 'MPEG-H',
};
const CODINGS = ['mp4a', 'alac', '.mp3', 'fLaC', 'Opus', 'samr', 'sawb', 'ac-3', 'ec-3'];
const PLAIN_CODINGS = [
  'sowt',
  'twos',
  'in24',
  'in32',
  'fl32',
  'fl64',
  'lpcm',
  'ipcm',
  'fpcm',
  'raw ',
  'NONE',
  'ulaw',
  'alaw',
];

/** The samples of AAC's frames, which are the shortest at high rates; those of other encoders take 20 ms or more. */
const AAC_SAMPLES = 1024;
const AAC_RATE_HZ = 96000;
const FRAME_SECONDS = 0.02;

/** An hour's index has a few hundred kilobytes; a moving picture's a few megabytes. */
const LARGEST_INDEX = 64 * 2 ** 20;

const MOST_BOXES = 100_000;
const DEEPEST = 16;

/** True if these bytes start a file of the MP4 family: M4A, MP4, 3GP, QuickTime. */
export function isIsoMedia(start: Uint8Array): boolean {
  return FIRST_BOXES.includes(mark(start, 4));
}

/**
 * Reads the header of an M4A, MP4, 3GP or QuickTime file: of its first track with sound.
 *
 * The library trusts the counts in a file's tables: they are checked here.
 *
 * @throws HeaderError if there is no index, no sound in it, or in a coding that there is no decoder for
 * @see ISO/IEC 14496-12
 */
export function readIsoMediaHeader(source: ByteSource): EncodedHeader {
  const index: Index = { tracks: [], fileBytes: source.size };
  let found = false;
  let missing = 0;
  for (const box of boxesOf(source)) {
    const held = Math.min(box.end, source.size);
    missing += box.end - held;
    if (box.name !== 'moov' && box.name !== 'moof') continue;
    if (box.end > source.size) throw new HeaderError(`the MP4 file ends within its index ("${box.name}")`);
    if (box.end - box.start > LARGEST_INDEX) throw new HeaderError('the MP4 file is damaged: its index is too large');
    found ||= box.name === 'moov';
    readIndex(source.read(box.start, box.end - box.start), index);
  }
  if (!found)
    throw new HeaderError(
      'the MP4 file has no index ("moov"): the recorder was stopped before it had written it, or the file is cut short',
    );
  const track = index.tracks.find(({ handler, coding }) => handler === 'soun' && coding);
  if (!track) throw new HeaderError('there is no sound in it, only moving pictures or text');
  return { ...headerOf(track, source), truncated: truncationByBytes(source.size + missing, source.size) };
}

function headerOf(track: Track, source: ByteSource): EncodedHeader {
  const { coding = '', channels = 0, sampleRateHz = 0, timescale = 0, duration = 0, frames = 0 } = track;
  if (![...CODINGS, ...PLAIN_CODINGS].includes(coding))
    throw new FormatError(`an MP4 file with ${OTHER_CODINGS[coding] ?? `the coding ${JSON.stringify(coding)}`}`);
  // Of rates that do not fit their field, that of the track's clock is the right one.
  const rate = sampleRateHz > 0 ? sampleRateHz : timescale;
  const frameSeconds = coding === 'mp4a' ? AAC_SAMPLES / Math.min(rate, AAC_RATE_HZ) : FRAME_SECONDS;
  const stated = timescale > 0 ? duration / timescale : 0;
  return {
    codec: 'm4a',
    sampleRateHz: rate,
    channels,
    // Samples that are stored as they are count as a frame each.
    seconds: Math.max(stated, CODINGS.includes(coding) ? frames * frameSeconds : 0),
    encoded: () => source.read(0, source.size),
  };
}

/** The boxes of the file itself. */
function* boxesOf(source: ByteSource): Generator<Box> {
  let at = 0;
  for (let count = 0; at + 8 <= source.size; count++) {
    const box = readBox(source.read(at, 16), at, source.size);
    if (!box || count === MOST_BOXES)
      throw new HeaderError('the MP4 file is damaged: its boxes do not follow one another');
    yield box;
    at = box.end;
  }
}

/**
 * @param head - the first 16 bytes
 * @param at - where they are
 * @param limit - the end of a box whose size is left open
 */
function readBox(head: Uint8Array, at: number, limit: number): Box | undefined {
  const view = viewOf(head);
  const short = view.getUint32(0);
  const name = mark(head, 4);
  if (short === 0) return { name, start: at + 8, end: limit };
  if (short !== 1) return short < 8 ? undefined : { name, start: at + 8, end: at + short };
  const long = head.length < 16 ? 0 : Number(view.getBigUint64(8));
  return long < 16 ? undefined : { name, start: at + 16, end: at + long };
}

/** Reads the boxes of an index, and checks the counts of its tables. */
function readIndex(bytes: Uint8Array, index: Index, depth = 0): void {
  let at = 0;
  while (at + 8 <= bytes.length) {
    const box = readBox(bytes.subarray(at, at + 16), at, bytes.length);
    if (!box || box.end > bytes.length || depth === DEEPEST)
      throw new HeaderError('the MP4 file is damaged: its index does not add up');
    const content = bytes.subarray(box.start, box.end);
    if (box.name === 'trak') index.tracks.push({});
    if (CONTAINERS.includes(box.name)) readIndex(content, index, depth + 1);
    else readLeaf(box.name, content, index);
    at = box.end;
  }
}

function readLeaf(name: string, content: Uint8Array, index: Index): void {
  const { tracks, fileBytes } = index;
  const view = viewOf(content);
  const number = (at: number) => (at + 4 <= content.length ? view.getUint32(at) : 0);
  checkCounts(name, content, fileBytes);
  if (name === 'tfhd') index.fragmentOf = number(4);
  if (name === 'trun') {
    const track = tracks.find((each) => each.number === index.fragmentOf);
    if (track) track.frames = (track.frames ?? 0) + number(4);
  }
  const track = tracks[tracks.length - 1];
  if (!track) return;
  const long = content[0] === 1;
  if (name === 'tkhd') track.number = number(long ? 20 : 12);
  if (name === 'hdlr') track.handler ??= mark(content, 8);
  if (name === 'mdhd') {
    track.timescale = number(long ? 20 : 12);
    track.duration = long ? number(24) * 2 ** 32 + number(28) : number(16);
  }
  if (name === 'stsd' && content.length >= 44) {
    const version = view.getUint16(24);
    track.coding ??= mark(content, 12);
    track.channels = version === 2 ? number(56) : view.getUint16(32);
    track.sampleRateHz = version === 2 && content.length >= 56 ? view.getFloat64(48) : view.getUint16(40);
  }
  if (name === 'stsz') track.frames = number(8);
}

/** Makes sure that a table has as many entries as it says. */
function checkCounts(name: string, content: Uint8Array, fileBytes: number): void {
  const view = viewOf(content);
  const number = (at: number) => (at + 4 <= content.length ? view.getUint32(at) : 0);
  const fits = (count: number, from: number, entryBytes: number) => count * entryBytes <= content.length - from;
  let right = true;
  if (Object.hasOwn(TABLES, name)) {
    const [at, entryBytes] = TABLES[name];
    right = fits(number(at), at + 4, entryBytes);
  }
  if (name === 'stsz') right = number(4) > 0 ? number(4) * number(8) <= fileBytes : fits(number(8), 12, 4);
  if (name === 'trun') {
    const flags = number(0);
    const fields = [0x100, 0x200, 0x400, 0x800].filter((flag) => flags & flag).length;
    right = fields > 0 ? fits(number(4), 8, 4 * fields) : number(4) <= fileBytes;
  }
  if (!right) throw new HeaderError(`the MP4 file is damaged: its table "${name}" is shorter than it says`);
}
