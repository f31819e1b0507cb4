// The pack: everything the phone needs without a network, kept whole with its ETag. The checklist of every version
// that a draft was begun with is kept too: a draft is finished with the list it was begun with.
import type { Store } from "./db";
import { Locked, Unreadable, type Lockbox } from "./lockbox";
import { ask as askServer, type Ask, type Reply } from "./net";
import { again } from "./outbox";
import type { Box, Checklist, Me, Pack, PackVisit, ReceiptKey, SealKey } from "./types";

export interface KeptPack { etag: string; fetched_at: string; pack: Pack }
/** As it lies in the database: whom we visit today is nobody's to read on a lost phone. */
export interface PackRow { etag: string; fetched_at: string; body: Box | { plain: Pack } }
export interface Skew { ms: number; at: string }

/** refreshPack fetches the pack if it has changed. The reply is given back so that the caller can tell 401 from silence. */
export async function refreshPack(box: Lockbox, account: string, now: () => Date, ask: (a: Ask) => Promise<Reply> = askServer): Promise<Reply> {
  const { store } = box;
  const kept = (await keptPack(box, account)) && (await store.kv<PackRow>(packKey(account)));
  const r = await ask({ method: "GET", path: "/api/field/pack", etag: kept?.etag || undefined, timeout: 60_000 });
  if (r.kind !== "answer") return r;
  const fetched_at = now().toISOString();
  if (r.status === 304 && kept) await store.setKv(packKey(account), { ...kept, fetched_at });
  const pack = r.status === 200 ? readPack(r.json) : null;
  if (!pack) return r;
  const body = await enclosed(box, pack);
  if (!body) return r; // locked meanwhile: it is fetched again after the PIN
  await store.write(["kv", "outbox"], async (w) => {
    await w.put("kv", { key: packKey(account), value: { etag: r.etag, fetched_at, body } satisfies PackRow });
    await w.put("kv", { key: `checklist:${pack.checklist.version}`, value: pack.checklist });
    const keys = ((await w.get("kv", "receipt_keys"))?.value ?? []) as ReceiptKey[];
    // A key once learnt is never replaced under the same name: that is what makes a receipt worth something.
    if (pack.seal_key) await w.put("kv", { key: "seal_key", value: pack.seal_key });
    if (pack.receipt_key && !keys.some((k) => k.id === pack.receipt_key.id)) {
      await w.put("kv", { key: "receipt_keys", value: [...keys, pack.receipt_key] });
      // A receipt by a key that was not known is looked at once more.
      for (const i of await w.all("outbox")) if (i.state === "attention" && i.why === "receipt") await w.put("outbox", again(i));
    }
  });
  return r;
}

interface RawVisit {
  id: string; number: string; state: string; agency_id: string; business_id: string | null; business_name: string; business_uscc: string; business_address: string;
  business_kind: string; matter: string; notice_number: string; external_code: string; planned_on: string | null; supervisors: { id: string }[] | null; method: string; cancel_reason?: string;
}

/** readPack: the server's pack in the phone's shape; null when it is not one. */
function readPack(json: unknown): Pack | null {
  const p = json as (Omit<Pack, "visits"> & { visits: RawVisit[] | null }) | null;
  if (!p?.checklist?.items || !Array.isArray(p.agencies)) return null;
  const visits = (p.visits ?? []).map((v): PackVisit => ({
    id: v.id, number: v.number, state: v.state, agency_id: v.agency_id, business_id: v.business_id ?? "",
    business: { name: v.business_name, uscc: v.business_uscc, address: v.business_address, kind: v.business_kind || "other" },
    matter: v.matter, notice_number: v.notice_number, external_code: v.external_code, planned_on: v.planned_on ?? "",
    supervisor_ids: (v.supervisors ?? []).map((s) => s.id), method: v.method, ...(v.cancel_reason ? { cancel_reason: v.cancel_reason } : {}),
  }));
  return { ...p, visits, officers: p.officers ?? [], businesses: p.businesses ?? [], supervisors: p.supervisors ?? [], offices: p.offices ?? [] };
}

async function enclosed(box: Lockbox, pack: Pack): Promise<PackRow["body"] | null> {
  try {
    return (await box.wrapJson(pack)) ?? { plain: pack };
  } catch (e) {
    if (e instanceof Locked) return null;
    throw e;
  }
}

const packKey = (account: string): string => `pack:${account}`;
/** keptPack: undefined when there is none, and while the phone is locked. One whose key is lost is fetched anew. */
export async function keptPack(box: Lockbox, account: string): Promise<KeptPack | undefined> {
  const row = await box.store.kv<PackRow>(packKey(account));
  if (!row) return undefined;
  try {
    return { etag: row.etag, fetched_at: row.fetched_at, pack: "plain" in row.body ? row.body.plain : await box.unwrapJson<Pack>(row.body) };
  } catch (e) {
    if (e instanceof Locked || e instanceof Unreadable) return undefined;
    throw e;
  }
}
export const knownKeys = async (store: Store): Promise<ReceiptKey[]> => (await store.kv<ReceiptKey[]>("receipt_keys")) ?? [];
/** sealKey: what records are encrypted to; null until the first pack that names one. */
export const sealKey = async (store: Store): Promise<SealKey | null> => (await store.kv<SealKey>("seal_key")) ?? null;
export const checklistOf = (store: Store, version: number): Promise<Checklist | undefined> => store.kv<Checklist>(`checklist:${version}`);

/** noteClock keeps how far the phone's clock is from the server's; the middle of the request stands for its moment. */
export async function noteClock(store: Store, me: Pick<Me, "server_time">, asked: number, answered: number): Promise<Skew> {
  const skew = { ms: Math.round((asked + answered) / 2 - Date.parse(me.server_time)), at: new Date(answered).toISOString() };
  await noteServer(store, me.server_time);
  await store.setKv("skew", skew);
  return skew;
}

/** noteServer keeps the last time that our server named. Nothing on this phone counts days by any other clock. */
export async function noteServer(store: Store, server_time: unknown): Promise<void> {
  const ms = typeof server_time === "string" ? Date.parse(server_time) : NaN;
  if (!Number.isNaN(ms)) await store.setKv("server_seen", ms);
}
export const serverSeen = async (store: Store): Promise<number> => (await store.kv<number>("server_seen")) ?? 0;
