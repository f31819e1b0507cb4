// The rescue file: what cannot be sent from this phone leaves it as a file, for another phone or for the office. Nothing
// in it can be read without the server's key; importing it twice changes nothing the second time.
//
// "SXR1" | 4 bytes length of the list, big endian | 32 bytes SHA-256 of the list | the list (JSON) | the parts, one after the other
import type { SealedRow, Store } from "./db";
import { hex, sha256 } from "./ids";
import { again, blankItem, type Item } from "./outbox";
import { whole } from "./seal";

interface Part { id: string; kind: "sheet" | "photo"; type: string; digest: string; size: number; length: number; sum: string }
type Listed = Pick<Item, "id" | "kind" | "account_id" | "day" | "visit_id" | "version" | "digest" | "size" | "created_at"> & { photos: { sha256: string; size: number; type: string }[] };
interface List { v: 1; made_at: string; device_id: string; app_version: string; items: Listed[]; parts: Part[] }

/** The file is not one of ours, or of a version that this app does not know. */
export class ForeignFile extends Error {
  override name = "ForeignFile";
}
/** What lies on the phone in the clear does not leave it: the server's key has to be learnt first. */
export class NotSealed extends Error {
  override name = "NotSealed";
}

export type Break = "torn" | "changed" | "incomplete";
/** One part that could not be taken: `id` is the record's id or the photo's hash, `record` the record it belongs to. */
export interface Broken { id: string; record: string; kind: "sheet" | "photo"; why: Break }
export interface Imported { added: string[]; already: string[]; broken: Broken[] }
export interface RescueFile { name: string; parts: BlobPart[]; items: number; /** Parts that are not on this phone any more. */ lost: Broken[] }

const magic = new TextEncoder().encode("SXR1");
const head = 4 + 4 + 32;
const listMost = 64 << 20;

/** exportRescue makes the file of these items; without ids of everything that was not received. */
export async function exportRescue(store: Store, ids: readonly string[] | null, about: { device_id: string; app_version: string; now: Date }): Promise<RescueFile> {
  const items = (await store.all("outbox")).filter((i) => i.kind === "sheet" && (ids ? ids.includes(i.id) : i.state !== "sent"));
  const parts: Part[] = [];
  const bytes: BlobPart[] = [];
  const lost: Broken[] = [];
  for (const i of items)
    for (const [id, kind] of [[i.id, "sheet"], ...i.photos.map((p) => [p.sha256, "photo"])] as [string, Part["kind"]][]) {
      if (parts.some((p) => p.id === id)) continue;
      const row = await store.get("sealed", id);
      if (row?.form === "plain" || (!row && kind === "photo" && (await store.get("photos", id)))) throw new NotSealed("not sealed yet");
      if (!row || !(await whole(row))) lost.push({ id, record: i.id, kind, why: row ? "changed" : "incomplete" });
      else {
        parts.push({ id, kind, type: row.type, digest: row.digest, size: row.size, length: row.bytes.byteLength, sum: row.sum });
        bytes.push(new Blob([row.bytes])); // a browser may put it on disk: thirty photos are too much for an old phone's memory
      }
    }
  const list: List = { v: 1, made_at: about.now.toISOString(), device_id: about.device_id, app_version: about.app_version, items: items.map(listed), parts };
  const text = new TextEncoder().encode(JSON.stringify(list));
  const top = new Uint8Array(head);
  top.set(magic);
  new DataView(top.buffer).setUint32(4, text.length);
  top.set(unhex(await sha256(text.slice().buffer)), 8);
  return { name: `suixing-${list.made_at.slice(0, 10)}-${items.length}.sxr`, parts: [top, text, ...bytes], items: items.length, lost };
}

const listed = (i: Item): Listed => ({
  id: i.id, kind: i.kind, account_id: i.account_id, day: i.day, visit_id: i.visit_id, version: i.version, digest: i.digest, size: i.size, created_at: i.created_at,
  photos: i.photos.map(({ sha256, size, type }) => ({ sha256, size, type })),
});

/** importRescue takes what the file has and this phone has not. What is there already stays as it is. */
export async function importRescue(store: Store, file: Blob | ArrayBuffer, now: Date): Promise<Imported> {
  const blob = file instanceof Blob ? file : new Blob([file]); // read part by part, never as a whole
  const { list, at } = await readList(blob);
  const out: Imported = { added: [], already: [], broken: [] };
  const good = await takeParts(store, blob, list, at, out, now);
  for (const i of list.items) {
    const result = await takeItem(store, i, good);
    if (result === "broken") continue;
    out[result].push(i.id);
  }
  return out;
}

async function readList(file: Blob): Promise<{ list: List; at: number }> {
  const top = await file.slice(0, head).arrayBuffer();
  const b = new Uint8Array(top);
  if (b.length < head || !magic.every((x, i) => b[i] === x)) throw new ForeignFile("not a rescue file");
  const length = new DataView(top).getUint32(4);
  if (length > listMost) throw new ForeignFile("the list is too long");
  const text = await file.slice(head, head + length).arrayBuffer();
  if (text.byteLength !== length || (await sha256(text)) !== hex(b.subarray(8, 40))) throw new ForeignFile("the list is torn");
  const list = JSON.parse(new TextDecoder().decode(text)) as List;
  if (list.v !== 1 || !Array.isArray(list.items) || !Array.isArray(list.parts)) throw new ForeignFile("unknown version");
  return { list, at: head + length };
}

/** takeParts checks every part by its sum and keeps those that a record wants. Returns the ids that are good on this phone. */
async function takeParts(store: Store, file: Blob, list: List, from: number, out: Imported, now: Date): Promise<Set<string>> {
  const good = new Set<string>();
  const record = (id: string) => list.items.find((i) => i.id === id || i.photos.some((p) => p.sha256 === id))?.id ?? "";
  let at = from;
  for (const p of list.parts) {
    const bytes = await file.slice(at, at + p.length).arrayBuffer();
    at += p.length;
    const torn = bytes.byteLength !== p.length;
    if (torn || (await sha256(bytes)) !== p.sum) {
      out.broken.push({ id: p.id, record: record(p.id), kind: p.kind, why: torn ? "torn" : "changed" });
      continue;
    }
    const there = await store.get("sealed", p.id);
    // Other bytes of the same record stand as they are: a sealed item is never changed, and the server keeps both apart.
    if (!there || !(await whole(there))) {
      const row: SealedRow = { id: p.id, kind: p.kind, form: "sxs1", type: p.type, bytes, digest: p.digest, size: p.size, sum: p.sum, saved_at: now.toISOString() };
      await store.put("sealed", row);
      const back = await store.get("sealed", p.id);
      if (!back || !(await whole(back))) {
        out.broken.push({ id: p.id, record: record(p.id), kind: p.kind, why: "changed" });
        continue;
      }
    }
    good.add(p.id);
  }
  for (const i of list.items)
    for (const id of [i.id, ...i.photos.map((p) => p.sha256)])
      if (!list.parts.some((p) => p.id === id)) out.broken.push({ id, record: i.id, kind: id === i.id ? "sheet" : "photo", why: "incomplete" });
  return good;
}

async function takeItem(store: Store, i: Listed, good: Set<string>): Promise<"added" | "already" | "broken"> {
  let result: "added" | "already" | "broken" = "broken";
  const photo = (sha: string) => (good.has(sha) ? ({ state: "here", why: "", words: "" } as const) : ({ state: "refused", why: "lost_photo", words: "" } as const));
  await store.write(["outbox", "receipts", "discards"], async (w) => {
    const there = await w.get("outbox", i.id);
    if (there) {
      result = "already";
      // What this phone had lost and the file brings back is tried again.
      const mended = there.photos.some((p) => p.why === "lost_photo" && good.has(p.sha256)) || (there.why === "lost_sheet" && good.has(i.id));
      if (mended && there.digest === i.digest) await w.put("outbox", { ...again(there), photos: there.photos.map((p) => (p.why === "lost_photo" ? { ...p, ...photo(p.sha256) } : p)) });
    } else if (await w.get("receipts", i.id)) result = "already";
    else if (good.has(i.id)) {
      result = "added";
      await w.put("outbox", { ...blankItem, ...i, photos: i.photos.map((p) => ({ ...p, ...photo(p.sha256) })) });
      await w.drop("discards", i.id); // given up once, wanted after all
    }
  });
  return result;
}

const unhex = (s: string): Uint8Array => Uint8Array.from(s.match(/../g)!, (x) => parseInt(x, 16));
