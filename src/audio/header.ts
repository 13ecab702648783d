/** Rates outside of these are taken for mistakes: speech needs more, and no recorder has more. */
export const LOWEST_RATE_HZ = 4000;
export const HIGHEST_RATE_HZ = 384000;

/** The decoders of the library audio-decode that are used, by its names for them. */
export type Codec = 'wav' | 'flac' | 'mp3' | 'oga' | 'opus' | 'm4a' | 'aac' | 'aiff' | 'caf' | 'webm' | 'amr' | 'wma';

/** What a recording's header says, before anything is decoded, and how to get at its sound. */
export type AudioHeader = PlainHeader | EncodedHeader;

interface HeaderFacts {
  readonly sampleRateHz: number;
  readonly channels: number;
  /** Length in seconds; a lower bound or an estimate where only decoding would tell. */
  readonly seconds: number;
  /** Bits of a sample where samples are stored as integers. */
  readonly integerBits?: number;
  /** Samples per channel that decoding must give at least, where the header says so. */
  readonly promisedSamples?: number;
  /** Why the file is known to be cut short; undefined if nothing hints at it. */
  readonly truncated?: Truncation;
}

/** Of a format so simple that no decoder is needed. */
export interface PlainHeader extends HeaderFacts {
  readonly codec: 'pcm';
  /** Samples of each channel. */
  readonly samples: number;
  /** Samples of each channel, so many from one on, read only when asked for; default: all. */
  readonly channelData: (from?: number, count?: number) => Float32Array[];
}

/** Of a format that the library decodes. */
export interface EncodedHeader extends HeaderFacts {
  readonly codec: Codec;
  /** The bytes to hand to the decoder, read only when asked for. */
  readonly encoded: () => Uint8Array;
}

/** That something of a file is missing, and how much. */
export interface Truncation {
  readonly reason: string;
  /** Of the whole, 0 to 1; undefined where nothing tells. */
  readonly missingShare?: number;
}

/** The truncation of a file that should have so many bytes; undefined if it has them. */
export function truncationByBytes(promised: number, there: number): Truncation | undefined {
  if (promised <= there) return undefined;
  return {
    reason: `the header promises ${promised} bytes, the file has ${there} of them`,
    missingShare: 1 - there / promised,
  };
}

/** A header that cannot be used; the message is a reason without the file's name. */
export class HeaderError extends Error {
  override name = 'HeaderError';
}

/** Audio in a format that is recognised, but that there is no decoder for. */
export class FormatError extends HeaderError {
  override name = 'FormatError';

  /** @param format - with its article, e.g. `a WAV file with GSM 6.10` */
  constructor(format: string) {
    super(`${format}, which is not decoded here: convert it with \`ffmpeg -i FILE -vn -c:a pcm_s16le FILE.wav\``);
  }
}
