// Sealing: the draft becomes bytes that never change again, and an item in the outbox. From here on the same bytes
// are sent, however often.
import { NotKept, type Store } from "./db";
import { endOf, usedPhotos } from "./draft";
import { sha256 } from "./ids";
import type { Item } from "./outbox";
import type { Draft, Me } from "./types";

export class LostPhoto extends Error {
  override name = "LostPhoto";
  constructor(readonly sha256: string) {
    super("photo cannot be read");
  }
}
export class SheetTooLarge extends Error {
  override name = "SheetTooLarge";
}
const limit = 1 << 20;

/** sheetBody is what goes to the server: the words of the contract, in a fixed order. */
export function sheetBody(d: Draft, appVersion: string, sealedAt: string): Record<string, unknown> {
  const { officer_sign: s } = d;
  return {
    id: d.id, visit_id: d.visit_id, version: d.version, ...(d.supersedes ? { supersedes: d.supersedes, reason: d.reason } : {}),
    app_version: appVersion, checklist_version: d.checklist_version, mode: d.mode, method: d.method,
    visit: {
      agency_id: d.agency_id, ...(d.business_id ? { business_id: d.business_id } : {}), business: d.business, matter: d.matter,
      notice_number: d.notice_number, external_code: d.external_code, supervisor_ids: d.supervisor_ids,
    },
    recusal: { declared: true, at: d.recused_at }, started_at: d.started_at, ended_at: endOf(d), sealed_at: sealedAt,
    ...(d.late_reason.trim() ? { late_reason: d.late_reason.trim() } : {}),
    officers: d.officers.map((o) => ({ ...(o.id ? { id: o.id } : {}), name: o.name, credential_number: o.credential_number, standing: o.standing })),
    helpers: d.helpers,
    answers: Object.values(d.answers).sort((a, b) => (a.code < b.code ? -1 : 1)).map((a) => ({
      code: a.code, result: a.result, note: a.note.trim(), ...(a.no_photo_reason.trim() && !a.photos.length ? { no_photo_reason: a.no_photo_reason.trim() } : {}),
      photos: a.photos, ...(a.corrected ? { corrected: true } : {}), at: a.at,
    })),
    observations: d.observations.map((o) => ({ text: o.text.trim(), photos: o.photos, at: o.at })),
    stop: d.stop, opinion: d.opinion.trim(), overall: d.overall,
    officer_sign: { name: s.name, credential_number: s.credential_number, stance: s.stance, text: s.text.trim(), signature: s.stance === "refused" ? "" : s.signature },
    supervisor_signs: d.supervisor_signs.filter((x) => x.signature), place: d.place, ...(d.ticket_id ? { ticket_id: d.ticket_id } : {}),
    photos: usedPhotos(d),
  };
}

/** seal freezes the draft. The order matters: bytes written and read back, then, in one step, outbox in and draft out. */
export async function seal(store: Store, d: Draft, me: Me, appVersion: string, now: Date): Promise<Item> {
  const photos = usedPhotos(d);
  // A version that corrects another may name photos that this phone has freed after their receipt: the server holds them.
  if (d.version === 1) for (const p of photos) if (!(await store.photoIntact(p.sha256))) throw new LostPhoto(p.sha256);
  const bytes = new TextEncoder().encode(JSON.stringify(sheetBody(d, appVersion, now.toISOString())));
  if (bytes.length > limit) throw new SheetTooLarge();
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const digest = await sha256(buffer);
  await store.put("sealed", { id: d.id, bytes: buffer, digest });
  const back = await store.get("sealed", d.id);
  if (!back || (await sha256(back.bytes)) !== digest) throw new NotKept("sealed sheet did not read back");
  const item: Item = {
    id: d.id, kind: "sheet", account_id: d.account_id, account_name: me.name, title: d.business.name, day: d.started_at, visit_id: d.visit_id,
    version: d.version, digest, size: buffer.byteLength + photos.reduce((n, p) => n + p.size, 0),
    photos: photos.map((p) => ({ sha256: p.sha256, size: p.size, type: p.type, state: "here", why: "", words: "" })), sheet_held: false, text: "",
    state: "pending", why: "", words: "", status: 0, tries: 0, next_at: 0, created_at: now.getTime(), sent_at: 0,
  };
  await store.write(["outbox", "drafts"], async (w) => {
    // A second tap on a slow phone finds the item there and changes nothing.
    if (!(await w.get("outbox", d.id))) await w.put("outbox", item);
    await w.drop("drafts", d.id);
  });
  return item;
}

/** cancelItem: a planned visit that will not take place, through the outbox like everything else. */
export function cancelItem(id: string, visit: { id: string; title: string; day: string }, me: Me, reason: string, now: Date): Item {
  return {
    id, kind: "cancel", account_id: me.id, account_name: me.name, title: visit.title, day: visit.day, visit_id: visit.id, version: 0, digest: "", size: 0,
    photos: [], sheet_held: true, text: reason, state: "pending", why: "", words: "", status: 0, tries: 0, next_at: 0, created_at: now.getTime(), sent_at: 0,
  };
}

/** correction: a new version of a sealed sheet. Everything is taken over but the signatures: they stood under other words. */
export function correction(body: Record<string, unknown>, id: string, now: Date, me: Me): Draft {
  const b = body as unknown as Draft & {
    visit: Pick<Draft, "agency_id" | "business_id" | "business" | "matter" | "notice_number" | "external_code" | "supervisor_ids">;
    recusal: { at: string }; answers: Draft["answers"][string][]; observations: Draft["observations"]; photos: unknown[];
  };
  const photos = Object.fromEntries((b.photos as unknown as Draft["photos"][string][]).filter((p) => p.source !== "signature").map((p) => [p.sha256, p]));
  return {
    id, account_id: me.id, visit_id: b.visit_id, version: b.version + 1, supersedes: b.id, reason: "", planned: true, visit_number: "",
    agency_id: b.visit.agency_id, business_id: b.visit.business_id ?? "", business: b.visit.business, matter: b.visit.matter,
    notice_number: b.visit.notice_number, external_code: b.visit.external_code, supervisor_ids: b.visit.supervisor_ids,
    recused_at: b.recusal.at, started_at: b.started_at, ended_at: b.ended_at, late_reason: b.late_reason ?? "", mode: b.mode, method: b.method,
    checklist_version: b.checklist_version, officers: b.officers, helpers: b.helpers,
    answers: Object.fromEntries(b.answers.map((a) => [a.code, { ...a, note: a.note ?? "", no_photo_reason: a.no_photo_reason ?? "", photos: a.photos ?? [], corrected: !!a.corrected }])),
    observations: (b.observations ?? []).map((o, i) => ({ ...o, id: `${id}-${i}`, photos: o.photos ?? [] })), stop: b.stop, opinion: b.opinion, overall: b.overall,
    officer_sign: { ...b.officer_sign, stance: "", text: "", signature: "" }, supervisor_signs: [], place: b.place, ticket_id: b.ticket_id ?? "",
    photos, awaited: null, changed_at: now.toISOString(),
  };
}
