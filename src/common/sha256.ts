import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** The SHA-256 of some content, or of its pieces one after the other, as 64 hexadecimal digits. */
export function sha256(content: string | Uint8Array | Iterable<string | Uint8Array>): string {
  const hash = createHash('sha256');
  const pieces = typeof content === 'string' || content instanceof Uint8Array ? [content] : content;
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}

/** The same of a file, which is never in memory as a whole. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
