import type { StoredTensor } from '../encoder/safetensors.js';

/** A group of an HDF5 file: what is in it, by name. */
export interface Hdf5Group {
  readonly [name: string]: Hdf5Group | StoredTensor;
}

/** Stands for an address of what is not there. */
const NOWHERE = 0xffffffffffffffffn;

/** Bytes that objects and messages begin at a multiple of. */
const ALIGNMENT = 8;

/** Kinds of messages, of which the header of an object consists. */
export const HDF5_MESSAGES = {
  ...{ dataspace: 1, linkInfo: 2, datatype: 3, link: 6, layout: 8, attribute: 12 },
  ...{ continuation: 16, symbolTable: 17 },
} as const;

/** How a file begins, without its two addresses: version 0, which every reader knows. */
export const HDF5_SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
const SUPERBLOCK_BYTES = 96;

/** IEEE single precision, little-endian: where sign, exponent and mantissa are, and the exponent's bias. */
export const HDF5_FLOAT32 = [0x11, 0x20, 31, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0];

/**
 * Groups and tensors as an HDF5 file. Its bytes depend on nothing else, as they would with the HDF5 library, which stores the
 * time at which each object was made.
 *
 * @throws RangeError if a name is longer than 255 bytes, or not ASCII
 * @see HDF5 File Format Specification, version 3.0: superblock 0, object headers 1, compact groups, contiguous datasets
 */
export function hdf5File(root: Hdf5Group): Uint8Array {
  const parts: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  let end = SUPERBLOCK_BYTES;
  const put = (bytes: Uint8Array): bigint => {
    const at = end;
    parts.push({ at, bytes });
    end = aligned(at + bytes.length);
    return BigInt(at);
  };
  const header = putObject(root, put);
  const file = new Uint8Array(end);
  file.set(superblock(header, BigInt(end)));
  for (const { at, bytes } of parts) file.set(bytes, at);
  return file;
}

/** Puts an object after what it names, and says where it is. */
function putObject(object: Hdf5Group | StoredTensor, put: (bytes: Uint8Array) => bigint): bigint {
  if (isTensor(object)) {
    const { shape, values } = object;
    const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const address = data.length === 0 ? NOWHERE : put(data);
    return put(
      objectHeader([
        [
          HDF5_MESSAGES.dataspace,
          [1, shape.length, 0, 0, ...uint32(0), ...shape.flatMap((size) => uint64(BigInt(size)))],
        ],
        [HDF5_MESSAGES.datatype, HDF5_FLOAT32],
        [HDF5_MESSAGES.layout, [3, 1, ...uint64(address), ...uint64(BigInt(data.length))]],
      ]),
    );
  }
  const links = Object.entries(object).map(([name, inner]): Message => {
    const characters = Array.from(name, (character) => character.charCodeAt(0));
    if (characters.length > 255 || characters.some((code) => code > 127))
      throw new RangeError(`Cannot write an HDF5 file: names must be ASCII, at most 255 bytes, current one is ${name}`);
    return [HDF5_MESSAGES.link, [1, 0, characters.length, ...characters, ...uint64(putObject(inner, put))]];
  });
  return put(objectHeader([[HDF5_MESSAGES.linkInfo, [0, 0, ...uint64(NOWHERE), ...uint64(NOWHERE)]], ...links]));
}

function isTensor(object: Hdf5Group | StoredTensor): object is StoredTensor {
  return object.values instanceof Float32Array;
}

function superblock(root: bigint, end: bigint): Uint8Array {
  return Uint8Array.from([
    ...[...HDF5_SIGNATURE, 0, 0, 0, 0, 0, 8, 8, 0, 4, 0, 16, 0, ...uint32(0)],
    ...[0n, NOWHERE, end, NOWHERE].flatMap(uint64),
    // The entry of the root group: no name, where its header is, and nothing cached.
    ...[0n, root, 0n, 0n, 0n].flatMap(uint64),
  ]);
}

type Message = readonly [kind: number, content: readonly number[]];

function objectHeader(messages: readonly Message[]): Uint8Array {
  const body = messages.flatMap(([kind, content]) => {
    const size = aligned(content.length);
    return [...uint16(kind), ...uint16(size), 0, 0, 0, 0, ...content, ...Array(size - content.length).fill(0)];
  });
  return Uint8Array.from([
    ...[1, 0, ...uint16(messages.length), ...uint32(1), ...uint32(body.length), ...uint32(0)],
    ...body,
  ]);
}

function aligned(position: number): number {
  return Math.ceil(position / ALIGNMENT) * ALIGNMENT;
}

function uint16(value: number): number[] {
  return [value & 255, value >> 8];
}

function uint32(value: number): number[] {
  return [...uint16(value & 0xffff), ...uint16(value >>> 16)];
}

function uint64(value: bigint): number[] {
  return [...uint32(Number(value & 0xffffffffn)), ...uint32(Number(value >> 32n))];
}
