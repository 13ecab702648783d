import type { ByteSource } from './source.js';

/** A chunk of a container: its name, where its content starts, and how long the file says that is. */
export interface Chunk {
  readonly name: string;
  readonly start: number;
  readonly size: number;
}

/** How a container writes the heads of its chunks. */
export interface ChunkLayout {
  readonly headBytes: number;
  /** Name, and size of the content. */
  readonly readHead: (head: Uint8Array) => Pick<Chunk, 'name' | 'size'>;
  /** Chunks start at multiples of this. */
  readonly alignment: number;
}

/** Real files have a handful of chunks; a file of many thousands of empty ones is an attack or noise. */
const MOST_CHUNKS = 10000;

/** The chunks of a container, from an offset on, up to the end of the file. */
export function* chunksOf(source: ByteSource, offset: number, layout: ChunkLayout): Generator<Chunk> {
  const { headBytes, readHead, alignment } = layout;
  let position = offset;
  for (let count = 0; count < MOST_CHUNKS && position + headBytes <= source.size; count++) {
    const { name, size } = readHead(source.read(position, headBytes));
    const start = position + headBytes;
    yield { name, start, size };
    position = start + Math.ceil(Math.max(0, size) / alignment) * alignment;
  }
}
