/** Rates outside of these are taken for mistakes: speech needs more, and no recorder has more. */
export const LOWEST_RATE_HZ = 4000;
export const HIGHEST_RATE_HZ = 384000;

/** What a recording's header says, before anything is decoded. */
export interface AudioHeader {
  /** The decoder to use, by its name in the library audio-decode. */
  readonly codec: 'wav' | 'flac' | 'mp3' | 'oga' | 'opus';
  readonly sampleRateHz: number;
  readonly channels: number;
  /** Length in seconds; a lower bound or an estimate where only decoding would tell. */
  readonly seconds: number;
  /** Bits of a sample where samples are stored as integers. */
  readonly integerBits?: number;
  /** Samples per channel that decoding must give at least, where the header says so. */
  readonly promisedSamples?: number;
  /** Why the file is known to be cut short; undefined if nothing hints at it. */
  readonly truncated?: string;
  /** The samples of each channel, where the format is so simple that no decoder is needed. */
  readonly channelData?: () => Float32Array[];
  /** The bytes to hand to the decoder, read only when asked for. */
  readonly encoded: () => Uint8Array;
}

/** A header that cannot be used; the message is a reason without the file's name. */
export class HeaderError extends Error {
  override name = 'HeaderError';
}
