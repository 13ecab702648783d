import { InputError } from '../common/errors.js';
import type { StoredTensor } from '../encoder/safetensors.js';
import { MOST_WEIGHTS } from '../model/settings.js';
import { HDF5_FLOAT32, HDF5_MESSAGES, HDF5_SIGNATURE } from './hdf5-file.js';

/** IEEE double precision, little-endian, as {@link HDF5_FLOAT32} is single precision. */
const FLOAT64 = [0x11, 0x20, 63, 0, 8, 0, 0, 0, 0, 0, 64, 0, 52, 11, 0, 52, 255, 3, 0, 0];

/** Classes of datatypes. */
const FIXED_TEXT = 3;
const VARIABLE = 9;

/** A part of the header of an object. */
interface Message {
  readonly kind: number;
  readonly content: DataView;
}

/**
 * An HDF5 file as Keras writes it, by h5py with its defaults: groups with symbol tables, tensors in one piece, texts as
 * attributes; and as {@link hdf5File} does.
 *
 * The HDF5 library, in WebAssembly, reads more, but a file that is damaged in the right place keeps it busy for ever. Here
 * every step goes on in a file that ends.
 *
 * @see HDF5 File Format Specification, version 3.0
 */
export class Hdf5Reading {
  private readonly view: DataView;
  private readonly root: number;
  /** By the address of a group, where its members begin. */
  private readonly groups = new Map<number, ReadonlyMap<string, number>>();

  /**
   * @param name - of the file, for messages
   * @throws InputError if it is none, or one of another kind
   */
  constructor(
    bytes: Uint8Array,
    private readonly name: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const start = this.part(0, 96);
    if (HDF5_SIGNATURE.some((byte, i) => this.byte(start, i) !== byte)) throw this.damaged('it is no HDF5 file');
    const [version, offsetBytes, lengthBytes] = [8, 13, 14].map((at) => this.byte(start, at));
    if (version !== 0 || offsetBytes !== 8 || lengthBytes !== 8)
      throw new InputError(`Cannot read ${name}: it must be HDF5 as Keras writes it, with superblock 0`);
    this.root = this.number(start, 64);
  }

  /**
   * The tensor of a path, in single or double precision.
   *
   * @returns undefined if there is none
   * @throws InputError if it is no tensor, has other numbers, or more than any network
   */
  tensor(path: string): StoredTensor | undefined {
    const address = this.addressOf(path);
    if (address === undefined) return undefined;
    const messages = this.messagesOf(address);
    const found = (kind: number) => messages.find((message) => message.kind === kind)?.content;
    const [space, type, layout] = [HDF5_MESSAGES.dataspace, HDF5_MESSAGES.datatype, HDF5_MESSAGES.layout].map(found);
    if (!space || !type || !layout) throw this.damaged(`${path} is no tensor`);
    const isOf = (datatype: readonly number[]) =>
      type.byteLength >= datatype.length && datatype.every((byte, i) => this.byte(type, i) === byte);
    const width = isOf(HDF5_FLOAT32) ? 4 : isOf(FLOAT64) ? 8 : undefined;
    if (!width) throw new InputError(`Cannot read ${this.name}: weights must be float32, those in ${path} are not`);
    const shape = this.shapeOf(space);
    const size = shape.reduce((product, length) => product * length, 1);
    if (!(size <= MOST_WEIGHTS))
      throw new InputError(
        `Cannot read ${this.name}: ${path} must have at most ${MOST_WEIGHTS} numbers, it has ${size}`,
      );
    const data = this.dataOf(layout, size * width, path);
    const values = Float32Array.from({ length: size }, (_, i) =>
      width === 4 ? data.getFloat32(4 * i, true) : data.getFloat64(8 * i, true),
    );
    return { shape, values };
  }

  /**
   * The texts in an attribute of an object.
   *
   * @returns undefined if there is no such object, or it has no texts of that name
   */
  texts(path: string, attribute: string): string[] | undefined {
    const address = this.addressOf(path);
    if (address === undefined) return undefined;
    for (const { kind, content } of this.messagesOf(address))
      if (kind === HDF5_MESSAGES.attribute) {
        const { name, type, space, data } = this.attributeOf(content);
        if (name === attribute) return this.textsOf(type, this.shapeOf(space), data);
      }
    return undefined;
  }

  /** Where an object begins. */
  private addressOf(path: string): number | undefined {
    let address: number | undefined = this.root;
    for (const name of path.split('/').filter(Boolean)) {
      if (address === undefined) return undefined;
      address = this.membersOf(address).get(name);
    }
    return address;
  }

  /** Where the members of a group begin, by name. */
  private membersOf(group: number): ReadonlyMap<string, number> {
    const known = this.groups.get(group);
    if (known) return known;
    const members = new Map<string, number>();
    for (const { kind, content } of this.messagesOf(group)) {
      if (kind === HDF5_MESSAGES.link) this.readLink(content, members);
      if (kind === HDF5_MESSAGES.symbolTable) {
        const heap = this.part(this.number(content, 8), 32);
        this.requireSignature(heap, 'HEAP');
        const names = this.part(this.number(heap, 24), this.number(heap, 8));
        this.readTree(this.number(content, 0), { names, members, seen: new Set() });
      }
    }
    this.groups.set(group, members);
    return members;
  }

  /** Adds what is in a tree of symbol tables, none of which it may hold twice. */
  private readTree(
    address: number,
    tree: { readonly names: DataView; readonly members: Map<string, number>; readonly seen: Set<number> },
  ): void {
    const { names, members, seen } = tree;
    if (seen.has(address)) throw this.damaged('its groups have no end');
    seen.add(address);
    const head = this.part(address, 8);
    if (signatureOf(head) === 'SNOD') {
      const count = this.short(head, 6);
      const entries = this.part(address + 8, 40 * count);
      for (let i = 0; i < count; i++)
        members.set(this.textAt(names, this.number(entries, 40 * i)), this.number(entries, 40 * i + 8));
      return;
    }
    this.requireSignature(head, 'TREE');
    const count = this.short(head, 6);
    const children = this.part(address + 24, 16 * count + 8);
    for (let i = 0; i < count; i++) this.readTree(this.number(children, 16 * i + 8), tree);
  }

  /** Adds a link that the header itself holds. */
  private readLink(content: DataView, members: Map<string, number>): void {
    if (this.byte(content, 1) !== 0) throw this.damaged('it has links that Keras does not write');
    const length = this.byte(content, 2);
    members.set(this.text(content, 3, length), this.number(content, 3 + length));
  }

  /** The parts of an object's header, of which there are as many as it says at most. */
  private messagesOf(address: number): Message[] {
    const head = this.part(address, 16);
    if (this.byte(head, 0) !== 1) throw this.damaged('it has objects that Keras does not write');
    const blocks = [this.part(address + 16, this.int(head, 8))];
    const messages: Message[] = [];
    const count = this.short(head, 2);
    for (let block = blocks.shift(); block; block = blocks.shift())
      for (let at = 0; at + 8 <= block.byteLength && messages.length < count; ) {
        const kind = this.short(block, at);
        const content = this.within(block, at + 8, this.short(block, at + 2));
        messages.push({ kind, content });
        if (kind === HDF5_MESSAGES.continuation)
          blocks.push(this.part(this.number(content, 0), this.number(content, 8)));
        at += 8 + content.byteLength;
      }
    return messages;
  }

  private shapeOf(space: DataView): number[] {
    const [version, rank] = [this.byte(space, 0), this.byte(space, 1)];
    const first = version === 1 ? 8 : 4;
    return Array.from({ length: rank }, (_, axis) => this.number(this.within(space, first + 8 * axis, 8), 0));
  }

  private dataOf(layout: DataView, bytes: number, path: string): DataView {
    const [version, kind] = [this.byte(layout, 0), this.byte(layout, 1)];
    const inHeader = 0;
    const inOnePiece = 1;
    if ((version !== 3 && version !== 4) || (kind !== inHeader && kind !== inOnePiece))
      throw new InputError(`Cannot read ${this.name}: weights must be stored in one piece, those in ${path} are not`);
    if (bytes === 0) return new DataView(new ArrayBuffer(0));
    return kind === inHeader ? this.within(layout, 4, bytes) : this.part(this.number(layout, 2), bytes);
  }

  private attributeOf(content: DataView): { name: string; type: DataView; space: DataView; data: DataView } {
    const version = this.byte(content, 0);
    const padded = (length: number) => (version === 1 ? 8 * Math.ceil(length / 8) : length);
    let at = version === 3 ? 9 : 8;
    const [name, type, space] = [2, 4, 6].map((where) => {
      const length = this.short(content, where);
      const part = this.within(content, at, length);
      at += padded(length);
      return part;
    });
    return { name: this.textAt(name, 0), type, space, data: this.within(content, at, content.byteLength - at) };
  }

  /** Texts of the same length, or each somewhere else; undefined of other values. */
  private textsOf(type: DataView, shape: readonly number[], data: DataView): string[] | undefined {
    const kind = this.byte(type, 0) & 15;
    const width = this.int(type, 4);
    if (kind !== FIXED_TEXT && kind !== VARIABLE) return undefined;
    const count = shape.reduce((product, length) => product * length, 1);
    if (!(width > 0 && count * width <= data.byteLength)) throw this.damaged('its attributes are incomplete');
    return Array.from({ length: count }, (_, i) => {
      if (kind === FIXED_TEXT) return this.text(data, i * width, width).replace(/\0+$/, '');
      const entry = this.within(data, i * width, 16);
      return this.textInHeap(this.number(entry, 4), this.int(entry, 12), this.int(entry, 0));
    });
  }

  /** A text in the global heap, which is a list of numbered objects. */
  private textInHeap(address: number, index: number, length: number): string {
    const head = this.part(address, 16);
    this.requireSignature(head, 'GCOL');
    const heap = this.part(address, this.number(head, 8));
    for (let at = 16; at + 16 <= heap.byteLength; ) {
      const size = this.number(heap, at + 8);
      if (this.short(heap, at) === index) return this.text(heap, at + 16, Math.min(length, size));
      at += 16 + 8 * Math.ceil(size / 8);
    }
    throw this.damaged('a text is missing');
  }

  private requireSignature(part: DataView, signature: string): void {
    if (signatureOf(part) !== signature) throw this.damaged(`there is no ${signature} where it should be`);
  }

  /** A text that ends with a zero. */
  private textAt(part: DataView, at: number): string {
    let end = at;
    while (end < part.byteLength && this.byte(part, end) !== 0) end++;
    return this.text(part, at, end - at);
  }

  private text(part: DataView, at: number, length: number): string {
    return new TextDecoder().decode(this.within(part, at, length));
  }

  private byte(part: DataView, at: number): number {
    return this.within(part, at, 1).getUint8(0);
  }

  private short(part: DataView, at: number): number {
    return this.within(part, at, 2).getUint16(0, true);
  }

  private int(part: DataView, at: number): number {
    return this.within(part, at, 4).getUint32(0, true);
  }

  /** An address or a length. */
  private number(part: DataView, at: number): number {
    return Number(this.within(part, at, 8).getBigUint64(0, true));
  }

  private part(at: number, length: number): DataView {
    return this.within(this.view, at, length);
  }

  private within(part: DataView, at: number, length: number): DataView {
    if (!(at >= 0 && length >= 0 && at + length <= part.byteLength)) throw this.damaged('it is incomplete');
    return new DataView(part.buffer, part.byteOffset + at, length);
  }

  private damaged(why: string): InputError {
    return new InputError(`${this.name} is damaged: ${why}`);
  }
}

function signatureOf(part: DataView): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => part.getUint8(i)));
}
