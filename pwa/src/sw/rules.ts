// What the service worker may touch. Pure, so that a test can hold it to its promises.

/** The field app's own pages; the desk, the API, the public pages and the probes are never ours to answer. */
const others = /^\/(api|desk|f|w|c|t|v|healthz|readyz|metrics|openapi[-.\w]*|favicon\.ico|custody\.pub)(\/|$)|^\/desk\.html$|^\/sw\.js$/;

export type Deed = "leave" | "page" | "file";

/** decide says what to do with a request: leave it to the browser, answer with the app's page, or with a stored file. */
export function decide(method: string, mode: string, url: URL, origin: string, files: ReadonlySet<string>): Deed {
  if (method !== "GET") return "leave"; // WebKit sends an empty body when a worker re-issues an upload
  if (url.origin !== origin || others.test(url.pathname)) return "leave";
  if (mode === "navigate") return "page";
  return url.pathname !== "/" && files.has(url.pathname) ? "file" : "leave";
}

export const prefix = "suixing-shell-";

/** stale lists the caches of other versions of the shell; caches that are not ours stay. */
export function stale(names: readonly string[], version: string): string[] {
  return names.filter((n) => n.startsWith(prefix) && n !== prefix + version);
}
