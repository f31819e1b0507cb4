/// <reference lib="webworker" />
// The service worker of the field app: keeps the app's own files, so that it opens without network and without server.
// It stores no data: drafts and photos live in IndexedDB, and nothing but GET passes through here.
import { decide, prefix, stale } from "./rules";

declare const self: ServiceWorkerGlobalScope;

// Filled in by the build: path → SHA-256 of the file.
const manifest = "__SHELL_FILES__" as unknown as Record<string, string>;
const version = "__SHELL_VERSION__";
const cacheName = prefix + version;
const files: ReadonlySet<string> = new Set(Object.keys(manifest));

self.addEventListener("install", (e) => e.waitUntil(install()));

// A hotel's login page answers every address with its own HTML: what does not hash to what was built is not kept,
// the install fails and the old version goes on working.
async function install(): Promise<void> {
  const cache = await caches.open(cacheName);
  await Promise.all([...files].map((path) => keep(cache, path)));
}

async function keep(cache: Cache, path: string): Promise<Response> {
  const answer = await fetch(path, { cache: path.startsWith("/assets/") ? "default" : "no-cache", credentials: "same-origin" });
  if (!answer.ok || answer.redirected) throw new Error(`${path}: ${answer.status}`);
  if (!(await intact(path, answer.clone()))) throw new Error(`${path}: not the file that was built`);
  await cache.put(path, answer.clone());
  return answer;
}

/** intact: are these the bytes that were built? */
async function intact(path: string, answer: Response): Promise<boolean> {
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", await answer.arrayBuffer()));
  return Array.from(sum, (b) => b.toString(16).padStart(2, "0")).join("") === manifest[path];
}

self.addEventListener("activate", (e) => e.waitUntil(activate()));

async function activate(): Promise<void> {
  for (const name of stale(await caches.keys(), version)) await caches.delete(name);
  await self.clients.claim();
}

// A new version waits until the page says that no draft is open.
const booted = new Set<string>();
self.addEventListener("message", (e) => {
  const type = (e.data as { type?: string } | null)?.type;
  if (type === "take-over") void self.skipWaiting();
  if (type === "booted" && e.source && "id" in e.source) booted.add(e.source.id);
});

self.addEventListener("fetch", (e) => {
  const deed = decide(e.request.method, e.request.mode, new URL(e.request.url), self.location.origin, files);
  if (deed === "leave") return;
  const path = deed === "page" ? "/" : new URL(e.request.url).pathname;
  e.respondWith(stored(path, e.request));
  if (deed === "page") e.waitUntil(heal());
});

/** stored answers from this version's cache; a file that the browser has thrown away is fetched and kept again. */
async function stored(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(cacheName);
  const hit = await cache.match(path);
  if (hit) return hit;
  try {
    return await keep(cache, path);
  } catch {
    return fetch(request);
  }
}

let healing = false;
/**
 * heal looks through what is kept, once in a worker's life and some seconds after a page was opened: a file that a phone
 * has spoilt is fetched again. A page that could not start because of it is opened anew.
 */
async function heal(): Promise<void> {
  if (healing) return;
  healing = true;
  await new Promise((ok) => setTimeout(ok, 3000));
  const cache = await caches.open(cacheName);
  let mended = 0;
  for (const path of files) {
    const hit = await cache.match(path);
    if (hit && (await intact(path, hit))) continue;
    await keep(cache, path).then(() => mended++, () => undefined); // no network: the next opening tries again
  }
  if (!mended) return;
  for (const c of await self.clients.matchAll({ type: "window" })) {
    if (booted.has(c.id) || decide("GET", "navigate", new URL(c.url), self.location.origin, files) !== "page") continue;
    await c.navigate(c.url).catch(() => undefined);
  }
}
