/** Keeps the page's files, so that it opens without a network. */

const scope = self as unknown as ServiceWorkerGlobalScope;

/** Both are filled in by the build, see vite.config.mts. */
const CACHE = 'page-__VERSION__';
const FILES = '__FILES__' as unknown as readonly string[];

scope.addEventListener('install', (event) => {
  event.waitUntil(
    caches.open(CACHE).then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: 'reload' })))),
  );
});

scope.addEventListener('activate', (event) => {
  event.waitUntil(forgetEarlier());
});

/** Weights, which the page keeps itself, are in another cache. */
async function forgetEarlier(): Promise<void> {
  for (const name of await caches.keys()) if (name.startsWith('page-') && name !== CACHE) await caches.delete(name);
}

scope.addEventListener('fetch', (event) => {
  if (event.request.method === 'GET') event.respondWith(answer(event.request));
});

async function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const wanted = pathname.endsWith('/') ? `${pathname}index.html` : request;
  return (await caches.match(wanted, { ignoreSearch: true })) ?? fetch(request);
}
