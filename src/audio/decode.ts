/**
 * From a recording in any usual format to its samples.
 *
 * In: the bytes of a WAV, FLAC, MP3 or Ogg file. Out: a {@link Recording}, mono, at the file's own rate.
 */

import type { AudioData, StreamDecoder } from 'audio-decode';
import { InputError, reasonOf } from '../common/errors.js';
import { joined } from '../common/joined.js';
import { isFlac, readFlacHeader } from './flac.js';
import { type AudioHeader, HeaderError, HIGHEST_RATE_HZ, LOWEST_RATE_HZ } from './header.js';
import { readMp3Header, tagBytes } from './mp3.js';
import { isOgg, readOggHeader } from './ogg.js';
import { isWav, readWavHeader } from './riff.js';
import { type ByteSource, mark, memorySource } from './source.js';

/** A decoded recording, mixed to mono. */
export interface Recording {
  /** Mono, nominally in [-1, 1]; never empty, never NaN or infinite. */
  readonly samples: Float32Array;
  readonly sampleRateHz: number;
  /** Channels of the file; `samples` is their mean. */
  readonly channels: number;
  readonly durationSeconds: number;
  /** Why the file is known to be cut short, undefined if nothing hints at it. Whether to use it is the caller's choice. */
  readonly truncated?: string;
}

/** How recordings are decoded. */
export interface DecodeOptions {
  /** Longer recordings are refused, from their header alone; default: {@link MAX_SECONDS}. */
  readonly maxSeconds?: number;
}

/** A recording whose samples are all smaller is silent: −60 dB of full scale. */
export const SILENCE_PEAK = 1e-3;
export const SILENCE_REASON = 'no sample reaches -60 dB of full scale';

/** An hour: an utterance takes seconds, and an hour at 48 kHz already takes 700 MB. */
export const MAX_SECONDS = 3600;

const MOST_CHANNELS = 64;

/** Enough to recognise each format. */
const START_BYTES = 64;

/**
 * Decodes the content of a WAV, FLAC, MP3 or Ogg (Vorbis, Opus, FLAC) file. The content decides what it is, not the name.
 *
 * A file cut short decodes as far as it goes, and says so in `truncated`.
 *
 * @param name - of the file, for messages
 * @throws InputError, with name and reason, if it is in none of these formats, holds no samples or some that are not finite,
 *   has an absurd header, or is longer than `maxSeconds`
 */
export async function decodeBytes(bytes: Uint8Array, name: string, options: DecodeOptions = {}): Promise<Recording> {
  return decodeSource(memorySource(bytes), name, options);
}

/** The same for bytes that are read only where they are needed. */
export async function decodeSource(
  source: ByteSource,
  name: string,
  { maxSeconds = MAX_SECONDS }: DecodeOptions,
): Promise<Recording> {
  if (source.size === 0) throw new InputError(`${name}: the file is empty (0 bytes)`);
  const header = await reading(name, () => readHeader(source));
  checkHeader(header, name, maxSeconds);
  const { samples, sampleRateHz, channels } = await decoded(header, name);
  if (samples.length === 0)
    throw new InputError(`${name}: there is no audio in it (${header.truncated ?? '0 samples'})`);
  // Integers are always finite.
  const bad = header.integerBits === undefined ? firstNotFinite(samples) : -1;
  if (bad >= 0) throw new InputError(`${name}: sample ${bad} is not a finite number, its value is ${samples[bad]}`);
  return {
    samples,
    sampleRateHz,
    channels,
    durationSeconds: samples.length / sampleRateHz,
    truncated: header.truncated ?? missingSamples(header, samples.length),
  };
}

/** Index, or -1; a plain loop, as this looks at every sample of every clip. */
function firstNotFinite(samples: Float32Array): number {
  for (let i = 0; i < samples.length; i++) if (!Number.isFinite(samples[i])) return i;
  return -1;
}

function missingSamples({ promisedSamples = 0 }: AudioHeader, decoded: number): string | undefined {
  return decoded < promisedSamples
    ? `the header promises ${promisedSamples} samples, ${decoded} could be decoded`
    : undefined;
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

function readHeader(source: ByteSource): AudioHeader {
  const start = source.read(0, START_BYTES);
  if (isWav(start)) return readWavHeader(source);
  if (isOgg(start)) return readOggHeader(source);
  const tag = tagBytes(start);
  if (isFlac(source.read(tag, 4))) return readFlacHeader(source, tag);
  const header = readMp3Header(source, tag);
  if (header) return header;
  throw new HeaderError(
    mark(start, 0) === 'RIFX'
      ? 'a WAV file in big-endian order is not supported: convert it to a plain WAV file'
      : 'not a recording in WAV, FLAC, MP3 or Ogg: leave it out, or convert it to one of these',
  );
}

function checkHeader({ channels, sampleRateHz, seconds }: AudioHeader, name: string, maxSeconds: number): void {
  if (channels < 1 || channels > MOST_CHANNELS)
    throw new InputError(
      `${name}: the header is damaged: 1 to ${MOST_CHANNELS} channels expected, it says ${channels}`,
    );
  if (sampleRateHz < LOWEST_RATE_HZ || sampleRateHz > HIGHEST_RATE_HZ)
    throw new InputError(
      `${name}: sample rates of ${LOWEST_RATE_HZ} to ${HIGHEST_RATE_HZ} Hz are supported, the header says ${sampleRateHz} Hz`,
    );
  if (seconds > maxSeconds)
    throw new InputError(
      `${name}: too long: at most ${maxSeconds} seconds are decoded, this has ${Number(seconds.toPrecision(6))}; cut it into parts`,
    );
}

/** Decoded audio, mixed to mono. */
type Decoded = Pick<Recording, 'samples' | 'sampleRateHz' | 'channels'>;

/** Making a FLAC decoder takes four times as long as decoding a clip with it: this one is kept for the next clip. */
let flacDecoder: StreamDecoder | undefined;

async function decoded(header: AudioHeader, name: string): Promise<Decoded> {
  const { channelData, encoded } = header;
  if (channelData) return { ...header, samples: mixed(await reading(name, channelData)) };
  const bytes = await reading(name, encoded);
  return decodeWith(header, bytes).catch((error) => {
    throw new InputError(`${name}: damaged: ${reasonOf(error)}`);
  });
}

async function decodeWith(header: AudioHeader, encoded: Uint8Array): Promise<Decoded> {
  const reused = header.codec === 'flac' ? flacDecoder : undefined;
  flacDecoder = undefined;
  // Loaded only now: plain WAV files do without it.
  const decoder = reused ?? (await (await import('audio-decode')).default[header.codec]());
  const parts = [await quietly(() => decoder(encoded))];
  // The decoder is ready for the next file only after a complete one: others need the flush, which ends it.
  const { promisedSamples } = header;
  const complete = promisedSamples !== undefined && parts[0].channelData[0]?.length === promisedSamples;
  if (header.codec === 'flac' && complete) flacDecoder = decoder;
  else parts.push(await quietly(() => decoder()));
  const filled = parts.filter((part) => part.channelData.length > 0);
  for (const { channelData } of filled) for (const channel of channelData) rescale(channel, header);
  const mono = filled.map((part) => mixed(part.channelData));
  return {
    // One part is the rule, and needs no copy.
    samples: mono.length === 1 ? mono[0] : joined(mono),
    sampleRateHz: filled[0]?.sampleRate ?? header.sampleRateHz,
    channels: header.channels,
  };
}

/**
 * Some of the library's decoders report damaged frames on the console. They do so before they return their promise, so
 * that nothing else is silenced here; the damage shows in the number of samples.
 */
function quietly(run: () => Promise<AudioData>): Promise<AudioData> {
  const { error, log, warn } = console;
  const silent = () => {};
  Object.assign(console, { error: silent, log: silent, warn: silent });
  try {
    return run();
  } finally {
    Object.assign(console, { error, log, warn });
  }
}

/**
 * By convention (libsndfile, librosa), integers are divided by a power of two. The library divides by one less, all samples
 * of FLAC and the positive ones of WAV: the same sound would differ from format to format.
 */
function rescale(channel: Float32Array, { codec, integerBits }: AudioHeader): void {
  if (integerBits === undefined) return;
  const factor = 1 - 2 ** (1 - integerBits);
  for (let i = 0; i < channel.length; i++) if (codec === 'flac' || channel[i] > 0) channel[i] *= factor;
}

/** The mean of the channels. */
function mixed(channelData: readonly Float32Array[]): Float32Array {
  if (channelData.length === 1) return channelData[0];
  const mono = new Float32Array(channelData[0].length);
  for (const channel of channelData) for (let i = 0; i < mono.length; i++) mono[i] += channel[i];
  for (let i = 0; i < mono.length; i++) mono[i] /= channelData.length;
  return mono;
}
