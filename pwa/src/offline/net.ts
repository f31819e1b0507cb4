// One request to our server, and an honest word for what became of it. `navigator.onLine` is not asked:
// a phone can be on a network that leads nowhere, and only an answer of our own server says otherwise.
import type { Outcome } from "./outbox";

export interface Ask { method: "GET" | "PUT" | "POST" | "DELETE"; path: string; body?: BodyInit; type?: string; timeout?: number; etag?: string; /** The secret of the phone's own credential, instead of the login. */ device?: string }
export type Reply = { kind: "answer"; status: number; json: unknown; retry_after: number; etag: string } | { kind: "nobody" } | { kind: "slow" };

/** ask never throws: no answer is an outcome like any other. A body that is not JSON comes as null. */
export async function ask(a: Ask): Promise<Reply> {
  const stop = new AbortController();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    stop.abort();
  }, a.timeout ?? 30_000);
  try {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (a.type) headers["Content-Type"] = a.type;
    if (a.etag) headers["If-None-Match"] = a.etag;
    if (a.device) headers["Authorization"] = `Device ${a.device}`;
    const r = await fetch(a.path, { method: a.method, headers, body: a.body, signal: stop.signal, credentials: a.device ? "omit" : "same-origin", redirect: "manual", cache: "no-store" });
    const text = r.status === 204 || r.status === 304 ? "" : await r.text();
    const json = /json/.test(r.headers.get("Content-Type") ?? "") ? parse(text) : null;
    const wait = Number(r.headers.get("Retry-After") ?? 0);
    return { kind: "answer", status: r.status, json, retry_after: Number.isFinite(wait) ? wait : 0, etag: r.headers.get("ETag") ?? "" };
  } catch {
    return { kind: late ? "slow" : "nobody" };
  } finally {
    clearTimeout(timer);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/** ours: did our server speak, as against a login page of the network in between? */
export const ours = (r: Reply | Outcome): boolean =>
  r.kind === "answer" && ((typeof r.json === "object" && r.json !== null) || r.status === 204 || r.status === 304);
