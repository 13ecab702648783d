import { escapeHtml } from './html.js';

/** A player holds the sound itself, and a page with much more than this is slow. */
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

/** Told from the first bytes: a browser does not play a file that is given a wrong type. */
function mediaType(bytes: Buffer): string {
  const start = bytes.toString('latin1', 0, 4);
  if (start === 'RIFF') return 'audio/wav';
  if (start === 'fLaC') return 'audio/flac';
  return start === 'OggS' ? 'audio/ogg' : 'audio/mpeg';
}
