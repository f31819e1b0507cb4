import { describe, expect, it } from "vitest";
import { StorageBroken, StorageFull } from "../../src/offline/db";
import { DraftGone, saveDraft } from "../../src/offline/keep";
import { newDraft } from "../../src/offline/draft";
import { sha256 } from "../../src/offline/ids";
import { LostPhoto, seal } from "../../src/offline/seal";
import { takeTicket } from "../../src/offline/tickets";
import { checklist, freshStore, me } from "./rig";

const now = new Date("2026-05-06T02:00:00Z");
const start = { agency_id: "ag", business_id: "", business: { name: "店", uscc: "", address: "", kind: "household" }, matter: "food", notice_number: "", external_code: "", supervisor_ids: [], mode: "quick" as const, method: "accompanied" };
const draft = () => newDraft(me, checklist, start, now);
const fault = (name: string) => Object.assign(new Error(name), { name });

describe("a lost connection", () => {
  for (const name of ["InvalidStateError", "UnknownError", "AbortError"]) {
    it(`${name} once: opened again, work done`, async () => {
      const s = freshStore();
      let n = 0;
      expect(await s.run(async (db) => { if (!n++) throw fault(name); return db.name; })).toContain("test-");
    });
    it(`${name} twice: said, not swallowed`, async () => {
      await expect(freshStore().run(async () => { throw fault(name); })).rejects.toBeInstanceOf(StorageBroken);
    });
  }
  it("closed behind our back", async () => {
    const s = freshStore();
    await s.setKv("a", 1);
    await s.run(async (db) => db.close()); // as WebKit does in the background
    expect(await s.kv("a")).toBe(1);
  });
  it("a full disk has its own name", async () => {
    await expect(freshStore().run(async () => { throw fault("QuotaExceededError"); })).rejects.toBeInstanceOf(StorageFull);
  });
  it("a transaction that fails changes nothing", async () => {
    const s = freshStore();
    await expect(s.write(["kv"], async (w) => { await w.put("kv", { key: "a", value: 1 }); throw new Error("no"); })).rejects.toThrow("no");
    expect(await s.kv("a")).toBeUndefined();
  });
});

describe("photos", () => {
  it("read back as written, whatever the size", async () => {
    const s = freshStore();
    for (const size of [0, 1, 65_537, 3 << 20]) {
      const bytes = new Uint8Array(size).map((_, i) => i % 253).buffer;
      const sum = await s.keepPhoto(bytes, null, "image/jpeg", now);
      expect(sum).toBe(await sha256(bytes));
      expect(await s.photoIntact(sum)).toBe(true);
    }
  });
  for (const [name, spoil] of [["truncated", (b: ArrayBuffer) => b.slice(0, 10)], ["empty", () => new ArrayBuffer(0)]] as const)
    it(`stored ${name}: no tick, no row`, async () => {
      const s = freshStore();
      const put = s.put;
      s.put = ((store: "photos", v: { bytes: ArrayBuffer }) => put(store, { ...v, bytes: spoil(v.bytes) } as never)) as never;
      await expect(s.keepPhoto(new Uint8Array(1000).fill(7).buffer, null, "image/jpeg", now)).rejects.toMatchObject({ name: "NotKept" });
      expect(await s.all("photos")).toHaveLength(0);
    });
  it("sealing refuses a photo that cannot be read, and keeps the draft", async () => {
    const s = freshStore();
    const d = draft();
    d.answers.C01 = { code: "C01", result: "no", note: "", no_photo_reason: "", photos: ["f".repeat(64)], corrected: false, at: "" };
    d.photos["f".repeat(64)] = { sha256: "f".repeat(64), size: 1, type: "image/jpeg", source: "camera", taken_at: "", place: null };
    await s.put("drafts", d);
    await expect(seal(s, d, me, "t", now)).rejects.toBeInstanceOf(LostPhoto);
    expect(await s.all("drafts")).toHaveLength(1);
    expect(await s.all("outbox")).toHaveLength(0);
  });
});

describe("drafts", () => {
  it("sealing twice makes one record with the same bytes", async () => {
    const s = freshStore();
    const d = draft();
    await s.put("drafts", d);
    const [a] = [await seal(s, d, me, "t", now), await seal(s, d, me, "t", now)];
    expect(await s.all("outbox")).toEqual([a]);
    expect(await s.all("drafts")).toHaveLength(0);
  });
  it("a draft sealed on another page does not rise again", async () => {
    await expect(saveDraft(freshStore(), draft(), "", now)).rejects.toBeInstanceOf(DraftGone);
  });
  it("two pages write the same draft: no answer, photo or observation of either is lost", async () => {
    const s = freshStore();
    const d = draft();
    await s.put("drafts", d);
    const answer = (code: string, at: string) => ({ code, result: "yes" as const, note: "", no_photo_reason: "", photos: [], corrected: false, at });
    const a = { ...d, answers: { A01: answer("A01", "2026-05-06T02:01:00Z"), C04: { ...answer("C04", "2026-05-06T02:05:00Z"), note: "newer" } }, observations: [{ id: "1", text: "甲", photos: [], at: "" }] };
    await saveDraft(s, a, d.changed_at, now);
    const b = { ...d, answers: { C01: answer("C01", "2026-05-06T02:02:00Z"), C04: answer("C04", "2026-05-06T02:03:00Z") }, observations: [{ id: "2", text: "乙", photos: [], at: "" }] };
    const kept = await saveDraft(s, b, d.changed_at, now);
    expect(Object.keys(kept.answers).sort()).toEqual(["A01", "C01", "C04"]);
    expect(kept.answers.C04!.note).toBe("newer");
    expect(kept.observations.map((o) => o.text).sort()).toEqual(["乙", "甲"]);
  });
});

describe("tickets", () => {
  it("a sheet gets one ticket, the same again, and no other sheet gets it", async () => {
    const s = freshStore();
    for (const id of ["t1", "t2"]) await s.put("tickets", { id, account_id: me.id, url: "", short: "", qr_png: "x", got_at: id, sheet_id: "" });
    const got = await Promise.all([takeTicket(s, me.id, "a"), takeTicket(s, me.id, "b"), takeTicket(s, me.id, "a"), takeTicket(s, me.id, "c")]);
    expect(got.map((t) => t?.id ?? null)).toEqual(["t1", "t2", "t1", null]);
    expect(await takeTicket(s, "other", "d")).toBeNull();
  });
});
