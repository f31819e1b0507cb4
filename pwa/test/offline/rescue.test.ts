import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ForeignFile, NotSealed, exportRescue, importRescue, type RescueFile } from "../../src/offline/rescue";
import { discard } from "../../src/offline/queue";
import { me, phone, sealed, TestServer, type Phone } from "./rig";

let server: TestServer;
let a: Phone;
let b: Phone;
beforeEach(async () => {
  server = new TestServer();
  const base = await server.start();
  a = await phone(base, server);
  b = await phone(base, server);
});
afterEach(() => server.stop());
const now = new Date("2026-05-06T05:00:00Z");
const about = { device_id: "d", app_version: "t", now };
const bytesOf = async (f: RescueFile) => new Blob(f.parts).arrayBuffer();
const flip = (file: ArrayBuffer, at: number) => {
  const c = file.slice(0);
  new Uint8Array(c)[at < 0 ? c.byteLength + at : at]! ^= 1;
  return c;
};

describe("the rescue file", () => {
  it("carries records to another phone, which sends the same bytes; nothing in it can be read", async () => {
    const items = [await sealed(a, 2, { opinion: "金丝雀" }), await sealed(a, 1)];
    const f = await exportRescue(a.store, null, about);
    expect([f.name, f.items, f.lost]).toEqual(["suixing-2026-05-06-2.sxr", 2, []]);
    const file = await bytesOf(f);
    expect(new TextDecoder().decode(file)).not.toMatch(/金丝雀|小吃店|测试员/);
    expect(await importRescue(b.store, file, now)).toEqual({ added: items.map((i) => i.id), already: [], broken: [] });
    await b.pass(2);
    for (const i of items) {
      expect((await b.item(i.id)).state).toBe("sent");
      expect(server.wire.get(i.id)![0]!.equals(Buffer.from((await a.store.get("sealed", i.id))!.bytes))).toBe(true);
    }
    await a.pass(2); // the first phone found its network after all: nothing is doubled
    expect([server.sheets.size, server.photos.size, (await a.item(items[0]!.id)).state]).toEqual([2, 3, "sent"]);
  });
  it("imported twice is imported once; on the phone it came from it changes nothing", async () => {
    const i = await sealed(a, 2);
    const file = await bytesOf(await exportRescue(a.store, [i.id], about));
    expect((await importRescue(a.store, file, now)).already).toEqual([i.id]);
    expect((await importRescue(b.store, file, now)).added).toEqual([i.id]);
    const once = await b.item(i.id);
    expect(await importRescue(b.store, file, now)).toEqual({ added: [], already: [i.id], broken: [] });
    expect(await b.item(i.id)).toEqual(once);
    expect([(await b.store.keys("outbox")).length, (await b.store.keys("sealed")).length]).toEqual([1, 3]);
  });
  it("what was received, and freed since, does not come back", async () => {
    const i = await sealed(a, 1);
    const file = await bytesOf(await exportRescue(a.store, null, about));
    await a.pass();
    await a.store.drop("outbox", i.id);
    expect((await importRescue(a.store, file, now)).already).toEqual([i.id]);
    expect(await a.store.keys("outbox")).toEqual([]);
  });
  it("what was given up comes back when a person imports it", async () => {
    const i = await sealed(a, 1);
    const file = await bytesOf(await exportRescue(a.store, null, about));
    await discard(a.box, i.id, "x", now);
    expect((await importRescue(a.store, file, now)).added).toEqual([i.id]);
    expect(await a.store.keys("discards")).toEqual([]);
  });
  it("a file is read part by part: it is never in memory as a whole", async () => {
    const i = await sealed(a, 3);
    const f = await exportRescue(a.store, null, about);
    const file = new File(f.parts, f.name);
    const whole = file.size;
    let most = 0;
    const slice = file.slice.bind(file);
    file.slice = (...of) => {
      const part = slice(...of);
      most = Math.max(most, part.size);
      return part;
    };
    file.arrayBuffer = () => Promise.reject(new Error("read as a whole"));
    expect((await importRescue(b.store, file, now)).added).toEqual([i.id]);
    expect(most).toBeLessThan(whole / 2);
  });
  it("a broken photo is named; the record and the others come in, and ask for a hand", async () => {
    const i = await sealed(a, 2);
    const file = await bytesOf(await exportRescue(a.store, null, about));
    const r = await importRescue(b.store, flip(file, -100), now);
    expect(r).toEqual({ added: [i.id], already: [], broken: [{ id: i.photos[1]!.sha256, record: i.id, kind: "photo", why: "changed" }] });
    await b.pass(2);
    expect([(await b.item(i.id)).state, (await b.item(i.id)).why]).toEqual(["attention", "lost_photo"]);
    // The whole file mends it.
    expect((await importRescue(b.store, file, now)).broken).toEqual([]);
    await b.pass(2);
    expect((await b.item(i.id)).state).toBe("sent");
  });
  it("a file that ends too early names what is not in it", async () => {
    const [x, y] = [await sealed(a, 1), await sealed(a, 1)];
    const file = await bytesOf(await exportRescue(a.store, [x.id, y.id], about));
    const r = await importRescue(b.store, file.slice(0, file.byteLength - 3000), now);
    expect([r.added, r.broken.map((p) => [p.record, p.kind, p.why])]).toEqual([[x.id], [[y.id, "sheet", "torn"], [y.id, "photo", "torn"]]]);
    expect(await b.store.keys("outbox")).toEqual([x.id]);
  });
  it("what this phone has lost itself is said", async () => {
    const i = await sealed(a, 2);
    await a.store.drop("sealed", i.photos[0]!.sha256);
    const f = await exportRescue(a.store, null, about);
    expect(f.lost).toEqual([{ id: i.photos[0]!.sha256, record: i.id, kind: "photo", why: "incomplete" }]);
    const r = await importRescue(b.store, await bytesOf(f), now);
    expect([r.added, r.broken]).toEqual([[i.id], f.lost]);
  });
  it("a foreign file, a torn list and a version from the future are refused", async () => {
    await sealed(a, 1);
    const file = await bytesOf(await exportRescue(a.store, null, about));
    for (const bad of [new ArrayBuffer(0), new TextEncoder().encode('{"v":1,"items":[]}').buffer as ArrayBuffer, file.slice(0, 60), flip(file, 60), flip(file, 5)])
      await expect(importRescue(b.store, bad, now)).rejects.toBeInstanceOf(ForeignFile);
    expect(await b.store.keys("outbox")).toEqual([]);
  });
  it("nothing leaves the phone in the clear", async () => {
    const p = await phone(a.base, server, { plain: true });
    await sealed(p, 1);
    await expect(exportRescue(p.store, null, about)).rejects.toBeInstanceOf(NotSealed);
    expect(me.id).toBe("acc-1");
  });
});
