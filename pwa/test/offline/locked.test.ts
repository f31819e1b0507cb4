/// <reference path="../../src/field/env.d.ts" />
// What somebody finds who holds the phone while it is locked: the raw database and the raw localStorage, searched for words
// that were planted everywhere a word about a case can get to.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { glanceOf, readGlance } from "../../src/field/glance";
import { buildReport, report } from "../../src/offline/contact";
import { keptPack, refreshPack } from "../../src/offline/pack";
import { addCancel, discard, readItems } from "../../src/offline/queue";
import { refillTickets, takeTicket } from "../../src/offline/tickets";
import { drafted, me, phone, sealed, TestServer, type Phone } from "./rig";
import { raw } from "./raw";

let server: TestServer;
let p: Phone;
beforeEach(async () => {
  server = new TestServer();
  p = await phone(await server.start(), server);
  await p.enrol();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
  return server.stop();
});
const now = () => new Date(p.time.now);
const facts = { app_version: "t", persisted: true, installed: false };
const visit = { id: "v-1", number: "BS1", state: "planned", agency_id: "ag", business_id: "b", business_name: "排好的店暗语一", business_uscc: "", business_address: "暗语二路", business_kind: "other", matter: "food", notice_number: "", external_code: "", planned_on: "2026-05-06", supervisors: [], method: "accompanied" };
const pack = {
  at: "2026-05-06", checklist: { version: 1, items: [], quick: [] }, agencies: [{ id: "ag", name: "暗语三大队" }], officers: [{ id: "o", agency_id: "ag", name: "暗语四", credential_number: "8866-7749", valid_to: "2030-01-01", status: "active" }],
  businesses: [{ id: "b", name: "名录里的店暗语五", uscc: "91暗语六", address: "", kind: "other" }], supervisors: [], visits: [visit], receipt_key: null,
};
const planted = /暗语|暗码|8866-7749|sx\.example|cG5n/;

async function fill(): Promise<void> {
  server.pack = pack;
  await refreshPack(p.box, me.id, now, p.ask);
  await refillTickets(p.box, me.id, now, p.ask);
  await takeTicket(p.box, me.id, "sheet-1");
  await drafted(p, 1, { opinion: "草稿暗语七", ticket_id: "t" });
  await sealed(p, 1, { opinion: "封存暗语八" });
  await addCancel(p.box, "c-1", { id: "v-9", title: "取消的店暗语九", day: "2026-05-07" }, me, "取消暗语十", now());
  await discard(p.box, (await sealed(p, 0)).id, "丢弃暗语十一", now());
}

describe("a locked phone", () => {
  it("has no word about a case in its database, whether the PIN was set before or after", async () => {
    await fill();
    expect(await raw(p.store)).not.toMatch(planted);
    await p.box.setPin("2580");
    await report(p.box, me.id, true, facts, now, true, p.ask);
    await discard(p.box, (await sealed(p, 0)).id, "又丢弃暗语十二", now());
    server.pack = { ...pack, bureau: { name: "新的暗语十三" } };
    await refreshPack(p.box, me.id, now, p.ask);
    await p.box.lock();
    expect(p.box.state).toBe("locked");
    expect(await raw(p.store)).not.toMatch(planted);
  }, 30_000);
  it("fetches nothing that it would have to leave in the clear, and takes up everything after the PIN", async () => {
    await fill();
    await p.box.setPin("2580");
    await p.box.lock();
    expect(await keptPack(p.box, me.id)).toBeUndefined();
    server.pack = { ...pack, bureau: { name: "来得不巧暗语" } };
    await refreshPack(p.box, me.id, now, p.ask);
    for (const t of await p.store.keys("tickets")) await p.store.drop("tickets", t);
    await refillTickets(p.box, me.id, now, p.ask);
    expect(await raw(p.store)).not.toMatch(planted);
    expect(await p.store.keys("tickets")).toEqual([]);
    // Why something was given up is told after the PIN, and that it is gone not before: no alarm for nothing.
    expect(await buildReport(p.box, { id: "d", account_id: me.id }, facts, now())).toBeNull();
    expect(await report(p.box, me.id, true, facts, now, true, p.ask)).toBeNull();
    await p.box.unlock("2580");
    await report(p.box, me.id, true, facts, now, true, p.ask);
    expect((server.reports[0]!.discarded as { reason: string }[]).map((d) => d.reason)).toEqual(["丢弃暗语十一"]);
    expect((await keptPack(p.box, me.id))!.pack.visits[0]!.business.name).toBe("排好的店暗语一");
    expect((await readItems(p.box)).map((i) => i.text).sort()).toEqual(["", "取消暗语十"]);
  }, 30_000);
  it("leaves no name in localStorage", async () => {
    const kept = new Map<string, string>();
    vi.stubGlobal("localStorage", { getItem: (k: string) => kept.get(k) ?? null, setItem: (k: string, v: string) => void kept.set(k, v), removeItem: (k: string) => void kept.delete(k) });
    await fill();
    const state = await import("../../src/field/state");
    state.me.value = me;
    state.pack.value = (await keptPack(p.box, me.id))!.pack;
    state.remember();
    expect(kept.get("glance")).toMatch(planted); // without a PIN the first page stands at once with its names
    expect(glanceOf(me, state.pack.value, "", "none-set").visits).toHaveLength(1);
    state.lock.value = "open";
    state.remember();
    expect([...kept.values()].join()).not.toMatch(planted);
    expect(readGlance()).toMatchObject({ pin: true, visits: [], agencies: {} });
    state.lock.value = "locked";
    state.remember();
    expect([...kept.values()].join()).not.toMatch(planted);
  });
});
