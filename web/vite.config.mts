import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { defineConfig, type Plugin } from 'vite';

/** What the service worker must not fetch by itself: the page loads it once, with a progress bar, and keeps it. */
const KEPT_BY_THE_PAGE = /\.safetensors$/;

/** Nothing may be fetched from, or sent to, anywhere else, whatever the page's code does. */
const POLICY = [
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'",
  "style-src 'self'; img-src 'self' data:; media-src blob:; manifest-src 'self'; base-uri 'none'; form-action 'none'",
].join('; ');

/** The page works without a network once it is loaded: its service worker is told what files there are. */
function offline(): Plugin {
  return {
    name: 'offline',
    apply: 'build',
    enforce: 'post',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY },
        injectTo: 'head-prepend',
      },
    ],
    generateBundle(_, bundle) {
      const worker = bundle['service-worker.js'];
      if (worker?.type !== 'chunk') throw new Error('There is no service worker to tell the files to');
      const files = Object.values(bundle).filter((file) => file !== worker && !KEPT_BY_THE_PAGE.test(file.fileName));
      const hash = createHash('sha256');
      for (const file of files) hash.update(file.fileName).update(file.type === 'chunk' ? file.code : file.source);
      worker.code = worker.code
        .replace('__VERSION__', hash.digest('hex').slice(0, 12))
        .replace(/(["'`])__FILES__\1/, JSON.stringify(files.map(({ fileName }) => fileName)));
    },
  };
}

export default defineConfig({
  // Relative, so that the page may lie anywhere below a server's root.
  base: './',
  plugins: [offline()],
  worker: { format: 'es' },
  server: { fs: { allow: ['..'] } },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      input: {
        index: join(import.meta.dirname, 'index.html'),
        'service-worker': join(import.meta.dirname, 'service-worker.ts'),
      },
      output: {
        entryFileNames: ({ name }) => (name === 'service-worker' ? '[name].js' : 'assets/[name]-[hash].js'),
      },
    },
  },
});
