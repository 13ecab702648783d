import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { InputError } from '../common/errors.js';
import { type AnyRecording, decodeSource, openSource, type Recording } from './decode.js';
import { type DecodeOptions, reading } from './formats.js';
import { cutSegment, type Source } from './segment.js';
import type { ByteSource } from './source.js';

/**
 * Decodes a recording, see {@link decodeBytes}; no more of it is read than is needed.
 *
 * @throws InputError, with path and reason, also if there is no such file
 */
export async function decodeFile(path: string, options: DecodeOptions = {}): Promise<Recording> {
  const size = await sizeOf(path);
  const descriptor = await reading(path, () => openSync(path, 'r'));
  try {
    return await decodeSource(fileSource(descriptor, size), path, options);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * The same, but a long recording may be read from its file again wherever its samples are asked for, see {@link openSource}.
 *
 * @throws InputError also from its samples, where the file is no longer as it was
 */
export async function openRecording(path: string, options: DecodeOptions = {}): Promise<AnyRecording> {
  const size = await sizeOf(path);
  const source: ByteSource = {
    size,
    read(offset, length) {
      const descriptor = openSync(path, 'r');
      try {
        return fileSource(descriptor, size).read(offset, length);
      } finally {
        closeSync(descriptor);
      }
    },
  };
  return openSource(source, path, options);
}

async function sizeOf(path: string): Promise<number> {
  const found = await reading(path, () => statSync(path, { throwIfNoEntry: false }));
  if (!found) throw new InputError(`${path}: there is no such file`);
  if (!found.isFile())
    throw new InputError(`${path}: not a file, but ${found.isDirectory() ? 'a folder' : 'a device'}`);
  return found.size;
}

/**
 * Decodes a recording, or a segment of it.
 *
 * @throws InputError as {@link decodeFile} and {@link cutSegment} do
 */
export async function decodeClip({ path, segment }: Source, options: DecodeOptions = {}): Promise<Recording> {
  const recording = await decodeFile(path, options);
  return segment ? cutSegment(recording, segment, path) : recording;
}

/**
 * A source over an open file.
 *
 * @param descriptor - stays open: the caller closes it
 * @param size - bytes in the file
 */
function fileSource(descriptor: number, size: number): ByteSource {
  return {
    size,
    read(offset, length) {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
      let read = 0;
      while (read < bytes.length) {
        const count = readSync(descriptor, bytes, read, bytes.length - read, offset + read);
        if (count === 0) break;
        read += count;
      }
      return bytes.subarray(0, read);
    },
  };
}
