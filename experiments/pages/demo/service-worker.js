// Keeps the page for use without a network. The command that writes the page puts VERSION and FILES before this.
/* global self, caches, Headers, VERSION, FILES */
const cacheName = `lacuna-${VERSION}`;

self.addEventListener('install', (event) => {
  const kept = caches.open(cacheName).then((cache) => cache.addAll(['./', ...FILES]));
  event.waitUntil(kept.then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  const earlier = caches
    .keys()
    .then((names) => names.filter((name) => name.startsWith('lacuna-') && name !== cacheName))
    .then((names) => Promise.all(names.map((name) => caches.delete(name))));
  event.waitUntil(earlier.then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || new URL(request.url).origin !== self.location.origin) return;
  event.respondWith(keptOrFetched(request).then(isolated));
});

/** What is kept; else what the server gives, which is kept from then on. */
async function keptOrFetched(request) {
  const cache = await caches.open(cacheName);
  const kept = await cache.match(request, { ignoreSearch: true });
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await cache.put(request, response.clone());
  return response;
}

/** With the headers that isolate a page, without which browsers give it no threads, whatever its server sends. */
function isolated(response) {
  const headers = new Headers(response.headers);
  headers.set('cross-origin-opener-policy', 'same-origin');
  headers.set('cross-origin-embedder-policy', 'require-corp');
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}
