// The databases of earlier versions, as the app of that version left them (test/fixtures/idb-v*.json), opened by this one:
// nothing is lost, everything that was readable goes under a key, and what was on its way arrives.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { enclose } from "../../src/offline/enclose";
import { sha256 } from "../../src/offline/ids";
import { readDrafts, readPhoto } from "../../src/offline/keep";
import { Lockbox } from "../../src/offline/lockbox";
import { checklistOf, keptPack, refreshPack } from "../../src/offline/pack";
import { addCancel, discard, readItems, readReceipts, retry, told } from "../../src/offline/queue";
import { refillTickets, takeTicket } from "../../src/offline/tickets";
import { phoneOf, readFixture, writeFixture } from "./fixtures";
import { drafted, me, phone, sealed, TestServer, type Phone } from "./rig";
import { raw } from "./raw";

const fixture = readFixture(1);
const old = () => phoneOf(fixture);

let server: TestServer;
let p: Phone;
const now = new Date("2026-05-07T02:00:00Z");
beforeEach(async () => {
  server = new TestServer();
  p = await phone(await server.start(), server, { store: await old() });
});
afterEach(() => server.stop());

describe("from version 1", () => {
  it("keeps everything: drafts, items, photos, receipts, tickets, pack, checklists of every draft", async () => {
    const { drafts } = await readDrafts(p.box);
    const was = fixture.stores.drafts!.rows[0] as { id: string; photos: Record<string, unknown>; awaited: unknown };
    expect([drafts.length, drafts[0]!.id, drafts[0]!.checklist_version, drafts[0]!.awaited]).toEqual([1, was.id, 0, was.awaited]);
    expect((await checklistOf(p.store, drafts[0]!.checklist_version))!.items[0]!.text).toBe("旧版");
    const sum = Object.keys(was.photos)[0]!;
    expect(await sha256((await readPhoto(p.box, sum, "full"))!.bytes)).toBe(sum);
    const items = await readItems(p.box);
    expect(items.map((i) => [i.id, i.title, i.state, i.why]).sort()).toEqual(fixture.stores.outbox!.rows.map((r) => [r.id, r.title, r.state, r.why]).sort());
    expect((await p.store.all("receipts")).map((r) => [r.id, r.account_id])).toEqual([[items.find((i) => i.state === "sent")!.id, me.id]]);
    for (const s of ["photos", "sealed", "tickets"] as const) expect((await p.store.keys(s)).length).toBe(fixture.stores[s]!.rows.length);
    expect((await keptPack(p.box, me.id))!.pack.checklist.version).toBe(1);
    expect(await p.store.kv<string>("epoch")).toMatch(/^[0-9a-f-]{36}$/);
  });
  it("puts under keys what was readable, in the same words afterwards; twice is once", async () => {
    await p.box.ready();
    expect(await raw(p.store)).toMatch(/草稿店/);
    expect(await enclose(p.box, server.sealKey, now)).toBe(0);
    const all = await raw(p.store);
    for (const word of ["example.test/f/", "测试员丙", "草稿店", "待发店", "半途店", "被拒店", "取消的店", "店家停业装修", "示例小吃店", "没有出示"]) expect(all).not.toContain(word);
    expect((await readItems(p.box)).map((i) => i.title).sort()).toEqual(fixture.stores.outbox!.rows.map((r) => r.title).sort());
    expect((await readReceipts(p.box))[0]!.title).toBe("示例小吃店");
    expect((await readDrafts(p.box)).drafts[0]!.business.name).toBe("草稿店");
    const before = await p.store.all("sealed");
    expect(before.every((r) => r.form === "sxs1")).toBe(true);
    await p.store.setKv("plain_left", true);
    expect(await enclose(p.box, server.sealKey, now)).toBe(0);
    expect((await p.store.all("sealed")).map((r) => r.sum)).toEqual(before.map((r) => r.sum));
  });
  for (const [name, first] of [["after it was put under keys", true], ["as it is, where no key was ever learnt", false]] as const)
    it(`sends what was on its way, ${name}`, async () => {
      if (first) await enclose(p.box, server.sealKey, now);
      const items = await p.store.all("outbox");
      await retry(p.store, items.find((i) => i.state === "attention")!.id);
      await p.pass(3);
      expect((await p.store.all("outbox")).map((i) => i.state)).toEqual(items.map(() => "sent"));
      for (const i of items.filter((x) => x.kind === "sheet" && x.state !== "sent")) {
        const got = server.sheets.get(i.id)!;
        expect(await sha256(new Uint8Array(got).buffer)).toBe(i.digest);
        for (const ph of i.photos) expect(server.photos.has(ph.sha256)).toBe(true);
      }
    });
  it("waits with the rest when no key is known, and says that something is left", async () => {
    expect(await enclose(p.box, null, now)).toBeGreaterThan(0);
    expect((await readDrafts(p.box)).drafts).toHaveLength(1);
    expect(await raw(p.store)).not.toContain("草稿店");
    expect(await enclose(p.box, server.sealKey, now)).toBe(0);
  });
  it("an upgrade that is cut off begins again from version 1", async () => {
    const s = await old();
    const name = (s as unknown as { name: string }).name;
    await new Promise<void>((ok) => {
      const r = indexedDB.open(name, 2);
      r.onupgradeneeded = () => r.transaction!.abort();
      r.onerror = () => ok();
    });
    expect((await readDrafts(new Lockbox(s))).drafts).toHaveLength(1);
  });
});

describe("from versions 2 and 3, with a PIN", () => {
  // MAKE_FIXTURES=1 writes that of this version anew; once released it is never written again, the next version gets its own.
  if (process.env.MAKE_FIXTURES)
    it("writes its fixture", async () => {
      const s = new TestServer();
      const q = await phone(await s.start(), s);
      await q.enrol();
      await sealed(q, 2);
      await q.pass(2);
      s.weather = () => ({ cut: true });
      const half = await sealed(q, 2);
      await addCancel(q.box, "c-1", { id: "v-1", title: "取消的店", day: "2026-05-07" }, me, "店家停业装修", now);
      await discard(q.box, (await sealed(q, 1)).id, "写重了", now);
      await drafted(q, 1, { opinion: "草稿里的话" });
      await q.pass();
      s.weather = () => undefined;
      s.pack = day;
      await refreshPack(q.box, me.id, () => now, q.ask);
      await refillTickets(q.box, me.id, () => now, q.ask);
      await q.box.setPin("2580");
      await writeFixture(3, q.store, `PIN 2580; ${half.id} is on its way. An IndexedDB as version 3 of the app left it.`);
      await s.stop();
    }, 30_000);

  const day = { at: "2026-05-07", checklist: { version: 1, items: [], quick: [] }, agencies: [], businesses: [{ id: "b", name: "名录里的店", uscc: "", address: "", kind: "other" }], receipt_key: null };
  it("version 2 left the day's lists, tickets and reasons readable: they go under the key with the next opening", async () => {
    const two = readFixture(2);
    two.stores.kv!.rows.push({ key: "pack:acc-1", value: { etag: "e", fetched_at: "2026-05-07T01:00:00Z", pack: day } });
    two.stores.tickets!.rows.push({ id: "t1", account_id: me.id, url: "https://sx.example/f/t1", short: "暗码四个字", qr_png: "cG5n", got_at: "1", sheet_id: "" });
    const store = await phoneOf(two);
    const box = new Lockbox(store);
    expect(await box.unlock("2580")).toEqual({ ok: true });
    expect(await raw(store)).toMatch(/名录里的店.*/s);
    expect(await enclose(box, server.sealKey, now)).toBe(0);
    expect(await raw(store)).not.toMatch(/名录里的店|暗码四个字|sx\.example|写重了/);
    expect([(await keptPack(box, me.id))!.pack.businesses[0]!.name, (await takeTicket(box, me.id, "s"))!.short, (await told(box, me.id))!.map((d) => d.reason)]).toEqual(["名录里的店", "暗码四个字", ["写重了"]]);
  }, 30_000);
  for (const version of [2, 3]) it(`everything of version ${version} is there, and opens with the PIN`, async () => {
    const store = await phoneOf(readFixture(version));
    const box = new Lockbox(store);
    expect(await box.ready()).toBe("locked");
    expect(JSON.stringify(await raw(store))).not.toMatch(/草稿里的话|取消的店|示例小吃店|名录里的店|暗码四个字/);
    expect(await box.unlock("2580")).toEqual({ ok: true });
    expect((await readDrafts(box)).drafts.map((d) => d.opinion)).toEqual(["草稿里的话"]);
    expect((await readItems(box)).map((i) => [i.title, i.state]).sort()).toEqual([["取消的店", "waiting"], ["示例小吃店", "sent"], ["示例小吃店", "waiting"]].sort());
    expect([(await readReceipts(box))[0]!.title, (await store.keys("discards")).length, (await store.keys("sealed")).length]).toEqual(["示例小吃店", 1, 6]);
  }, 30_000);
});
