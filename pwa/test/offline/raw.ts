// What somebody who holds the phone finds in its database.
import type { Store } from "../../src/offline/db";

/** Everything in the database as text, bytes as both of the readings in which a person could find words. */
export async function raw(s: Store): Promise<string> {
  const out: string[] = [];
  const words = (_k: string, v: unknown): unknown => (v instanceof ArrayBuffer ? new TextDecoder("utf-8").decode(v) + new TextDecoder("utf-16").decode(v) : v);
  for (const name of ["drafts", "photos", "sealed", "outbox", "receipts", "tickets", "discards", "kv"] as const) out.push(JSON.stringify(await s.all(name), words));
  return out.join("\n");
}
