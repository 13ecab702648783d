/**
 * The formats that recordings may have.
 *
 * In: the bytes of a file. Out: what its header says, before anything is decoded.
 */
import { InputError, reasonOf } from '../common/errors.js';
import { readAdtsHeader } from './adts.js';
import { isAiff, readAiffHeader } from './aiff.js';
import { isAmr, readAmrHeader } from './amr.js';
import { isAsf, readAsfHeader } from './asf.js';
import { isAu, readAuHeader } from './au.js';
import { isCaf, readCafHeader } from './caf.js';
import { isFlac, readFlacHeader } from './flac.js';
import { foreignFile } from './foreign.js';
import { type AudioHeader, HeaderError, HIGHEST_RATE_HZ, LOWEST_RATE_HZ } from './header.js';
import { isIsoMedia, readIsoMediaHeader } from './iso-media.js';
import { isMatroska, readMatroskaHeader } from './matroska.js';
import { readMp3Header } from './mp3.js';
import { isOgg, readOggHeader } from './ogg.js';
import { isWav, isWave64, readWave64Header, readWavHeader } from './riff.js';
import type { ByteSource } from './source.js';
import { afterTags, beforeTags } from './tags.js';

/** How recordings are decoded. */
export interface DecodeOptions {
  /** Longer recordings are refused, from their header alone; default: {@link MAX_SECONDS}. */
  readonly maxSeconds?: number;
  /**
   * Share of a recording that may be missing, 0 to 1, before it counts as truncated; default: 0. Where a file does not tell
   * how much is missing, only 1 lets it pass.
   */
  readonly allowTruncated?: number;
}

/** An hour: an utterance takes seconds, and an hour at 48 kHz already takes 700 MB. */
export const MAX_SECONDS = 3600;

const MOST_CHANNELS = 64;

/** Enough to recognise each format. */
const START_BYTES = 64;

/** The formats that are told by their first bytes. Plain AAC and MP3, which have no such mark, are looked for after these. */
const FORMATS: readonly (readonly [is: (start: Uint8Array) => boolean, read: (source: ByteSource) => AudioHeader])[] = [
  [isWav, readWavHeader],
  [isWave64, readWave64Header],
  [isFlac, (source) => readFlacHeader(beforeTags(source))],
  [isOgg, readOggHeader],
  [isIsoMedia, readIsoMediaHeader],
  [isMatroska, readMatroskaHeader],
  [isAiff, readAiffHeader],
  [isCaf, readCafHeader],
  [isAu, readAuHeader],
  [isAmr, readAmrHeader],
  [isAsf, readAsfHeader],
];

/**
 * What the header of a recording says, checked: its rate for those who have their own decoder, as browsers do.
 *
 * @throws InputError, RangeError as {@link decodeBytes}
 */
export async function headerOf(
  source: ByteSource,
  name: string,
  { maxSeconds = MAX_SECONDS, allowTruncated = 0 }: DecodeOptions = {},
): Promise<AudioHeader> {
  if (!(allowTruncated >= 0 && allowTruncated <= 1))
    throw new RangeError(
      `Cannot decode: the share that may be missing must be from 0 to 1, current value is ${allowTruncated}`,
    );
  if (source.size === 0)
    throw new InputError(
      `${name}: the file is empty (0 bytes): copy it again, or open it once if it is on a cloud drive, which may not have downloaded it`,
    );
  const header = await reading(name, () => readHeader(source));
  checkHeader(header, name, maxSeconds);
  return header;
}

/** Runs what may fail because of the file, and says which file it was; a fault of the program stays what it is. */
export async function reading<T>(name: string, action: () => T): Promise<T> {
  try {
    return action();
  } catch (error) {
    // Those of the file system have a code.
    if (error instanceof TypeError && !('code' in error)) throw error;
    throw new InputError(`${name}: ${error instanceof HeaderError ? '' : 'cannot be read: '}${reasonOf(error)}`);
  }
}

function readHeader(file: ByteSource): AudioHeader {
  const source = afterTags(file);
  const start = source.read(0, START_BYTES);
  const format = FORMATS.find(([is]) => is(start));
  if (format) return format[1](source);
  const header = readAdtsHeader(source) ?? readMp3Header(source);
  if (header) return header;
  throw foreignFile(start);
}

function checkHeader({ channels, sampleRateHz, seconds }: AudioHeader, name: string, maxSeconds: number): void {
  if (!(channels >= 1 && channels <= MOST_CHANNELS))
    throw new InputError(
      `${name}: the header is damaged: 1 to ${MOST_CHANNELS} channels expected, it says ${channels}`,
    );
  if (!(sampleRateHz >= LOWEST_RATE_HZ && sampleRateHz <= HIGHEST_RATE_HZ))
    throw new InputError(
      `${name}: sample rates of ${LOWEST_RATE_HZ} to ${HIGHEST_RATE_HZ} Hz are supported, the header says ${sampleRateHz} Hz`,
    );
  if (seconds > maxSeconds)
    throw new InputError(
      `${name}: too long: at most ${maxSeconds} seconds are decoded, this has ${Number(seconds.toPrecision(6))}; cut it into parts`,
    );
}
