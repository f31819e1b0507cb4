// Databases as a version of the app left them, as files: bytes are {"b64": …}.
import { readFileSync, writeFileSync } from "node:fs";
import { openDB } from "idb";
import { Store, type StoreName } from "../../src/offline/db";

export interface Fixture { version: number; note: string; stores: Record<string, { key: string; rows: Record<string, unknown>[] }> }
const at = (version: number) => new URL(`../fixtures/idb-v${version}.json`, import.meta.url);

export function readFixture(version: number): Fixture {
  const bytes = (b64: string) => new Uint8Array(Buffer.from(b64, "base64")).buffer;
  return JSON.parse(readFileSync(at(version), "utf8"), (_k, v: unknown) => (v && typeof v === "object" && "b64" in v ? bytes((v as { b64: string }).b64) : v)) as Fixture;
}

let n = 0;
/** phoneOf: a phone on which that version ran last. */
export async function phoneOf(f: Fixture): Promise<Store> {
  const name = `v${f.version}-${++n}`;
  const db = await openDB(name, f.version, { upgrade: (d) => { for (const [s, { key }] of Object.entries(f.stores)) d.createObjectStore(s, { keyPath: key }); } });
  for (const [s, { rows }] of Object.entries(f.stores)) for (const r of rows) await db.put(s, structuredClone(r));
  db.close();
  return new Store(name);
}

/** writeFixture keeps what this version leaves, for all that come after it. A key of the browser cannot be written: set a PIN first. */
export async function writeFixture(version: number, store: Store, note: string): Promise<void> {
  const stores: Fixture["stores"] = {};
  for (const s of ["drafts", "photos", "sealed", "outbox", "receipts", "tickets", "discards", "kv"] as StoreName[])
    stores[s] = { key: s === "kv" ? "key" : s === "photos" ? "sha256" : "id", rows: (await store.all(s)) as unknown as Record<string, unknown>[] };
  const text = JSON.stringify({ version, note, stores }, (_k, v: unknown) => (v instanceof ArrayBuffer ? { b64: Buffer.from(v).toString("base64") } : v), 1);
  writeFileSync(at(version), text + "\n");
}
