import { IDBObjectStore as FDBObjectStore } from "fake-indexeddb";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { addDraft, readDraft, readDrafts, readPhoto } from "../../src/offline/keep";
import { idleMs, Locked, Lockbox, Unreadable, type Recovery } from "../../src/offline/lockbox";
import { newDraft } from "../../src/offline/draft";
import { addCancel, readItems, readReceipts } from "../../src/offline/queue";
import { openEnvelope } from "./open";
import { raw } from "./raw";
import { checklist, drafted, freshStore, me, phone, sealed, start, TestServer, type Phone } from "./rig";

const now = new Date("2026-05-06T02:00:00Z");
const draft = () => newDraft(me, checklist, start, now);
/** The page is loaded anew. */
const reload = (b: Lockbox, clock?: () => number) => new Lockbox(b.store, clock);

let box: Lockbox;
beforeEach(() => void (box = new Lockbox(freshStore())));

describe("the draft key", () => {
  it("is made once, stays, and cannot be taken out of the browser", async () => {
    expect(await box.ready()).toBe("none-set");
    const d = draft();
    await addDraft(box, d);
    expect((await readDraft(reload(box), d.id))!.business.name).toBe("示例小吃店");
    const row = (await box.row())!;
    expect([(row.device!.key as CryptoKey).extractable, row.pin]).toEqual([false, null]);
    await expect(crypto.subtle.exportKey("raw", row.device!.key as CryptoKey)).rejects.toThrow();
  });
  it("two pages that open the phone for the first time agree on one", async () => {
    const other = reload(box);
    await Promise.all([box.ready(), other.ready()]);
    const d = draft();
    await addDraft(box, d);
    expect((await readDraft(other, d.id))!.id).toBe(d.id);
  });
  it("a browser that stores no keys, or does not give them back, keeps drafts all the same", async () => {
    const real = FDBObjectStore.prototype.put;
    for (const how of ["refuses", "loses"] as const) {
      const spy = vi.spyOn(FDBObjectStore.prototype, "put").mockImplementation(function (this: IDBObjectStore, ...a: Parameters<typeof real>) {
        const row = (a[0] as { value?: { device?: { key?: unknown } } }).value;
        if (!(row?.device?.key instanceof CryptoKey)) return real.apply(this as never, a);
        if (how === "refuses") throw Object.assign(new Error("no"), { name: "DataCloneError" });
        return real.call(this as never, { ...(a[0] as object), value: { ...row, device: { ...row.device, key: null } } });
      });
      const b = new Lockbox(freshStore());
      const d = draft();
      await addDraft(b, d);
      expect((await readDraft(reload(b), d.id))!.id).toBe(d.id);
      await b.setPin("2580");
      await b.removePin("2580");
      expect((await readDraft(reload(b), d.id))!.id).toBe(d.id);
      spy.mockRestore();
    }
  }, 30_000);
  it("a browser that has lost its key begins anew, and says which drafts cannot be read", async () => {
    const d = draft();
    await addDraft(box, d);
    const row = (await box.row())!;
    await box.save({ ...row, device: { ...row.device!, key: null as never } });
    const next = reload(box);
    const e = draft();
    await addDraft(next, e);
    const all = await readDrafts(reload(box));
    expect([all.broken, all.drafts.map((x) => x.id)]).toEqual([[d.id], [e.id]]);
  });
  it("one flipped bit is not read as something else", async () => {
    const b = await box.wrapJson({ a: 1 });
    new Uint8Array(b!.bytes)[3]! ^= 1;
    await expect(box.unwrapJson(b!)).rejects.toBeInstanceOf(Unreadable);
  });
});

describe("a PIN", () => {
  it("locks what was written before and after it; the right one opens it", async () => {
    const before = draft();
    await addDraft(box, before);
    await box.setPin("2580");
    expect(box.state).toBe("open");
    const after = draft();
    await addDraft(box, after);
    const next = reload(box);
    expect(await next.ready()).toBe("locked");
    await expect(readDraft(next, before.id)).rejects.toBeInstanceOf(Locked);
    await expect(addDraft(next, draft())).rejects.toBeInstanceOf(Locked);
    expect(await readDrafts(next)).toMatchObject({ drafts: [], locked: true });
    expect((await readDrafts(next)).rows).toHaveLength(2);
    expect(await next.unlock("0000")).toEqual({ ok: false, why: "wrong", wait_ms: 0 });
    expect(await next.unlock("2580")).toEqual({ ok: true });
    for (const d of [before, after]) expect((await readDraft(next, d.id))!.id).toBe(d.id);
    const row = (await next.row())!;
    expect([row.device, row.pin!.rounds]).toEqual([null, 600_000]);
  }, 30_000);
  it("can be changed and taken away, with the old one only", async () => {
    const d = draft();
    await addDraft(box, d);
    await box.setPin("2580");
    expect((await box.changePin("1111", "147258")).ok).toBe(false);
    expect((await box.changePin("2580", "147258")).ok).toBe(true);
    const next = reload(box);
    await next.ready();
    expect((await next.unlock("2580")).ok).toBe(false);
    expect((await next.removePin("147258")).ok).toBe(true);
    expect([await reload(box).ready(), (await readDraft(reload(box), d.id))!.id]).toEqual(["none-set", d.id]);
    await expect(box.setPin("2581").then(() => box.setPin("2582"))).rejects.toBeInstanceOf(Locked);
  }, 30_000);
  it("that is no lock is refused", async () => {
    for (const weak of ["", "123", "0000", "aaaaaa", "1234567890123", "12 34"]) await expect(box.setPin(weak)).rejects.toMatchObject({ name: "WeakPin" });
    expect(await reload(box).ready()).toBe("none-set");
  });
  it("guessed wrong five times costs a wait that a turned clock does not shorten", async () => {
    await box.setPin("2580");
    let t = 1e12;
    const next = reload(box, () => t);
    for (let i = 0; i < 5; i++) await next.unlock("9999" + i);
    expect(await next.unlock("2580")).toMatchObject({ ok: false, why: "wait" });
    t -= 1e10; // the clock is turned back
    expect(await next.unlock("2580")).toMatchObject({ ok: false, why: "wait", wait_ms: 30_000 });
    t += 31_000; // it stays there: the wait is half a minute, not until the day comes round again
    expect(await next.unlock("2580")).toEqual({ ok: true });
    expect((await next.row())!.fails).toBe(0);
  }, 30_000);
  it("locks by itself after five idle minutes, and saves first what was only on the page", async () => {
    let t = 1e12;
    const b = reload(box, () => t);
    await b.setPin("2580");
    const saved: string[] = [];
    b.beforeLock(async () => void (saved.push(b.state), await addDraft(b, draft())));
    b.touch();
    t += idleMs - 1;
    b.touch();
    expect(b.state).toBe("open");
    t += idleMs + 1;
    b.touch();
    await new Promise((r) => setTimeout(r, 50));
    expect([saved, b.state, (await b.store.keys("drafts")).length]).toEqual([["open"], "locked", 1]);
  }, 30_000);
  it("locks the other page too", async () => {
    const other = reload(box);
    await box.setPin("2580");
    await other.unlock("2580");
    await box.lock();
    await new Promise((r) => setTimeout(r, 100));
    expect([box.state, other.state]).toEqual(["locked", "locked"]);
  }, 30_000);
});

describe("with a server", () => {
  let server: TestServer;
  let p: Phone;
  beforeEach(async () => {
    server = new TestServer();
    p = await phone(await server.start(), server);
    return () => server.stop();
  });

  it("a forgotten PIN: the server opens the box for its account, and everything is there again", async () => {
    const d = await drafted(p, 1);
    const recovery: Recovery = { key: server.sealKey, account_id: me.id, device_id: "dev-1" };
    await p.box.setPin("2580", recovery);
    const next = reload(p.box);
    expect(await next.ready()).toBe("locked");
    const asked = (await next.recoveryBox())!;
    const said = JSON.parse((await openEnvelope(server.sealPem, "suixing/sealed/1/unlock:dev-1", Buffer.from(asked.box, "base64"))).toString()) as Record<string, string>;
    expect([said.account_id, said.device_id, asked.account_id]).toEqual([me.id, "dev-1", me.id]);
    expect(await next.recover("bm90IGtleXM=")).toBe(false);
    expect(await next.recover(said.keys!)).toBe(true);
    expect([next.state, (await readDraft(next, d.id))!.id]).toEqual(["none-set", d.id]);
    expect(await next.recover(said.keys!)).toBe(false); // not over keys that are in force
  }, 30_000);
  it("a PIN set without a network gets its way back at the next unlock", async () => {
    await p.box.setPin("2580");
    expect(await p.box.recoveryBox()).toBeNull();
    await p.box.unlock("2580", { key: server.sealKey, account_id: me.id, device_id: "dev-1" });
    expect((await reload(p.box).recoveryBox())!.device_id).toBe("dev-1");
  }, 30_000);

  it("a stolen, locked phone can send what was sealed, and nobody can read it there", async () => {
    const canary = "金丝雀";
    const item = await sealed(p, 2, { business: { name: `${canary}小吃店`, uscc: "", address: canary, kind: "household" }, opinion: canary });
    await addCancel(p.box, "c-1", { id: "v-1", title: `${canary}取消`, day: "2026-05-07" }, me, `${canary}的理由`, now);
    await drafted(p, 1, { opinion: canary });
    await p.enrol();
    await p.box.setPin("2580");
    expect(await raw(p.store)).not.toContain(canary);
    const thief = reload(p.box);
    server.session = false;
    await p.make(thief).pass("");
    expect(server.sheets.has(item.id)).toBe(true);
    expect((await p.item(item.id)).state).toBe("sent");
    expect((await p.item("c-1")).why).toBe("locked"); // its reason is under the key
    expect((await readItems(thief)).map((i) => i.title)).toEqual(["", ""]);
    expect((await readReceipts(thief))[0]!.title).toBe("");
    expect(await raw(p.store)).not.toContain(canary);
    await thief.unlock("2580");
    expect((await readItems(thief)).map((i) => i.title).sort()).toEqual([`${canary}取消`, `${canary}小吃店`].sort());
    await p.make(thief).wake("unlock", me.id);
    await p.make(thief).pass("");
    expect((await p.item("c-1")).state).toBe("sent");
  }, 30_000);
  it("readable photos and thumbs of a sealed record are gone", async () => {
    const item = await sealed(p, 2);
    for (const x of item.photos) expect(await readPhoto(p.box, x.sha256, "thumb")).toBeNull();
    expect(await p.store.keys("photos")).toEqual([]);
  });
});
