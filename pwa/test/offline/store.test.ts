// The store below everything: lost, silent and full databases, bytes that do not read back, two pages at one draft.
import { IDBDatabase as FDBDatabase, IDBObjectStore as FDBObjectStore } from "fake-indexeddb";
import { afterEach, describe, expect, it, vi } from "vitest";
import { NewerVersion, NotKept, StorageBroken, StorageFull, Store } from "../../src/offline/db";
import { newDraft } from "../../src/offline/draft";
import { sha256 } from "../../src/offline/ids";
import { addDraft, DraftGone, dropDraft, keepPhoto, photoIntact, readDraft, readDrafts, readPhoto, saveApart, saveDraft } from "../../src/offline/keep";
import { Lockbox } from "../../src/offline/lockbox";
import { choose } from "../../src/offline/merge";
import { LostPhoto, seal } from "../../src/offline/seal";
import { takeTicket } from "../../src/offline/tickets";
import type { Answer, Draft } from "../../src/offline/types";
import { checklist, freshBox, freshStore, me, start } from "./rig";
import { raw } from "./raw";

const now = new Date("2026-05-06T02:00:00Z");
const draft = (): Draft => newDraft(me, checklist, start, now);
const fault = (name: string) => Object.assign(new Error(name), { name });
const jpeg = (size: number) => new Uint8Array(size).map((_, i) => i % 253).buffer;
afterEach(() => void vi.restoreAllMocks());

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
  it("a request that is never answered: the second try does the work, once", async () => {
    const s = freshStore(40);
    await s.setKv("n", 0);
    let tries = 0;
    await s.run((db) => (tries++ ? db.put("kv", { key: "n", value: 1 }) : new Promise(() => undefined)));
    expect([tries, await s.kv("n")]).toEqual([2, 1]);
  });
  it("never answered twice: said", async () => {
    await expect(freshStore(20).run(() => new Promise(() => undefined))).rejects.toBeInstanceOf(StorageBroken);
  });
  it("an opening that is never answered", async () => {
    const s = freshStore(40);
    vi.spyOn(indexedDB, "open").mockImplementationOnce(() => new (IDBOpenDBRequest as unknown as new () => IDBOpenDBRequest)());
    await s.setKv("a", 2);
    expect(await s.kv("a")).toBe(2);
  });
  it("another tab with a newer version: this one gives way, and loses nothing", async () => {
    const s = freshStore();
    await s.setKv("a", 1);
    const name = await s.run(async (db) => db.name);
    await new Promise<void>((ok, no) => {
      const r = indexedDB.open(name, 99);
      r.onsuccess = () => (r.result.close(), ok());
      r.onerror = () => no(new Error("blocked"));
    });
    await expect(s.kv("a")).rejects.toBeInstanceOf(NewerVersion); // and the page says: load me anew
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

describe("a fault at every single call of IndexedDB", () => {
  /** From an empty phone to a sealed record: what a morning does. */
  async function morning(s: Store): Promise<unknown> {
    const box = new Lockbox(s);
    const d = { ...draft(), id: "draft-1", visit_id: "visit-1" };
    await addDraft(box, d);
    const sum = await keepPhoto(box, jpeg(300), null, "image/jpeg", now);
    d.photos[sum] = { sha256: sum, size: 300, type: "image/jpeg", source: "camera", taken_at: now.toISOString(), place: null };
    d.answers.C01 = { code: "C01", result: "no", note: "n", no_photo_reason: "x", photos: [sum], corrected: false, at: "" };
    const kept = await saveDraft(box, d, d, now);
    expect((await readPhoto(box, sum, "full"))!.bytes.byteLength).toBe(300);
    await seal(box, (await readDraft(box, kept.id))!, me, "t", now, null);
    const [item] = await s.all("outbox");
    return { items: (await s.all("outbox")).length, drafts: (await s.keys("drafts")).length, sealed: (await s.keys("sealed")).sort(), digest: item!.digest };
  }
  const targets = [[FDBDatabase.prototype, ["transaction"]], [FDBObjectStore.prototype, ["get", "getAll", "getAllKeys", "put", "delete"]]] as const;
  /** Breaks the k-th call; -1: none, only counts. */
  function breakAt(k: number, name: string): () => number {
    let n = 0;
    for (const [proto, methods] of targets)
      for (const m of methods) {
        const calls = proto as unknown as Record<string, (...a: unknown[]) => unknown>;
        const real = calls[m]!;
        vi.spyOn(calls, m).mockImplementation(function (this: unknown, ...a: unknown[]) {
          if (a[1] !== "versionchange" && n++ === k) throw fault(name);
          return real.apply(this, a);
        });
      }
    return () => n;
  }
  for (const name of ["InvalidStateError", "UnknownError"])
    it(`${name}: the outcome is the same wherever it strikes`, async () => {
      const counted = breakAt(-1, name);
      const want = await morning(freshStore());
      const calls = counted();
      expect(calls).toBeGreaterThan(30);
      for (let k = 0; k < calls; k++) {
        vi.restoreAllMocks();
        breakAt(k, name);
        expect(await morning(freshStore()), `call ${k}`).toEqual(want);
      }
    }, 60_000);
});

describe("photos", () => {
  it("read back as written, whatever the size; a thumb beside them", async () => {
    const box = freshBox();
    for (const size of [0, 1, 65_535, 65_536, 65_537, 3 << 20, 20 << 20]) {
      const bytes = jpeg(size);
      const sum = await keepPhoto(box, bytes, jpeg(10), "image/jpeg", now);
      expect(sum).toBe(await sha256(bytes));
      const back = (await readPhoto(box, sum, "full"))!;
      expect([back.bytes.byteLength, await sha256(back.bytes), back.type]).toEqual([size, sum, "image/jpeg"]);
      expect((await readPhoto(box, sum, "thumb"))!.bytes.byteLength).toBe(10);
      const again = new Lockbox(box.store); // the page is loaded anew
      expect(await photoIntact(again, sum)).toBe(true);
    }
  }, 60_000);
  it("lie there encrypted", async () => {
    const box = freshBox();
    const bytes = new TextEncoder().encode("金丝雀 canary".repeat(100));
    await keepPhoto(box, bytes.slice().buffer, bytes.slice().buffer, "image/jpeg", now);
    await addDraft(box, { ...draft(), opinion: "金丝雀 canary" });
    expect(await raw(box.store)).not.toMatch(/金丝雀|canary|示例小吃店/);
  });
  for (const [name, spoil] of [["truncated", (b: ArrayBuffer) => b.slice(0, 10)], ["empty", () => new ArrayBuffer(0)]] as const)
    it(`stored ${name}: no tick, no row`, async () => {
      const box = freshBox();
      await box.ready();
      const put = box.store.put;
      box.store.put = ((store: "photos", v: { bytes: { bytes: ArrayBuffer } }) => put(store, { ...v, bytes: { ...v.bytes, bytes: spoil(v.bytes.bytes) } } as never)) as never;
      await expect(keepPhoto(box, jpeg(1000), null, "image/jpeg", now)).rejects.toBeInstanceOf(NotKept);
      expect(await box.store.all("photos")).toHaveLength(0);
    });
  it("the disk is full at the third: the first two and the draft are whole", async () => {
    const box = freshBox();
    const d = draft();
    await addDraft(box, d);
    const sums = [await keepPhoto(box, jpeg(100), null, "image/jpeg", now), await keepPhoto(box, jpeg(101), null, "image/jpeg", now)];
    const real = FDBObjectStore.prototype.put;
    vi.spyOn(FDBObjectStore.prototype, "put").mockImplementation(function (this: IDBObjectStore, ...a: Parameters<typeof real>) {
      if (this.name === "photos") throw fault("QuotaExceededError");
      return real.apply(this as never, a);
    });
    await expect(keepPhoto(box, jpeg(102), null, "image/jpeg", now)).rejects.toBeInstanceOf(StorageFull);
    vi.restoreAllMocks();
    for (const s of sums) expect(await photoIntact(box, s)).toBe(true);
    expect((await readDraft(box, d.id))!.business.name).toBe("示例小吃店");
    expect(await box.store.keys("photos")).toHaveLength(2);
  });
});

describe("sealing", () => {
  it("refuses a photo that cannot be read, and keeps the draft", async () => {
    const box = freshBox();
    const d = draft();
    d.answers.C01 = { code: "C01", result: "no", note: "", no_photo_reason: "", photos: ["f".repeat(64)], corrected: false, at: "" };
    d.photos["f".repeat(64)] = { sha256: "f".repeat(64), size: 1, type: "image/jpeg", source: "camera", taken_at: "", place: null };
    await addDraft(box, d);
    await expect(seal(box, d, me, "t", now, null)).rejects.toBeInstanceOf(LostPhoto);
    expect([(await box.store.keys("drafts")).length, (await box.store.keys("outbox")).length]).toEqual([1, 0]);
  });
  it("twice, at different moments, from two pages: one record with one set of bytes", async () => {
    const box = freshBox();
    const d = draft();
    await addDraft(box, d);
    const other = new Lockbox(new Store(await box.store.run(async (db) => db.name)));
    const all = await Promise.all([seal(box, d, me, "t", now, null), seal(other, d, me, "t", new Date(now.getTime() + 5000), null), seal(box, d, me, "t", new Date(now.getTime() + 9000), null)]);
    const [item] = await box.store.all("outbox");
    expect(new Set(all.map((i) => i.digest))).toEqual(new Set([item!.digest]));
    expect((await box.store.get("sealed", d.id))!.digest).toBe(item!.digest);
    expect(await box.store.keys("drafts")).toHaveLength(0);
  });
  it("a photo that another draft shows stays readable there", async () => {
    const box = freshBox();
    const [a, b] = [draft(), draft()];
    const sum = await keepPhoto(box, jpeg(50), null, "image/jpeg", now);
    for (const d of [a, b]) {
      d.photos[sum] = { sha256: sum, size: 50, type: "image/jpeg", source: "album", taken_at: now.toISOString(), place: null };
      d.answers.C01 = { code: "C01", result: "no", note: "", no_photo_reason: "", photos: [sum], corrected: false, at: "" };
      await addDraft(box, d);
    }
    await seal(box, a, me, "t", now, null);
    expect(await photoIntact(box, sum)).toBe(true);
    await seal(box, b, me, "t", now, null);
    expect(await photoIntact(box, sum)).toBe(false);
    expect(await box.store.keys("sealed")).toHaveLength(3);
  });
});

describe("two pages at one draft", () => {
  const answer = (code: string, note: string, at: string): Answer => ({ code, result: "yes", note, no_photo_reason: "", photos: [], corrected: false, at });
  const begin = async () => {
    const box = freshBox();
    const base = draft();
    await addDraft(box, base);
    return { box, base };
  };
  it("a draft sealed on another page does not rise again", async () => {
    const { box, base } = await begin();
    await dropDraft(box.store, base.id);
    await expect(saveDraft(box, base, base, now)).rejects.toBeInstanceOf(DraftGone);
  });
  it("what a page still had when its draft was sealed on another one is kept beside it, as a correction", async () => {
    const { box, base } = await begin();
    await seal(box, base, me, "t", now, null);
    const mine = { ...base, opinion: "这一页还写了这些", supervisor_signs: [{ account_id: me.id, name: me.name, signature: "s" }] };
    await expect(saveDraft(box, mine, base, now)).rejects.toBeInstanceOf(DraftGone);
    const apart = await saveApart(box, mine, now);
    expect([apart.version, apart.supersedes, apart.opinion, apart.supervisor_signs, apart.visit_id]).toEqual([2, base.id, "这一页还写了这些", [], base.visit_id]);
    expect((await readDraft(box, apart.id))!.opinion).toBe("这一页还写了这些");
    const gone = await begin();
    await dropDraft(gone.box.store, gone.base.id);
    expect([(await saveApart(gone.box, gone.base, now)).version, (await gone.box.store.keys("drafts")).length]).toEqual([1, 1]);
  });
  it("what only one of them changed is taken over from both", async () => {
    const { box, base } = await begin();
    await saveDraft(box, { ...base, opinion: "甲页写的", answers: { A01: answer("A01", "", "1") }, observations: [{ id: "1", text: "甲", photos: [], at: "" }] }, base, now);
    const kept = await saveDraft(box, { ...base, helpers: 2, answers: { C01: answer("C01", "", "2") }, observations: [{ id: "2", text: "乙", photos: [], at: "" }] }, base, now);
    expect([Object.keys(kept.answers).sort(), kept.opinion, kept.helpers, kept.observations.map((o) => o.text).sort(), kept.clashes ?? []]).toEqual([["A01", "C01"], "甲页写的", 2, ["乙", "甲"].sort(), []]);
  });
  it("what both changed stands twice, and a person chooses", async () => {
    const { box, base } = await begin();
    await saveDraft(box, { ...base, overall: "poor", answers: { C01: answer("C01", "甲页", "1") } }, base, now);
    const kept = await saveDraft(box, { ...base, overall: "standard", answers: { C01: answer("C01", "乙页", "2") } }, base, now);
    expect(kept.clashes!.map((c) => [c.field, (c.ours as Answer).note ?? c.ours, (c.theirs as Answer).note ?? c.theirs])).toEqual([["overall", "standard", "poor"], ["answers.C01", "乙页", "甲页"]]);
    const chosen = choose(choose(kept, "answers.C01", "theirs"), "overall", "ours");
    expect([chosen.answers.C01!.note, chosen.overall, chosen.clashes]).toEqual(["甲页", "standard", []]);
    const done = await saveDraft(box, chosen, kept, now);
    expect(done.clashes).toEqual([]);
    // The first page saves once more: what was settled stays settled.
    const late = await saveDraft(box, { ...kept, helpers: 3 }, kept, now);
    expect([late.clashes, late.answers.C01!.note, late.helpers]).toEqual([[], "甲页", 3]);
  });
  it("photos of both are kept; one that was taken out stays out", async () => {
    const { box, base } = await begin();
    const b = await saveDraft(box, { ...base, answers: { C01: { ...answer("C01", "n", "1"), photos: ["p", "q"] } } }, base, now);
    await saveDraft(box, { ...b, answers: { C01: { ...b.answers.C01!, photos: ["q", "r"] } } }, b, now);
    const kept = await saveDraft(box, { ...b, answers: { C01: { ...b.answers.C01!, photos: ["p", "q", "s"] } } }, b, now);
    expect([kept.answers.C01!.photos.sort(), kept.clashes ?? []]).toEqual([["q", "r", "s"], []]);
  });
  it("many saves from both at once: every one is in", async () => {
    const { box, base } = await begin();
    const codes = Array.from({ length: 12 }, (_, i) => `X${i}`);
    await Promise.all(codes.map((c) => saveDraft(box, { ...base, answers: { [c]: answer(c, c, c) } }, base, now)));
    expect(Object.keys((await readDraft(box, base.id))!.answers).sort()).toEqual(codes.sort());
  });
  it("reads every draft, and counts what it cannot open", async () => {
    const { box, base } = await begin();
    const row = (await box.store.get("drafts", base.id))!;
    await box.store.put("drafts", { ...row, id: "alien", body: { k: "gone", iv: new ArrayBuffer(12), bytes: new ArrayBuffer(40) } });
    const all = await readDrafts(box);
    expect([all.drafts.length, all.rows.length, all.broken, all.locked]).toEqual([1, 2, ["alien"], false]);
  });
});

describe("tickets", () => {
  it("a sheet gets one ticket, the same again, and no other sheet gets it", async () => {
    const box = freshBox();
    const plain = { url: "", short: "", qr_png: "x" };
    for (const id of ["t1", "t2"]) await box.store.put("tickets", { id, account_id: me.id, got_at: id, sheet_id: "", body: (await box.wrapJson(plain))! });
    await box.store.put("tickets", { id: "t0", account_id: me.id, got_at: "t9", sheet_id: "", body: { k: "gone", iv: new ArrayBuffer(12), bytes: new ArrayBuffer(40) } }); // its key is lost
    const got = await Promise.all([takeTicket(box, me.id, "a"), takeTicket(box, me.id, "b"), takeTicket(box, me.id, "a"), takeTicket(box, me.id, "c")]);
    expect(got.map((t) => t?.id ?? null)).toEqual(["t1", "t2", "t1", null]);
    expect(got[0]).toMatchObject(plain);
    expect(await takeTicket(box, "other", "d")).toBeNull();
    expect((await box.store.keys("tickets")).sort()).toEqual(["t1", "t2"]);
  });
});
