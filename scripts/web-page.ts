/** The page as its users get it: built, on a server, and opened in Chromium; for tests, pictures and measurements. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';

const ROOT = join(__dirname, '..');

/** Below a folder of the server, as on GitHub Pages. */
const PREFIX = '/below/here/';

const TYPES: Readonly<Record<string, string>> = {
  ...{ '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' },
  ...{ '.json': 'application/json', '.wasm': 'application/wasm', '.flac': 'audio/flac' },
};

/** A built page on a server of this machine. */
export interface ServedPage {
  readonly url: string;
  /** Paths that were asked for, from the page's own on, in their order. */
  readonly asked: readonly string[];
  /** Ends the server: the page is off the network. */
  readonly stop: () => Promise<void>;
  /** Ends it, and removes what was built. */
  readonly close: () => Promise<void>;
}

/** Builds the page into a folder of its own, and serves it. */
export async function servedPage(): Promise<ServedPage> {
  const folder = mkdtempSync(join(tmpdir(), 'ser-page-'));
  const { build } = await import('vite');
  await build({
    ...{ root: join(ROOT, 'web'), configFile: join(ROOT, 'web/vite.config.mts'), logLevel: 'error' },
    build: { outDir: folder, emptyOutDir: true },
  });
  const asked: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    const path = normalize(new URL(url, 'http://localhost').pathname);
    if (!path.startsWith(PREFIX)) return response.writeHead(404).end();
    const name = path.slice(PREFIX.length) || 'index.html';
    asked.push(name);
    try {
      const content = readFileSync(join(folder, name));
      response.writeHead(200, {
        'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
        'content-length': content.length,
      });
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}${PREFIX}`,
    asked,
    stop,
    close: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
