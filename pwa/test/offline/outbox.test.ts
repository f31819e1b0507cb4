import { describe, expect, it } from "vitest";
import { again, backOff, due, nextStep, settle, spent, wakes, week, type Item, type Outcome, type Step } from "../../src/offline/outbox";

const photo = "a".repeat(64);
const item = (change: Partial<Item> = {}): Item => ({
  id: "sheet-1", kind: "sheet", account_id: "me", account_name: "测试员甲", title: "示例小吃店", day: "2026-05-06T09:30:00Z", visit_id: "visit-1", version: 1,
  digest: "d", size: 10, photos: [{ sha256: photo, size: 3, type: "image/jpeg", state: "here", why: "", words: "" }, { sha256: "b".repeat(64), size: 4, type: "image/jpeg", state: "here", why: "", words: "" }],
  sheet_held: false, text: "", state: "pending", why: "", words: "", status: 0, tries: 0, next_at: 0, created_at: 1, sent_at: 0, ...change,
});
const held = item({ sheet_held: true, state: "sending" });
const answer = (status: number, json: unknown = problem, extra: object = {}): Outcome => ({ kind: "answer", status, json, retry_after: 0, ...extra });
const problem = { type: "about:blank", title: "x", detail: "写得太长。" };
const receipt = { code: "HZ-1", key_id: "k", algorithm: "ed25519", body: "", signature: "" };
const now = 1_000_000;
const sheetStep: Step = { do: "sheet" };
const photoStep: Step = { do: "photo", sha256: photo };
const after = (i: Item, s: Step, o: Outcome) => settle(i, s, o, now, 0.5);

// status × step → state and reason. The first column is what a village network really answers.
const table: [string, Outcome, string, string, string, string][] = [
  ["timeout", { kind: "slow" }, "waiting", "slow", "waiting", "slow"],
  ["connection reset", { kind: "nobody" }, "waiting", "nobody", "waiting", "nobody"],
  ["200 with a login page", answer(200, null), "waiting", "gate", "waiting", "gate"],
  ["200 {}", answer(200, {}), "waiting", "gate", "waiting", "gate"],
  ["200 of another id", answer(200, { id: "sheet-2", state: "complete", missing: [], receipt: null, sha256: "c".repeat(64), size: 3 }), "waiting", "gate", "waiting", "gate"],
  ["201 []", answer(201, []), "waiting", "gate", "waiting", "gate"],
  ["204", answer(204, null), "waiting", "gate", "waiting", "gate"],
  ["302", answer(302, null), "waiting", "gate", "waiting", "gate"],
  ["opaque redirect", answer(0, null), "waiting", "gate", "waiting", "gate"],
  ["400", answer(400), "attention", "invalid", "sending", "photo"],
  ["401", answer(401), "waiting", "login", "waiting", "login"],
  ["403", answer(403), "attention", "refused", "sending", "photo"],
  ["403 must change", answer(403, { ...problem, code: "must_change" }), "waiting", "password", "waiting", "password"],
  ["403 of a proxy", answer(403, null), "waiting", "gate", "waiting", "gate"],
  ["404", answer(404), "attention", "not_found", "sending", "photo"],
  ["404 of a proxy", answer(404, null), "waiting", "gate", "waiting", "gate"],
  ["409", answer(409), "attention", "conflict", "sending", "photo"],
  ["413", answer(413), "attention", "too_large", "sending", "too_large"],
  ["413 of a proxy", answer(413, null), "attention", "too_large", "sending", "too_large"],
  ["422", answer(422), "attention", "invalid", "sending", "photo"],
  ["429", answer(429), "waiting", "busy", "waiting", "busy"],
  ["500", answer(500), "waiting", "server", "waiting", "server"],
  ["502 html", answer(502, null), "waiting", "server", "waiting", "server"],
  ["503", answer(503), "waiting", "busy", "waiting", "busy"],
  ["507", answer(507), "waiting", "server", "waiting", "server"],
];

describe("an item never disappears and never counts as sent without a verified receipt", () => {
  for (const [name, outcome, sheetState, sheetWhy, photoState, photoWhy] of table) {
    it(`record: ${name}`, () => {
      const r = after(item(), sheetStep, outcome);
      expect([r.state, r.why, r.id]).toEqual([sheetState, sheetWhy, "sheet-1"]);
      expect(r.photos).toHaveLength(2);
      reload(r);
    });
    it(`photo: ${name}`, () => {
      const r = after(held, photoStep, outcome);
      expect(r.state).toBe(photoState);
      // A refused photo is marked, and the others go on.
      expect(photoState === "sending" ? r.photos[0]!.why : r.why).toBe(photoWhy);
      expect(r.photos.some((p) => p.state === "held")).toBe(false);
      reload(r);
    });
  }
});

/** The page is closed and opened: what was stored says the same, and it is taken up again or stays for a person. */
function reload(r: Item) {
  const again = JSON.parse(JSON.stringify(r)) as Item;
  expect(again).toEqual(r);
  expect(spent(again, now + 100 * week)).toBe(false);
  if (again.state === "attention") expect(nextStep(again).do).toBe("nothing");
  else expect(nextStep(again).do).not.toBe("nothing");
  expect(due(again, Number.MAX_SAFE_INTEGER, "me")).toBe(again.state !== "attention");
}

describe("the way of a record", () => {
  it("record, missing photos, last photo, receipt", () => {
    let i = item();
    expect(nextStep(i)).toEqual(sheetStep);
    i = after(i, sheetStep, answer(201, { id: "sheet-1", state: "waiting", missing: [photo], receipt: null }));
    expect(i.photos.map((p) => p.state)).toEqual(["here", "held"]);
    expect(nextStep(i)).toEqual(photoStep);
    i = after(i, photoStep, answer(201, { sha256: photo, size: 3 }));
    expect(nextStep(i)).toEqual(sheetStep); // the same bytes once more bring the receipt
    i = after(i, sheetStep, answer(200, { id: "sheet-1", state: "complete", missing: [], receipt }, { receipt: { ok: true, receipt, received_at: "x" } }));
    expect([i.state, i.sent_at]).toEqual(["sent", now]);
    expect(spent(i, now + week)).toBe(false);
    expect(spent(i, now + week + 1)).toBe(true);
  });
  it("a receipt that does not verify is for a person, and nothing is freed", () => {
    for (const why of ["form", "key", "signature", "id", "version", "digest", "photos"] as const) {
      const r = after(held, sheetStep, answer(200, { id: "sheet-1", state: "complete", missing: [], receipt }, { receipt: { ok: false, why } }));
      expect([r.state, r.why, r.sent_at]).toEqual(["attention", "receipt", 0]);
    }
  });
  it("complete without a receipt waits for one", () => {
    const r = after(item(), sheetStep, answer(200, { id: "sheet-1", state: "complete", missing: [], receipt: null }));
    expect([r.state, r.why]).toEqual(["waiting", "receipt_due"]);
  });
  it("a refused photo stops the item only when the others have gone, and one tap sends it again", () => {
    let i = after(held, photoStep, answer(422));
    expect([i.state, i.photos[0]!.words]).toEqual(["sending", "写得太长。"]);
    expect(nextStep(i)).toEqual({ do: "photo", sha256: "b".repeat(64) });
    i = after(i, nextStep(i), answer(201, { sha256: "b".repeat(64), size: 4 }));
    expect([i.state, i.why, i.words]).toEqual(["attention", "photo", "写得太长。"]);
    i = again(i);
    expect([i.state, nextStep(i)]).toEqual(["pending", photoStep]);
  });
  it("bytes that the phone lost are said, not skipped", () => {
    expect(after(item(), sheetStep, { kind: "lost" }).why).toBe("lost_sheet");
    const one = item({ sheet_held: true, photos: [held.photos[0]!] });
    expect(after(one, photoStep, { kind: "lost" }).why).toBe("lost_photo");
  });
  it("the server loses a photo that it had: sent again, with a pause, not in a circle", () => {
    const all = item({ sheet_held: true, photos: held.photos.map((p) => ({ ...p, state: "held" as const })) });
    const r = after(all, sheetStep, answer(200, { id: "sheet-1", state: "waiting", missing: [photo], receipt: null }));
    expect([r.state, r.photos[0]!.state, r.next_at > now]).toEqual(["waiting", "here", true]);
  });
});

describe("waiting", () => {
  it("doubles up to a quarter of an hour and spreads", () => {
    expect([0, 1, 2, 9, 50].map((n) => backOff(n, 0.5))).toEqual([5000, 10000, 20000, 900000, 900000]);
    expect([backOff(3, 0), backOff(3, 1)]).toEqual([28000, 52000]);
  });
  it("obeys Retry-After", () => expect(after(item(), sheetStep, answer(429, problem, { retry_after: 120 })).next_at).toBe(now + 120_000));
  it("wakes what the event is about, and only that", () => {
    const login = after(item(), sheetStep, answer(401));
    const silent = after(item(), sheetStep, { kind: "nobody" });
    expect([wakes(login, "login"), wakes(login, "network"), wakes(silent, "network"), wakes(silent, "login")]).toEqual([true, false, true, false]);
    expect(due(login, now + 100 * week, "me")).toBe(false);
    expect(due(again(login), now, "me")).toBe(true);
  });
  it("another account's item is not sent under this name", () => expect(due(item(), now, "somebody else")).toBe(false));
  it("what a dead page left in sending is due at once", () => expect(due(item({ state: "sending" }), now, "me")).toBe(true));
});

describe("cancelling a planned visit", () => {
  const cancel = item({ kind: "cancel", photos: [], sheet_held: true });
  it("goes through the same machine", () => {
    expect(nextStep(cancel)).toEqual({ do: "cancel" });
    expect(after(cancel, { do: "cancel" }, answer(200, {}, { done: true })).state).toBe("sent");
    expect(after(cancel, { do: "cancel" }, answer(200, null)).why).toBe("gate");
    expect(after(cancel, { do: "cancel" }, answer(409)).why).toBe("conflict");
    expect(after(cancel, { do: "cancel" }, answer(401)).why).toBe("login");
  });
});
