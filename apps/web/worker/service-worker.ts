/*
 * Keeps the app's files on the device, so that a reload without a server opens what the device has a copy of. One cache
 * a build: its files belong together. Pages come from the server when it answers, because only the server knows the
 * newest build; everything else in the cache has a hash in its name. Nothing below /api is ever touched.
 */

declare const self: ServiceWorkerGlobalScope
/** Put in by the build: the files of this build, as paths, and a name that no other build has. */
declare const QUIRE_SHELL: { readonly version: string; readonly files: readonly string[] }

const { version, files } = QUIRE_SHELL
const PREFIX = "quire-shell-"
const CACHE = PREFIX + version

/** A server that takes longer to give a page is treated as gone. */
const PAGE_LIMIT_MS = 4_000

self.addEventListener("install", (event) => event.waitUntil(install()))
self.addEventListener("activate", (event) => event.waitUntil(activate()))

self.addEventListener("fetch", (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== "GET" || origin !== self.location.origin) return
  if (request.mode === "navigate") {
    if (pathname === "/" || pathname.startsWith("/d/")) event.respondWith(answerPage(request))
  } else if (files.includes(pathname)) event.respondWith(answerFile(request))
})

async function install(): Promise<void> {
  const cache = await caches.open(CACHE)
  await cache.addAll(files.map((file) => new Request(file, { cache: "no-cache" })))
  // Nobody waits for the last tab to close: open pages keep what they have loaded, and are told below.
  await self.skipWaiting()
}

async function activate(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE)
  await Promise.all(old.map((name) => caches.delete(name)))
  await self.clients.claim()
  for (const page of await self.clients.matchAll({ type: "window" })) {
    page.postMessage({ type: "quire-shell", files })
  }
}

/** The server's page, or without a server that answers, ours: every page is the same shell. */
async function answerPage(request: Request): Promise<Response> {
  const shell = await caches.match("/", { cacheName: CACHE, ignoreVary: true })
  if (shell === undefined) return fetch(request)
  const late = new Promise<Response>((resolve) => setTimeout(resolve, PAGE_LIMIT_MS, shell))
  const fromServer = fetch(request).then(
    (response) => (response.status >= 500 ? shell : response), // a proxy whose server is gone
    () => shell,
  )
  return Promise.race([fromServer, late])
}

async function answerFile(request: Request): Promise<Response> {
  return (await caches.match(request, { cacheName: CACHE, ignoreVary: true })) ?? fetch(request)
}

export {}
