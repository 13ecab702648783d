/** How {@link oggPage} writes a page. */
export interface PageOptions {
  /** Samples up to the end of the page; -1 where no packet ends in it. */
  readonly position: number;
  /** 2: the first page, 4: the last one. */
  readonly flags?: number;
  /** Number of the page. */
  readonly number?: number;
}

/** A page that holds one whole packet of less than 65,025 bytes, see RFC 3533, 6. */
export function oggPage(packet: Uint8Array, { position, flags = 0, number = 0 }: PageOptions): Buffer {
  const segments = [...new Array(Math.floor(packet.length / 255)).fill(255), packet.length % 255];
  const head = Buffer.alloc(27);
  head.write('OggS');
  head[5] = flags;
  head.writeBigInt64LE(BigInt(position), 6);
  head.writeUInt32LE(1, 14);
  head.writeUInt32LE(number, 18);
  head[26] = segments.length;
  const page = Buffer.concat([head, Buffer.from(segments), packet]);
  page.writeUInt32LE(checksum(page), 22);
  return page;
}

/** A file whose last page does not say that it is the last one, as some tools leave it. */
export function withoutEndFlag(file: Uint8Array): Buffer {
  const copy = Buffer.from(file);
  const page = copy.subarray(copy.lastIndexOf('OggS'));
  page[5] &= ~4;
  page.writeUInt32LE(0, 22);
  page.writeUInt32LE(checksum(page), 22);
  return copy;
}

/** CRC-32 as Ogg has it: polynomial 0x04c11db7, not reflected, starting from 0. */
function checksum(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}
