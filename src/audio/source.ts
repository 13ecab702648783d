/** Bytes of a file or of memory, read where they are needed: a header can be judged without reading what follows. */
export interface ByteSource {
  readonly size: number;
  /** Up to `length` bytes from `offset` on; fewer where the source ends. */
  read(offset: number, length: number): Uint8Array;
}

/** A source over bytes in memory; what is read shares their memory. */
export function memorySource(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

/** The part of a source from `start` up to `end`, as a source of its own. */
export function partOf(source: ByteSource, start: number, end = source.size): ByteSource {
  const size = Math.max(0, end - start);
  return {
    size,
    read: (offset, length) => source.read(start + offset, Math.max(0, Math.min(length, size - offset))),
  };
}

/** Text of the `length` bytes at `offset`, one character a byte: the four-letter marks of containers. */
export function mark(bytes: Uint8Array, offset: number, length = 4): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + length));
}

/** The bytes as a view for reading numbers. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
