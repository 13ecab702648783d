import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { InputError } from '../common/errors.js';
import { type DecodeOptions, decodeSource, type Recording, reading } from './decode.js';
import { cutSegment, type Source } from './segment.js';
import type { ByteSource } from './source.js';

/**
 * Decodes a recording, see {@link decodeBytes}; no more of it is read than is needed.
 *
 * @throws InputError, with path and reason, also if there is no such file
 */
export async function decodeFile(path: string, options: DecodeOptions = {}): Promise<Recording> {
  const found = await reading(path, () => statSync(path, { throwIfNoEntry: false }));
  if (!found) throw new InputError(`${path}: there is no such file`);
  if (!found.isFile())
    throw new InputError(`${path}: not a file, but ${found.isDirectory() ? 'a folder' : 'a device'}`);
  const descriptor = await reading(path, () => openSync(path, 'r'));
  try {
    return await decodeSource(fileSource(descriptor, found.size), path, options);
  } finally {
    closeSync(descriptor);
  }
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
