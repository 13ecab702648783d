import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** A value of a configuration. */
export type Hyperparameter = string | number | boolean;

/** Something that TensorBoard shows, under a tag. */
export type Summary =
  | { readonly tag: string; readonly scalar: number }
  | { readonly tag: string; readonly png: Uint8Array; readonly width: number; readonly height: number }
  | { readonly tag: string; readonly markdown: string }
  | { readonly hyperparameters: Readonly<Record<string, Hyperparameter>>; readonly seconds: number }
  | { readonly endedAt: number };

/** A summary at a time. */
export interface LogEvent {
  /** Since 1970. */
  readonly seconds: number;
  /** The epoch, or 0. */
  readonly step: number;
  readonly summary: Summary;
}

/**
 * An event file of TensorBoard: records, each with its length and checksums, of protocol-buffer messages. Scalars and pictures
 * are written in the form that all its versions read, and that W&B and Aim import.
 *
 * @see tensorboard/compat/proto/event.proto, summary.proto; tensorboard/plugins/hparams/plugin_data.proto
 */
export function eventFile(events: readonly LogEvent[]): Uint8Array {
  const seconds = events[0]?.seconds ?? 0;
  const version = new BinaryWriter();
  version.tag(1, WireType.Bit64).double(seconds);
  version.tag(3, WireType.LengthDelimited).string('brain.Event:2');
  const records = [version.finish(), ...events.map(eventMessage)].map(record);
  const bytes = new Uint8Array(records.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const each of records) {
    bytes.set(each, at);
    at += each.length;
  }
  return bytes;
}

function eventMessage({ seconds, step, summary }: LogEvent): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.Bit64).double(seconds);
  if (step > 0) writer.tag(2, WireType.Varint).int64(step);
  const value = message(writer.tag(5, WireType.LengthDelimited).fork(), 1);
  writeValue(value, summary);
  return value.join().join().finish();
}

function message(writer: BinaryWriter, field: number): BinaryWriter {
  return writer.tag(field, WireType.LengthDelimited).fork();
}

function text(writer: BinaryWriter, field: number, value: string): BinaryWriter {
  return writer.tag(field, WireType.LengthDelimited).string(value);
}

/** Types of TensorBoard's tensors. */
const DT_FLOAT = 1;
const DT_STRING = 7;

function writeValue(writer: BinaryWriter, summary: Summary): void {
  if ('scalar' in summary) {
    text(writer, 1, summary.tag).tag(2, WireType.Bit32).float(summary.scalar);
  } else if ('png' in summary) {
    const image = message(text(writer, 1, summary.tag), 4);
    image.tag(1, WireType.Varint).int32(summary.height).tag(2, WireType.Varint).int32(summary.width);
    image.tag(3, WireType.Varint).int32(4).tag(4, WireType.LengthDelimited).bytes(summary.png).join();
  } else if ('markdown' in summary) {
    const tensor = message(text(writer, 1, summary.tag), 8)
      .tag(1, WireType.Varint)
      .int32(DT_STRING);
    shape(tensor, 1);
    text(tensor, 8, summary.markdown).join();
    plugin(writer, 'text', new Uint8Array());
  } else {
    const started = 'hyperparameters' in summary;
    text(writer, 1, `_hparams_/session_${started ? 'start' : 'end'}_info`);
    const tensor = message(writer, 8).tag(1, WireType.Varint).int32(DT_FLOAT);
    shape(tensor, 0);
    tensor.join();
    plugin(writer, 'hparams', started ? sessionStart(summary) : sessionEnd(summary.endedAt));
  }
}

/** Of a tensor of one dimension. */
function shape(tensor: BinaryWriter, size: number): void {
  const dimension = message(message(tensor, 2), 2);
  if (size > 0) dimension.tag(1, WireType.Varint).int64(size);
  dimension.join().join();
}

function plugin(value: BinaryWriter, name: string, content: Uint8Array): void {
  const data = text(message(message(value, 9), 1), 1, name);
  if (content.length > 0) data.tag(2, WireType.LengthDelimited).bytes(content);
  data.join().join();
}

function sessionStart({ hyperparameters, seconds }: Extract<Summary, { hyperparameters: unknown }>): Uint8Array {
  const writer = new BinaryWriter();
  const info = message(writer, 3);
  for (const [name, value] of Object.entries(hyperparameters)) {
    const entry = message(text(message(info, 1), 1, name), 2);
    if (typeof value === 'number') entry.tag(2, WireType.Bit64).double(value);
    else if (typeof value === 'string') text(entry, 3, value);
    else entry.tag(4, WireType.Varint).bool(value);
    entry.join().join();
  }
  info.tag(5, WireType.Bit64).double(seconds);
  return info.join().finish();
}

const STATUS_SUCCESS = 1;

function sessionEnd(seconds: number): Uint8Array {
  const info = message(new BinaryWriter(), 4);
  info.tag(1, WireType.Varint).int32(STATUS_SUCCESS).tag(2, WireType.Bit64).double(seconds);
  return info.join().finish();
}

/** A record of a TFRecord file: length, its checksum, content, its checksum. */
function record(content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(content.length + 16);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length, true);
  view.setUint32(8, maskedChecksum(bytes.subarray(0, 8)), true);
  bytes.set(content, 12);
  view.setUint32(content.length + 12, maskedChecksum(content), true);
  return bytes;
}

/** CRC-32C, by Castagnoli's polynomial. */
const CHECKSUMS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

/** Masked as TFRecord files have it, where a checksum is part of what is checked. */
function maskedChecksum(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) sum = CHECKSUMS[(sum ^ byte) & 0xff] ^ (sum >>> 8);
  sum = ~sum >>> 0;
  return (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0;
}
