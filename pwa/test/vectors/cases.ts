// The cases of outbox.json: written here once, spelled out there whole, so that another program can be held to them.
import { blankItem, type Item, type Outcome, type Step } from "../../src/offline/outbox";

export const photoA = "a".repeat(64);
export const photoB = "b".repeat(64);
export const now = 1_778_032_800_000; // 2026-05-06T02:00:00Z
const digest = "d".repeat(64);
const photo = (sha256: string, size: number): Item["photos"][number] => ({ sha256, size, type: "image/jpeg", state: "here", why: "", words: "" });
export const fresh = (change: Partial<Item> = {}): Item => ({
  ...blankItem, id: "sheet-1", account_id: "me", account_name: "测试员甲", day: "2026-05-06T01:30:00Z", visit_id: "visit-1", version: 1, digest, size: 10,
  photos: [photo(photoA, 3), photo(photoB, 4)], created_at: 1, ...change,
});
const arrived = fresh({ sheet_held: true, state: "sending" });
const allHeld = fresh({ sheet_held: true, state: "sending", photos: arrived.photos.map((p) => ({ ...p, state: "held" as const })) });
const bare = fresh({ photos: [] });
export const cancel = fresh({ id: "cancel-1", kind: "cancel", photos: [], sheet_held: true, version: 0, digest: "", size: 0 });

export const receipt = { code: "HZ-8F2K-41QD-7MXA", key_id: "k", algorithm: "ed25519", body: "", signature: "" };
const fault = (code = "") => ({ type: "about:blank", title: "x", status: 0, detail: "写得太长。", code });
const answer = (status: number, json: unknown = fault(), extra: object = {}): Outcome => ({ kind: "answer", status, json, retry_after: 0, ...extra });
const good = { receipt: { ok: true as const, receipt, received_at: "2026-05-06T02:00:05Z" } };
const sheetSays = (state: string, missing: string[] = [], more: object = {}) => ({ id: "sheet-1", state, missing, visit_number: "BS", receipt: null, ...more });
const as = { id: "sheet-9", version: 2, digest };

export interface Case { name: string; item: Item; step: Step; outcome: Outcome; now: number; random: number }
const sheet: Step = { do: "sheet" };
const first: Step = { do: "photo", sha256: photoA };
const second: Step = { do: "photo", sha256: photoB };

// What a village network, a gate in between and our own server answer. Each meets a sheet, a photo and a cancellation.
const everywhere: [string, Outcome][] = [
  ["connection reset", { kind: "nobody" }], ["the phone could not read its store", { kind: "broken" }], ["no answer in time", { kind: "slow" }],
  ["200 with a login page", answer(200, null)], ["200 {}", answer(200, {})], ["200 []", answer(200, [])], ["201 of another id", answer(201, { id: "other", sha256: "c".repeat(64), size: 3, state: "complete", missing: [], receipt: null })],
  ["204", answer(204, null)], ["202 of a proxy", answer(202, null)], ["302", answer(302, null)], ["opaque redirect", answer(0, null)],
  ["400", answer(400)], ["401", answer(401, fault("signed_out"))], ["401 of a proxy", answer(401, null)], ["401 JSON of a gate", answer(401, { error: "login" })], ["401 device revoked", answer(401, fault("device_revoked"))],
  ["403", answer(403)], ["403 of a proxy", answer(403, null)], ["403 must change", answer(403, fault("must_change"))], ["403 second factor not set up", answer(403, fault("totp_setup"))], ["403 device only", answer(403, fault("device_only"))], ["403 device revoked", answer(403, fault("device_revoked"))],
  ["404", answer(404)], ["404 of a proxy", answer(404, null)], ["409", answer(409)], ["409 held refused", answer(409, fault("held_refused"))], ["409 held corrected", answer(409, fault("held_corrected"))],
  ["413", answer(413)], ["413 of a proxy", answer(413, null)], ["422", answer(422)], ["422 seal key", answer(422, fault("seal_key"))], ["422 sealed", answer(422, fault("sealed"))],
  ["429 with a wait", answer(429, fault(), { retry_after: 120 })], ["429 with a wait of a day", answer(429, fault(), { retry_after: 86_400 })],
  ["500", answer(500)], ["502 html", answer(502, null)], ["503 with a wait", answer(503, fault(), { retry_after: 30 })], ["507", answer(507)],
];

export function cases(): Case[] {
  const out: Case[] = [];
  const add = (name: string, item: Item, step: Step, outcome: Outcome, random = 0.5) => void out.push({ name, item, step, outcome, now, random });
  for (const [name, o] of everywhere) {
    add(`sheet: ${name}`, fresh(), sheet, o);
    add(`photo: ${name}`, arrived, first, o);
    add(`cancel: ${name}`, cancel, { do: "cancel" }, o);
  }
  add("sheet: 201 waiting for both photos", fresh(), sheet, answer(201, sheetSays("waiting", [photoA, photoB])));
  add("sheet: 200 waiting for one, the other is there from another record", fresh(), sheet, answer(200, sheetSays("waiting", [photoB])));
  add("sheet: complete with a receipt", allHeld, sheet, answer(200, sheetSays("complete", [], { receipt }), good));
  add("sheet: complete with a receipt; the server's clock was heard later than the receipt", allHeld, sheet, answer(200, sheetSays("complete", [], { receipt }), { ...good, server_now: now + 3_600_000 }));
  add("sheet: complete, no photos", bare, sheet, answer(201, sheetSays("complete", [], { receipt }), good));
  add("sheet: complete without a receipt", allHeld, sheet, answer(200, sheetSays("complete")));
  for (const why of ["form", "key", "signature", "id", "version", "digest", "photos"] as const)
    add(`sheet: a receipt whose ${why} is wrong`, allHeld, sheet, answer(200, sheetSays("complete", [], { receipt }), { receipt: { ok: false, why } }));
  add("sheet: the server lost a photo it had", allHeld, sheet, answer(200, sheetSays("waiting", [photoA])));
  add("sheet: order, the earlier version is not there", fresh({ version: 2 }), sheet, answer(409, fault("order")));
  add("sheet: conflict, the office chooses", fresh(), sheet, answer(409, fault("sheet_conflict")));
  add("sheet: the conflict was settled for the other record", fresh({ state: "held", why: "conflict", next_at: 1 }), sheet, answer(409, fault("conflict_settled")));
  add("sheet: the conflict was settled for this one, photos are missing", fresh({ state: "held", why: "conflict", next_at: 1 }), sheet, answer(200, { ...sheetSays("waiting", [photoA]), id: "sheet-9", as }));
  add("sheet: the conflict was settled for this one, receipt", { ...allHeld, state: "held", why: "conflict" }, sheet, answer(200, { ...sheetSays("complete", [], { receipt }), as }, good));
  add("sheet: says another id with another digest", fresh(), sheet, answer(200, { ...sheetSays("waiting", [photoA]), id: "sheet-9", as: { ...as, digest: "e".repeat(64) } }));
  add("sheet: 202, the photos follow", fresh(), sheet, answer(202, { id: "sheet-1", state: "held", code: "held_for_office", why: "device_revoked" }));
  add("sheet: 202 again, photos are there", allHeld, sheet, answer(202, { id: "sheet-1", state: "held", code: "held_for_office", why: "device_revoked" }), 0.1);
  add("sheet: 202, it breaks a rule; the photos follow", fresh(), sheet, answer(202, { id: "sheet-1", state: "held", code: "held_for_office", why: "invalid", detail: "协助人员人数：内容的类型不对。" }));
  add("sheet: 202 again, it breaks a rule", allHeld, sheet, answer(202, { id: "sheet-1", state: "held", code: "held_for_office", why: "invalid", detail: "协助人员人数：内容的类型不对。" }));
  add("sheet: 202 of another id", fresh(), sheet, answer(202, { id: "sheet-2", state: "held" }));
  add("sheet: bytes lost on the phone", fresh(), sheet, { kind: "lost" });
  add("sheet: torn on the way, for the fourth time", fresh({ state: "waiting", why: "sealed", tries: 3, next_at: 1 }), sheet, answer(422, fault("sealed")));
  add("photo: 201", arrived, first, answer(201, { sha256: photoA, size: 3, media_type: "image/jpeg", sheets: [] }));
  add("photo: 201 with another size", arrived, first, answer(201, { sha256: photoA, size: 4 }));
  add("photo: 202", arrived, first, answer(202, { sha256: photoA, state: "held" }));
  add("photo: the last one", { ...arrived, photos: [allHeld.photos[0]!, arrived.photos[1]!] }, second, answer(201, { sha256: photoB, size: 4, sheets: [] }));
  add("photo: the last one brings the receipt", { ...arrived, photos: [allHeld.photos[0]!, arrived.photos[1]!] }, second, answer(201, { sha256: photoB, size: 4, sheets: [{ id: "sheet-1", state: "complete", receipt }] }, good));
  add("photo: the last one after one was refused", { ...arrived, photos: [{ ...arrived.photos[0]!, state: "refused", why: "photo", words: "不是照片。" }, arrived.photos[1]!] }, second, answer(201, { sha256: photoB, size: 4, sheets: [] }));
  add("photo: bytes lost on the phone", arrived, first, { kind: "lost" });
  add("photo: the phone could not read its store, for the fourth time", { ...arrived, tries: 3 }, first, { kind: "broken" });
  add("cancel: the reason is lost on the phone", cancel, { do: "cancel" }, { kind: "lost" });
  add("cancel: 200", cancel, { do: "cancel" }, answer(200, { id: "visit-1", state: "cancelled" }, { done: true, server_now: now }));
  add("cancel: 204 of our server", cancel, { do: "cancel" }, answer(204, null, { done: true }));
  add("cancel: 409, but it is cancelled", cancel, { do: "cancel" }, answer(200, fault(), { done: true }));
  add("cancel: the phone is locked", cancel, { do: "cancel" }, { kind: "locked" });
  add("sent stays sent", { ...allHeld, state: "sent", sent_at: 5, received_at: 5 }, sheet, answer(500));
  for (const [tries, random] of [[0, 0], [0, 1], [3, 0.5], [7, 1], [9, 1], [60, 0.999]] as const) add(`back-off: ${tries} tries, random ${random}`, fresh({ tries, state: "waiting" }), sheet, { kind: "nobody" }, random);
  return out;
}
