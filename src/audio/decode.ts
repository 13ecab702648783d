/**
 * From a recording in any usual format to its samples.
 *
 * In: the bytes of a file, see `FORMATS` for what it may be. Out: a {@link Recording}, mono, at the file's own rate.
 */

import type { AudioData, StreamDecoder } from 'audio-decode';
import { InputError, reasonOf } from '../common/errors.js';
import { joined } from '../common/joined.js';
import type { Waveform } from '../kernels/kernels.js';
import { type DecodeOptions, headerOf, reading } from './formats.js';
import type { AudioHeader, EncodedHeader } from './header.js';
import { Mixer, toMono } from './mono.js';
import { type ByteSource, memorySource } from './source.js';

/** A decoded recording, mixed to mono. */
export interface Recording {
  /** Mono, nominally in [-1, 1]; never empty, never NaN or infinite. */
  readonly samples: Float32Array;
  readonly sampleRateHz: number;
  /** Channels of the file; `samples` is their mean, or one of them where they cancel out. */
  readonly channels: number;
  readonly durationSeconds: number;
  /** Why the file is known to be cut short, undefined if nothing hints at it, or no more is missing than is allowed. */
  readonly truncated?: string;
  /** What is odd about the file, and what was done about it; undefined if nothing is. */
  readonly warning?: string;
}

/** A recording whose samples may be read piece by piece from its file, where all of them would need too much memory. */
export interface AnyRecording extends Omit<Recording, 'samples'> {
  readonly samples: Float32Array | Waveform;
}

/** Recordings with as many samples are read in pieces of so many: 95 s at 44,100 Hz, in pieces of 1.5 s. */
const LONG_SAMPLES = 2 ** 22;
const PIECE_SAMPLES = 2 ** 16;

/**
 * Decodes the content of a recording. The content decides what it is, not the name.
 *
 * A file cut short decodes as far as it goes, and says so in `truncated`.
 *
 * @param name - of the file, for messages
 * @throws InputError, with name and reason, if it is in none of these formats, holds no samples or some that are not finite,
 *   has an absurd header, or is longer than `maxSeconds`; RangeError if `allowTruncated` is not a share
 */
export async function decodeBytes(bytes: Uint8Array, name: string, options: DecodeOptions = {}): Promise<Recording> {
  return decodeSource(memorySource(bytes), name, options);
}

/** The same for bytes that are read only where they are needed. */
export async function decodeSource(source: ByteSource, name: string, options: DecodeOptions): Promise<Recording> {
  const header = await headerOf(source, name, options);
  const { samples, warning, ...form } = await decoded(header, name);
  // Integers are always finite.
  const bad = header.integerBits === undefined ? firstNotFinite(samples) : -1;
  if (bad >= 0) throw notFinite(name, bad, samples[bad]);
  return { samples, ...form, ...factsOf(header, { name, ...form, warning, decoded: samples.length }, options) };
}

/**
 * The same, but a long recording that needs no decoder is read again wherever its samples are asked for: an hour would take
 * 700 MB otherwise, and twice as much while its channels are mixed.
 *
 * @param source - can be read at any time
 */
export async function openSource(source: ByteSource, name: string, options: DecodeOptions): Promise<AnyRecording> {
  const header = await headerOf(source, name, options);
  if (header.codec !== 'pcm' || header.samples < LONG_SAMPLES) return decodeSource(source, name, options);
  const { samples: length, sampleRateHz, channels } = header;
  const mixer = new Mixer();
  for (let from = 0; from < length; from += PIECE_SAMPLES) {
    const piece = await reading(name, () => header.channelData(from, Math.min(PIECE_SAMPLES, length - from)));
    mixer.hear(piece);
    if (header.integerBits !== undefined) continue;
    const mono = piece.length === 1 ? piece[0] : mixer.mono(piece);
    const bad = firstNotFinite(mono);
    if (bad >= 0) throw notFinite(name, from + bad, mono[bad]);
  }
  const monoOf = (from: number, count: number) => {
    try {
      const mono = mixer.mono(header.channelData(from, count));
      if (mono.length === count) return mono;
    } catch (error) {
      throw new InputError(`${name}: cannot be read any more: ${reasonOf(error)}`);
    }
    throw new InputError(`${name}: cannot be read any more: the file has become shorter`);
  };
  const samples: Waveform = {
    length,
    copyTo(offset, block) {
      const from = Math.max(0, offset);
      const count = Math.min(length, offset + block.length) - from;
      block.fill(0);
      if (count <= 0) return;
      block.set(monoOf(from, count), from - offset);
    },
  };
  const { warning } = mixer;
  return {
    ...{ samples, sampleRateHz, channels },
    ...factsOf(header, { name, sampleRateHz, warning, decoded: length }, options),
  };
}

/** What else is known of a recording, of which so many samples were decoded. */
function factsOf(
  header: AudioHeader,
  { name, sampleRateHz, warning, decoded }: { name: string; sampleRateHz: number; warning?: string; decoded: number },
  { allowTruncated = 0 }: DecodeOptions,
): Pick<Recording, 'durationSeconds' | 'truncated' | 'warning'> {
  if (decoded === 0)
    throw new InputError(`${name}: there is no audio in it (${header.truncated?.reason ?? '0 samples'})`);
  return {
    durationSeconds: decoded / sampleRateHz,
    truncated: truncationOf(header, { decoded, allowed: allowTruncated }),
    warning,
  };
}

function notFinite(name: string, index: number, value: number): InputError {
  return new InputError(`${name}: sample ${index} is not a finite number, its value is ${value}`);
}

/** Index, or -1; a plain loop, as this looks at every sample of every clip. */
function firstNotFinite(samples: Float32Array): number {
  for (let i = 0; i < samples.length; i++) if (!Number.isFinite(samples[i])) return i;
  return -1;
}

/** Why more is missing than is allowed. */
function truncationOf(
  { truncated, promisedSamples = 0 }: AudioHeader,
  { decoded, allowed }: { decoded: number; allowed: number },
): string | undefined {
  const found =
    truncated ??
    (decoded < promisedSamples
      ? {
          reason: `the header promises ${promisedSamples} samples, ${decoded} could be decoded`,
          missingShare: 1 - decoded / promisedSamples,
        }
      : undefined);
  return found && (found.missingShare ?? 1) > allowed ? found.reason : undefined;
}

/** Decoded audio, mixed to mono. */
type Decoded = Pick<Recording, 'samples' | 'sampleRateHz' | 'channels' | 'warning'>;

/** Making a FLAC decoder takes four times as long as decoding a clip with it: this one is kept for the next clip. */
let flacDecoder: StreamDecoder | undefined;

async function decoded(header: AudioHeader, name: string): Promise<Decoded> {
  const { sampleRateHz, channels } = header;
  if (header.codec === 'pcm')
    return { ...toMono(await reading(name, () => header.channelData())), sampleRateHz, channels };
  const bytes = await reading(name, header.encoded);
  return decodeWith(header, bytes).catch((error) => {
    throw new InputError(`${name}: damaged: ${reasonOf(error)}`);
  });
}

async function decodeWith(header: EncodedHeader, encoded: Uint8Array): Promise<Decoded> {
  const { codec, promisedSamples } = header;
  const reused = codec === 'flac' ? flacDecoder : undefined;
  flacDecoder = undefined;
  // Loaded only now: files that need no decoder do without it, and each decoder is loaded when it is asked for.
  const decoder = reused ?? (await (await import('audio-decode')).default[codec]());
  const parts = [await quietly(() => decoder(encoded))];
  // The decoder is ready for the next file only after a complete one: others need the flush, which ends it.
  const complete = promisedSamples !== undefined && parts[0].channelData[0]?.length === promisedSamples;
  if (codec === 'flac' && complete) flacDecoder = decoder;
  else parts.push(await quietly(() => decoder()));
  const filled = parts.filter((part) => part.channelData.length > 0);
  for (const { channelData } of filled) for (const channel of channelData) rescale(channel, header);
  const channelData = channelsOf(filled);
  const { samples, warning } = toMono(channelData);
  return {
    samples,
    sampleRateHz: filled[0]?.sampleRate ?? header.sampleRateHz,
    // MP4 says "two" of all of them.
    channels: codec === 'm4a' ? channelData.length : header.channels,
    warning,
  };
}

/** The channels of all parts. One part is the rule, and needs no copy. */
function channelsOf(parts: readonly AudioData[]): Float32Array[] {
  if (parts.length === 1) return parts[0].channelData;
  const channels = Math.max(0, ...parts.map(({ channelData }) => channelData.length));
  return Array.from({ length: channels }, (_, c) =>
    joined(parts.map(({ channelData }) => channelData[c] ?? channelData[0])),
  );
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
 * By convention (libsndfile, librosa), integers are divided by a power of two. The library divides those of FLAC by one
 * less: the same sound would differ from format to format.
 */
function rescale(channel: Float32Array, { codec, integerBits }: AudioHeader): void {
  if (codec !== 'flac' || integerBits === undefined) return;
  const factor = 1 - 2 ** (1 - integerBits);
  for (let i = 0; i < channel.length; i++) channel[i] *= factor;
}
