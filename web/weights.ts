import { InputError } from '../src/common/errors.js';

/** Where large files are kept, apart from the page's own, which change more often. */
const CACHE = 'weights';

/**
 * A large file of the page: fetched once, and kept for the next visit where the browser allows it.
 *
 * @param report - told how much of it is there, from 0 to 1
 * @throws InputError if it cannot be fetched
 */
export async function kept(url: string, report: (share: number) => void): Promise<Uint8Array> {
  // Other browsers than secure ones have no caches; while the page is developed, its files change under one name.
  const cache =
    import.meta.env.PROD && 'caches' in globalThis ? await caches.open(CACHE).catch(() => undefined) : undefined;
  const earlier = await cache?.match(url);
  const bytes = await contentOf(earlier ?? (await fetched(url)), report);
  if (cache && !earlier) {
    for (const request of await cache.keys()) await cache.delete(request);
    // A full disk costs the next visit a download, not this one its answer.
    await cache.put(url, new Response(bytes)).catch(() => undefined);
  }
  return bytes;
}

async function fetched(url: string): Promise<Response> {
  const response = await fetch(url).catch(() => undefined);
  if (!response?.ok || !response.body)
    throw new InputError(
      `Cannot load the encoder's weights${response ? ` (status ${response.status})` : ''}: check the connection, and load the page again`,
    );
  return response;
}

async function contentOf(response: Response, report: (share: number) => void): Promise<Uint8Array<ArrayBuffer>> {
  const total = Number(response.headers.get('content-length')) || Number.POSITIVE_INFINITY;
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let there = 0;
  // Not every browser iterates over a stream.
  const reader = response.body!.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    parts.push(next.value);
    there += next.value.length;
    report(Math.min(1, there / total));
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
