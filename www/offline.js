// Keeps the page for when there is no network. It holds the files of exactly one release, BUILD, and gives them to the pages of
// that release only: a page asks for its files with its release on the address. What comes without (the page itself, the
// loader, icons) comes from the network while there is one, so that a new release is seen at the next visit. A release's files go when the
// last page that uses them is closed: the browser lets a new service worker take over only then.
// `cargo xtask dist` fills in both constants; `cargo xtask serve` has no such worker.
const BUILD = "";
const FILES = [];

const SHELF = `loadstone-${BUILD}`;
/** A network that does not answer for so long is none, in ms. */
const PATIENCE_MS = 4000;

const kept = (request) => caches.open(SHELF).then((shelf) => shelf.match(request, { ignoreSearch: true }));

async function keep() {
  const shelf = await caches.open(SHELF);
  // Past the browser's own cache, where the last release may still lie.
  await shelf.addAll(FILES.map((file) => new Request(file, { cache: "reload" })));
}

async function forgetOthers() {
  for (const name of await caches.keys()) {
    if (name.startsWith("loadstone-") && name !== SHELF) await caches.delete(name);
  }
}

async function answer(request) {
  const release = new URL(request.url).searchParams.get("v");
  if (release) return (release === BUILD && (await kept(request))) || fetch(request);
  const stored = await kept(request.mode === "navigate" && isPage(request) ? "./" : request);
  if (!stored) return fetch(request);
  try {
    return await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch {
    return stored;
  }
}

/** The page under its own address, whatever stands behind the question mark. */
const isPage = (request) => /\/(index\.html)?$/.test(new URL(request.url).pathname);

self.addEventListener("install", (event) => event.waitUntil(keep()));
self.addEventListener("activate", (event) => event.waitUntil(forgetOthers()));
self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method === "GET" && new URL(url).origin === location.origin) event.respondWith(answer(event.request));
});
