// What the database on the phone holds, version by version. An upgrade only reshapes rows: inside its transaction nothing
// but IndexedDB may be awaited. What version 1 left readable is put under keys afterwards (enclose.ts).
import type { DBSchema, IDBPDatabase, IDBPTransaction } from "idb";
import { uuidv7 } from "./ids";
import { blankItem, type Item } from "./outbox";
import type { Box, Draft, Pack, Receipt, TicketRow, TicketSecret } from "./types";

/**
 * 1: rows in the clear. 2: drafts and their photos under the draft key, sealed rows under the server's key, tombstones.
 * 3: the lists of the day, the tickets and the reasons of tombstones under the draft key too.
 */
export const schemaVersion = 3;

/** A draft. Outside the box stands only what is needed while the phone is locked. `plain` where there is no WebCrypto. */
export interface DraftRow { id: string; account_id: string; visit_id: string; changed_at: string; /** Another one after each write. */ rev?: string; photos: string[]; body: Box | { plain: Draft } }
/** A photo of a draft, as bytes: a Blob in IndexedDB can become unreadable on WebKit. */
export interface PhotoRow { sha256: string; type: string; size?: number; saved_at: string; bytes: Box | ArrayBuffer; thumb: Box | ArrayBuffer | null }
/** What is sent, byte for byte: a sheet (id) or a photo (sha256). `digest` and `size` are of the plain bytes, `sum` of these. */
export interface SealedRow { id: string; kind: "sheet" | "photo"; form: "sxs1" | "plain"; type: string; bytes: ArrayBuffer; digest: string; size: number; sum: string; saved_at: string }
/** `title` only where it could not be put under the draft key. `earlier`: receipts of a server that lost the record again. */
export interface ReceiptRow {
  id: string; account_id: string; visit_id: string; title: string; label: Box | null; version: number; photos: number; received_at: string; receipt: Receipt; earlier?: Receipt[];
}
/** A record that a person gave up: kept until the server has noted it. `reason` only where it could not be put under the draft key. */
export interface Discard { id: string; account_id: string; at: string; reason: string; label: Box | null; kind: Item["kind"]; visit_id: string }

export type StoreName = "drafts" | "photos" | "sealed" | "outbox" | "receipts" | "tickets" | "discards" | "kv";
export interface Schema extends DBSchema {
  drafts: { key: string; value: DraftRow };
  photos: { key: string; value: PhotoRow };
  sealed: { key: string; value: SealedRow };
  outbox: { key: string; value: Item };
  receipts: { key: string; value: ReceiptRow };
  tickets: { key: string; value: TicketRow };
  discards: { key: string; value: Discard };
  kv: { key: string; value: { key: string; value: unknown } };
}

const keyPaths: Record<StoreName, string> = { drafts: "id", photos: "sha256", sealed: "id", outbox: "id", receipts: "id", tickets: "id", discards: "id", kv: "key" };

type Tx = IDBPTransaction<Schema, StoreName[], "versionchange">;

/** upgrade brings a database of any earlier version (0: none) to this one. Nothing is dropped. */
export async function upgrade(db: IDBPDatabase<Schema>, from: number, tx: Tx): Promise<void> {
  for (const s of Object.keys(keyPaths) as StoreName[]) if (!db.objectStoreNames.contains(s)) db.createObjectStore(s, { keyPath: keyPaths[s] });
  const kv = tx.objectStore("kv");
  // Made with the database: a new one on the same phone tells the server that the old one is gone.
  if (!(await kv.get("epoch"))) await kv.put({ key: "epoch", value: uuidv7() });
  if (from === 1) await from1(tx);
  if (from === 1 || from === 2) await from2(tx);
}

/** from2 gives rows the place for a box; enclose.ts fills it when the key is there. */
async function from2(tx: Tx): Promise<void> {
  for (let c = await tx.objectStore("tickets").openCursor(); c; c = await c.continue()) {
    const { url, short, qr_png, ...row } = c.value as unknown as TicketRow & TicketSecret;
    await c.update({ ...row, body: { plain: { url, short, qr_png } } });
  }
  for (let c = await tx.objectStore("discards").openCursor(); c; c = await c.continue()) await c.update({ ...c.value, label: null });
  for (let c = await tx.objectStore("kv").openCursor(); c; c = await c.continue()) {
    if (!c.value.key.startsWith("pack:")) continue;
    const { pack, ...rest } = c.value.value as { pack: Pack };
    await c.update({ key: c.value.key, value: { ...rest, body: { plain: pack } } });
  }
  await tx.objectStore("kv").put({ key: "plain_left", value: true });
}

async function from1(tx: Tx): Promise<void> {
  for (let c = await tx.objectStore("drafts").openCursor(); c; c = await c.continue()) {
    const d = c.value as unknown as Draft;
    await c.update({ id: d.id, account_id: d.account_id, visit_id: d.visit_id, changed_at: d.changed_at, photos: Object.keys(d.photos), body: { plain: d } });
  }
  for (let c = await tx.objectStore("sealed").openCursor(); c; c = await c.continue()) {
    const r = c.value as { id: string; bytes: ArrayBuffer; digest: string };
    await c.update({ ...r, kind: "sheet", form: "plain", type: "application/json", size: r.bytes.byteLength, sum: r.digest, saved_at: new Date().toISOString() });
  }
  const received = new Map((await tx.objectStore("receipts").getAll()).map((r) => [r.id, Date.parse(r.received_at)]));
  const owner = new Map<string, string>();
  for (let c = await tx.objectStore("outbox").openCursor(); c; c = await c.continue()) {
    const old = c.value;
    owner.set(old.id, old.account_id);
    await c.update({ ...blankItem, ...old, received_at: received.get(old.id) || (old.state === "sent" ? old.sent_at : 0) });
  }
  for (let c = await tx.objectStore("receipts").openCursor(); c; c = await c.continue())
    await c.update({ ...c.value, account_id: owner.get(c.value.id) ?? "", label: null });
  await tx.objectStore("kv").put({ key: "plain_left", value: true });
}
