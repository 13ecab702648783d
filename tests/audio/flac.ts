/** Bytes up to the end of the first block. */
const STREAM_INFO_BYTES = 42;

/** What the start of a FLAC stream says. */
export interface StreamInfo {
  readonly sampleRateHz: number;
  readonly channels: number;
  readonly bits: number;
  readonly samples: number;
}

/** FLAC's mark and its first block, see RFC 9639, 8.2. */
export function streamInfo({ sampleRateHz, channels, bits, samples }: StreamInfo): Buffer {
  const bytes = Buffer.alloc(STREAM_INFO_BYTES);
  bytes.write('fLaC');
  bytes.writeUInt32BE(34, 4);
  bytes.writeUInt16BE(4096, 8);
  bytes.writeUInt16BE(4096, 10);
  const packed =
    (BigInt(sampleRateHz) << 44n) | (BigInt(channels - 1) << 41n) | (BigInt(bits - 1) << 36n) | BigInt(samples);
  bytes.writeBigUInt64BE(packed, 18);
  return bytes;
}

/**
 * The frames of a FLAC file, without what lies before them, see RFC 9639, 9.1: for up to 128 blocks of one size, at a
 * usual rate.
 */
export function flacFrames(bytes: Uint8Array): Uint8Array[] {
  const starts: number[] = [];
  for (let at = STREAM_INFO_BYTES; at < bytes.length; at++) {
    if (bytes[at] !== 0xff || bytes[at + 1] !== 0xf8 || bytes[at + 4] !== starts.length) continue;
    // The last block is shorter; its size takes one or two bytes.
    const end = at + 5 + ({ 6: 1, 7: 2 }[bytes[at + 2] >> 4] ?? 0);
    if (checksum(bytes.subarray(at, end)) === bytes[end]) starts.push(at);
  }
  return starts.map((start, i) => bytes.subarray(start, starts[i + 1] ?? bytes.length));
}

/** CRC-8 as frames' heads have it: polynomial 0x07, starting from 0. */
function checksum(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x80 ? (crc << 1) ^ 0x07 : crc << 1) & 0xff;
  }
  return crc;
}
