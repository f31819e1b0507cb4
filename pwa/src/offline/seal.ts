// Sealing: the draft becomes bytes that never change again, encrypted once to the server's key, and an item in the
// outbox. From here on the same bytes are sent, however often; this phone can send them and not read them.
import { sheetBody } from "./body";
import { NotKept, type SealedRow, type Store } from "./db";
import { usedPhotos } from "./draft";
import { gaps } from "./gaps";
import { canSeal, photoInfo, sealEnvelope, sheetInfo } from "./envelope";
import { sha256 } from "./ids";
import { photoBytes } from "./keep";
import type { Lockbox } from "./lockbox";
import { blankItem, type Item } from "./outbox";
import { labelled } from "./queue";
import type { Checklist, Draft, Me, SealKey } from "./types";

export class LostPhoto extends Error {
  override name = "LostPhoto";
  constructor(readonly sha256: string) {
    super("photo cannot be read");
  }
}
/** Another page saved something while this one sealed: it is looked at again, and sealed with it. */
export class DraftMoved extends Error {
  override name = "DraftMoved";
}
/** What another page brought in is not complete. */
export class NotReady extends Error {
  override name = "NotReady";
}
export class SheetTooLarge extends Error {
  override name = "SheetTooLarge";
}
const limit = 1 << 20;

/** sealChecked seals what is complete as it stands now: what the page looked at may have been another page's work since. */
export async function sealChecked(box: Lockbox, d: Draft, list: Checklist, me: Me, appVersion: string, now: Date, key: SealKey | null): Promise<Item> {
  if (!(await box.store.get("outbox", d.id)) && gaps(d, list, now).length) throw new NotReady("not complete");
  return seal(box, d, me, appVersion, now, key);
}

/**
 * seal freezes the draft. The order matters: every photo and the sheet written under the server's key and read back,
 * then, in one step, outbox in, draft and readable photos out. `key` null: the phone has not learnt it yet, or the
 * browser has no cryptography; then the bytes stay plain, until `enclose` finds a key.
 */
export async function seal(box: Lockbox, d: Draft, me: Me, appVersion: string, now: Date, key: SealKey | null): Promise<Item> {
  const { store } = box;
  const there = await store.get("outbox", d.id);
  if (there) return there; // a second tap on a slow phone
  const photos = usedPhotos(d);
  for (const p of photos) {
    const kept = await sealPhoto(box, p.sha256, p.type, key, now);
    // A version that corrects another may name photos that this phone has freed after their receipt: the server holds them.
    if (!kept && d.version === 1) throw new LostPhoto(p.sha256);
  }
  const bytes = new TextEncoder().encode(JSON.stringify(sheetBody(d, appVersion, now.toISOString())));
  if (bytes.length > limit) throw new SheetTooLarge();
  const plain = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const row = await putSealed(store, { id: d.id, kind: "sheet", type: "application/json", digest: await sha256(plain) }, plain, key, now);
  const item = await labelled(box, {
    ...blankItem, id: d.id, kind: "sheet", account_id: d.account_id, account_name: me.name, day: d.started_at, visit_id: d.visit_id,
    version: d.version, digest: row.digest, size: row.size + photos.reduce((n, p) => n + p.size, 0),
    photos: photos.map((p) => ({ sha256: p.sha256, size: p.size, type: p.type, state: "here", why: "", words: "" })), created_at: now.getTime(),
  }, { title: d.business.name, text: "" });
  const won = await commit(store, d, row, item);
  // Another page sealed the same draft in the same moment: its bytes count, or ours are written once more.
  return won ?? seal(box, d, me, appVersion, now, key);
}

/**
 * commit: the item in and the draft out, if the sealed bytes are still ours and the draft is the one that was sealed. Null:
 * the bytes are another page's. What another page saved in the seconds of encryption is not thrown away: the draft stays.
 */
async function commit(store: Store, d: Draft, row: SealedRow, item: Item): Promise<Item | null> {
  let out: Item | null = null;
  let moved = false;
  await store.write(["outbox", "drafts", "sealed", "photos"], async (w) => {
    const there = await w.get("outbox", d.id);
    const bytes = await w.get("sealed", d.id);
    const draft = await w.get("drafts", d.id);
    moved = !there && !!draft && draft.changed_at !== d.changed_at;
    if (moved) return bytes?.sum === row.sum ? w.drop("sealed", d.id) : undefined;
    out = there ?? (bytes?.sum === row.sum ? item : null);
    if (!out) return;
    if (!there) await w.put("outbox", item);
    await w.drop("drafts", d.id);
    const others = new Set((await w.all("drafts")).flatMap((x) => x.photos));
    // What is not under the server's key yet is needed as it is.
    for (const p of item.photos) if (!others.has(p.sha256) && (await w.get("sealed", p.sha256))) await w.drop("photos", p.sha256);
    for (const p of Object.keys(d.photos)) if (!others.has(p) && !item.photos.some((x) => x.sha256 === p)) await w.drop("photos", p);
  });
  if (moved) throw new DraftMoved("the draft was changed meanwhile");
  return out;
}

/** sealPhoto puts a photo under the server's key, once for all records that speak of it. False: its bytes are not here. */
export async function sealPhoto(box: Lockbox, sum: string, type: string, key: SealKey | null, now: Date): Promise<boolean> {
  const there = await box.store.get("sealed", sum);
  if (there && (there.form === "sxs1" || !canSeal(key)) && (await whole(there))) return true;
  const plain = await photoBytes(box, sum);
  if (!plain) return !!there && (await whole(there));
  await putSealed(box.store, { id: sum, kind: "photo", type, digest: sum }, plain, key, now);
  return true;
}

/** whole: are these the bytes that were written? */
export const whole = async (row: SealedRow): Promise<boolean> => row.bytes instanceof ArrayBuffer && (await sha256(row.bytes)) === row.sum;

/** putSealed encrypts, writes, and reads back. */
export async function putSealed(store: Store, what: Pick<SealedRow, "id" | "kind" | "type" | "digest">, plain: ArrayBuffer, key: SealKey | null, now: Date): Promise<SealedRow> {
  const info = what.kind === "sheet" ? sheetInfo(what.id) : photoInfo(what.id);
  const sxs1 = canSeal(key);
  const bytes = sxs1 ? await sealEnvelope(key, info, plain) : plain;
  if (!sxs1) await store.setKv("plain_left", true);
  const row: SealedRow = { ...what, form: sxs1 ? "sxs1" : "plain", bytes, size: plain.byteLength, sum: await sha256(bytes), saved_at: now.toISOString() };
  await store.write(["outbox", "sealed"], async (w) => {
    // An item's bytes never change: what another page has sealed meanwhile stays.
    const item = await w.get("outbox", what.id);
    if (!item || item.digest === what.digest) await w.put("sealed", row);
  });
  const back = await store.get("sealed", what.id);
  if (!back || !(await whole(back))) throw new NotKept("sealed bytes did not read back");
  return row;
}

/**
 * correction: a new version of a sealed sheet. Everything is taken over but the signatures, which stood under other words, and
 * `without`: photos that the server does not take or that the phone has lost.
 */
export function correction(body: Record<string, unknown>, id: string, now: Date, me: Me, without: readonly string[] = []): Draft {
  const b = body as unknown as Draft & {
    visit: Pick<Draft, "agency_id" | "business_id" | "business" | "matter" | "notice_number" | "external_code" | "supervisor_ids">;
    recusal: { at: string }; answers: Draft["answers"][string][]; observations: Draft["observations"]; photos: unknown[];
  };
  const photos = Object.fromEntries(((b.photos ?? []) as unknown as Draft["photos"][string][]).filter((p) => p.source !== "signature" && !without.includes(p.sha256)).map((p) => [p.sha256, p]));
  // It may be here because it broke a rule: a photo twice in one place, half a helper.
  const kept = (list: string[] | undefined) => [...new Set(list ?? [])].filter((s) => !!photos[s]);
  return {
    id, account_id: me.id, visit_id: b.visit_id, version: b.version + 1, supersedes: b.id, reason: "", planned: true, visit_number: "",
    agency_id: b.visit.agency_id, business_id: b.visit.business_id ?? "", business: b.visit.business, matter: b.visit.matter,
    notice_number: b.visit.notice_number, external_code: b.visit.external_code, supervisor_ids: b.visit.supervisor_ids,
    recused_at: b.recusal.at, started_at: b.started_at, ended_at: b.ended_at, late_reason: b.late_reason ?? "", mode: b.mode, method: b.method,
    checklist_version: b.checklist_version, officers: b.officers ?? [], helpers: Number.isInteger(b.helpers) ? b.helpers : 0,
    answers: Object.fromEntries((b.answers ?? []).map((a) => [a.code, { ...a, note: a.note ?? "", no_photo_reason: a.no_photo_reason ?? "", photos: kept(a.photos), corrected: !!a.corrected }])),
    observations: (b.observations ?? []).map((o, i) => ({ ...o, id: `${id}-${i}`, photos: kept(o.photos) })), stop: b.stop, opinion: b.opinion, overall: b.overall,
    officer_sign: { ...b.officer_sign, stance: "", text: "", signature: "" }, supervisor_signs: [], place: b.place, ticket_id: b.ticket_id ?? "",
    photos, awaited: null, changed_at: now.toISOString(),
  };
}
