import { escapeHtml } from './html.js';

/** Players hold the sound itself, and a page with much more than this gets slow. */
export const LARGEST_PLAYER_BYTES = 20e6;

/**
 * An audio player for a page or a notebook, with the sound in it as a data URI.
 *
 * @param file - content of a WAV, FLAC, MP3 or Ogg file
 * @param caption - shown beside it, also where the player is not (e.g. on GitHub)
 * @throws RangeError if the file is empty or larger than 20 MB
 */
export function playerHtml(file: Uint8Array, caption: string): string {
  if (file.length === 0 || file.length > LARGEST_PLAYER_BYTES)
    throw new RangeError(
      `Cannot make a player: the sound must have 1 to ${LARGEST_PLAYER_BYTES} bytes, current number is ${file.length}; play a part of it`,
    );
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const source = `data:${mediaType(bytes)};base64,${bytes.toString('base64')}`;
  return `<figure style="margin:0"><figcaption>${escapeHtml(caption)}</figcaption><audio controls src="${source}"></audio></figure>`;
}

/**
 * Samples as the content of a WAV file, 16 bits; louder ones than full scale are clipped.
 *
 * @param samples - mono, in [-1, 1]
 */
export function wavFile(samples: Float32Array, sampleRateHz: number): Uint8Array {
  const bytes = Buffer.alloc(44 + 2 * samples.length);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(36 + 2 * samples.length, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(sampleRateHz, 24);
  bytes.writeUInt32LE(2 * sampleRateHz, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(2 * samples.length, 40);
  for (const [i, sample] of samples.entries())
    bytes.writeInt16LE(Math.max(-32768, Math.min(32767, Math.round(32768 * sample))), 44 + 2 * i);
  return bytes;
}

/** By the first bytes; a browser plays nothing whose type it is told wrongly. */
function mediaType(bytes: Buffer): string {
  const start = bytes.toString('latin1', 0, 4);
  if (start === 'RIFF') return 'audio/wav';
  if (start === 'fLaC') return 'audio/flac';
  return start === 'OggS' ? 'audio/ogg' : 'audio/mpeg';
}
