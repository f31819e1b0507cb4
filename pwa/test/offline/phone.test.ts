// What passes between a phone and the server beside the records: its credential, its report, what the office decides.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { applyAnswer, buildReport, report, reportDue, sumOf } from "../../src/offline/contact";
import { deviceOf, registerDevice } from "../../src/offline/device";
import { week } from "../../src/offline/outbox";
import { addCancel, discard } from "../../src/offline/queue";
import { drafted, hear, me, phone, sealed, TestServer, type Phone } from "./rig";

let server: TestServer;
let p: Phone;
beforeEach(async () => {
  server = new TestServer();
  p = await phone(await server.start(), server);
});
afterEach(() => server.stop());
const facts = { app_version: "t", persisted: true, installed: false };
const tell = (must = true) => report(p.box, me.id, server.session, facts, () => new Date(p.time.now), must, p.ask);

describe("the phone's own credential", () => {
  it("a week out: the login has run out, everything goes under the device, nothing else is asked of it", async () => {
    await p.enrol();
    const all = [await sealed(p, 2), await sealed(p, 1)];
    await addCancel(p.box, "c-1", { id: "v-1", title: "店", day: "2026-05-07" }, me, "店家停业装修", new Date(p.time.now));
    server.session = false;
    p.time.now += week;
    await p.pass();
    for (const i of [...all.map((x) => x.id), "c-1"]) expect((await p.item(i)).state).toBe("sent");
    expect(server.log.filter((l) => l.endsWith("session") && !l.includes("/api/devices"))).toHaveLength(1); // asked once whether the login still holds
  });
  it("nobody is logged in on this phone: the records of whoever used it go under their own credentials", async () => {
    await p.enrol();
    const mine = await sealed(p, 1);
    const strange = await sealed(p, 1, { account_id: "somebody-else" });
    await p.make().pass("");
    expect([(await p.item(mine.id)).state, (await p.item(strange.id)).state]).toEqual(["sent", "waiting"]);
    expect(server.log.every((l) => l.endsWith("device") || l.includes("/api/devices"))).toBe(true);
  });
  it("is asked for again under the same id when the answer was lost, and anew when it was revoked", async () => {
    server.weather = () => ({ cut: true, after: true });
    expect(await registerDevice(p.store, me.id, "手机", p.ask)).toEqual({ device: null, why: "offline" });
    const id = (await deviceOf(p.store, me.id))!.id;
    server.weather = () => undefined;
    await p.enrol();
    expect((await deviceOf(p.store, me.id))!.id).toBe(id);
    server.devices.get(id)!.secret = "rotated elsewhere";
    server.session = false;
    const i = await sealed(p, 0);
    await p.pass();
    expect([(await p.item(i.id)).why, (await deviceOf(p.store, me.id))!.state]).toEqual(["device_revoked", "dead"]);
    server.session = true;
    await p.enrol();
    expect((await deviceOf(p.store, me.id))!.id).not.toBe(id);
    await p.sender.wake("login", me.id);
    await p.pass();
    expect((await p.item(i.id)).state).toBe("sent");
  });
  it("reported lost: what it still sends is held for the office, kept on the phone, and ends as the office decides", async () => {
    for (const verdict of ["kept", "refused"] as const) {
      await p.enrol();
      const i = await sealed(p, 2);
      const device = (await deviceOf(p.store, me.id))!;
      server.devices.get(device.id)!.revoked = true;
      server.session = false;
      await p.pass(2);
      const now = await p.item(i.id);
      expect([now.state, now.why, now.photos.map((x) => x.state)]).toEqual(["held", "held_for_office", ["held", "held"]]);
      expect((await p.store.keys("receipts")).includes(i.id)).toBe(false);
      await hear(p, server.time + 100 * week);
      await p.pass();
      expect(await p.store.get("sealed", i.id)).toBeTruthy();
      server.held.set(i.id, verdict);
      await p.pass(2);
      const end = await p.item(i.id);
      expect([end.state, end.why]).toEqual(verdict === "kept" ? ["sent", ""] : ["attention", "held_refused"]);
      server.session = true;
    }
  });
});

describe("two records for one place", () => {
  it("the office chooses this one: received under another id, with a receipt that names it", async () => {
    const i = await sealed(p, 1);
    server.sheets.set(i.id, Buffer.from("other bytes"));
    await p.pass();
    expect([(await p.item(i.id)).state, (await p.item(i.id)).why]).toEqual(["held", "conflict"]);
    server.adopted.set(i.id, { id: "adopted-1", version: 2 });
    await p.pass(2);
    const now = await p.item(i.id);
    expect([now.state, now.as!.id]).toEqual(["sent", "adopted-1"]);
    const r = (await buildReport(p.box, { id: "d", account_id: me.id }, facts, new Date(p.time.now)))!;
    expect(r.receipts).toEqual([{ id: "adopted-1", version: 2, digest: i.digest }]);
    await applyAnswer(p.store, me.id, { server_time: new Date(server.time).toISOString(), wanted: ["adopted-1"], forgotten: [], held: [], refused: [], tickets_gone: [], standing: "good" });
    expect((await p.item(i.id)).state).toBe("pending");
  });
  it("another record's receipt is not taken for it", async () => {
    const i = await sealed(p, 1);
    server.adopted.set(i.id, { id: "adopted-1", version: 2 });
    server.forge = (b) => ({ ...b, sheet_id: i.id, version: 1 });
    await p.pass(2);
    expect([(await p.item(i.id)).state, (await p.item(i.id)).why]).toEqual(["attention", "receipt"]);
  });
});

describe("the report", () => {
  it("names what is still here, by ids and counts, and no words", async () => {
    await p.enrol();
    const sent = await sealed(p, 1);
    await p.pass();
    server.weather = (_m, path) => (path.includes("photos") ? { cut: true } : undefined);
    const half = await sealed(p, 2);
    await p.pass();
    server.weather = () => undefined;
    await drafted(p, 3);
    await tell();
    const r = server.reports[0]!;
    expect(r).toMatchObject({ device_id: (await deviceOf(p.store, me.id))!.id, drafts: 1, photos: 5, persisted: true, installed: false, receipts: [{ id: sent.id, version: 1, digest: sent.digest }], discarded: [] });
    expect(r.items).toEqual([expect.objectContaining({ id: half.id, kind: "sheet", visit_id: half.visit_id, day: "2026-05-06", version: 1, photos: 2, photos_here: 2, state: "waiting", why: "nobody" })]);
    expect(r.epoch).toMatch(/^[0-9a-f-]{36}$/);
    expect(JSON.stringify(r)).not.toMatch(/小吃店|测试员/);
  });
  it("is sent when something changed or an hour passed, also after the clock was turned", async () => {
    await p.enrol();
    expect(await tell(false)).not.toBeNull();
    expect(await tell(false)).toBeNull();
    await sealed(p, 0);
    expect(await tell(false)).not.toBeNull();
    p.time.now += 3600_000;
    expect(await tell(false)).not.toBeNull();
    const r = (await buildReport(p.box, { id: "d", account_id: me.id }, facts, new Date(0)))!;
    expect([reportDue({ at: 5e12, sum: sumOf(r) }, sumOf(r), 1e12), reportDue({ at: 1e12, sum: sumOf(r) }, sumOf(r), 1e12 + 1)]).toEqual([true, false]);
  });
  it("goes under the device when the login is over, and a login page of the network is no answer", async () => {
    await p.enrol();
    const i = await sealed(p, 0);
    await p.pass();
    await discard(p.box, (await sealed(p, 0)).id, "写重了", new Date(p.time.now));
    server.session = false;
    server.weather = () => ({ status: 200, type: "application/json", body: '{"wanted":["x"],"forgotten":["y"]}' });
    expect(await tell()).toBeNull();
    expect(await p.store.keys("discards")).toHaveLength(1);
    server.weather = () => undefined;
    expect(await tell()).not.toBeNull();
    expect((await p.item(i.id)).state).toBe("sent");
  });
  it("a server that was put back to an earlier day gets everything of seven days again, the same bytes, and signs anew", async () => {
    await p.enrol();
    const i = await sealed(p, 2);
    await p.pass();
    const first = server.wire.get(i.id)![0]!;
    server.sheets.clear();
    server.photos.clear();
    server.forge = (b) => ({ ...b, code: "HZ-NEW0-0000-0000" });
    server.time += 6 * 24 * 3600_000;
    expect((await tell())!.wanted).toEqual([i.id]);
    expect((await p.item(i.id)).state).toBe("pending");
    await p.pass(2);
    expect([(await p.item(i.id)).state, server.sheets.size, server.photos.size]).toEqual(["sent", 1, 2]);
    expect(server.wire.get(i.id)!.every((w) => w.equals(first))).toBe(true);
    const r = (await p.store.get("receipts", i.id))!;
    expect([r.receipt.code, r.earlier!.map((x) => x.code)]).toEqual(["HZ-NEW0-0000-0000", ["HZ-8F2K-41QD-7MXA"]]);
    expect((await tell())!.wanted).toEqual([]);
  });
  it("what a person gave up is told until the server has noted it; it was received meanwhile: it is not given up", async () => {
    await p.enrol();
    const [a, b] = [await sealed(p, 1), await sealed(p, 1)];
    expect(await discard(p.box, a.id, "写重了", new Date(p.time.now))).toBe(true);
    server.weather = () => ({ cut: true });
    await tell();
    expect(await p.store.keys("discards")).toEqual([a.id]);
    server.weather = () => undefined;
    await tell();
    expect(server.reports.at(-1)!.discarded).toEqual([{ id: a.id, at: expect.any(String), reason: "写重了" }]);
    expect(await p.store.keys("discards")).toEqual([]);
    const alien = { id: "x", account_id: "somebody-else", at: "", reason: "", label: null, kind: "sheet" as const, visit_id: "" };
    await p.store.put("discards", alien);
    await applyAnswer(p.store, me.id, { server_time: new Date(server.time).toISOString(), wanted: [], forgotten: ["x"], held: [], refused: [], tickets_gone: [], standing: "good" });
    expect(await p.store.keys("discards")).toEqual(["x"]); // another account's is for that account to tell
    await p.pass();
    expect(await discard(p.box, b.id, "x", new Date(p.time.now))).toBe(false);
    expect((await p.item(b.id)).state).toBe("sent");
  });
  it("what the office decided in quarantine shows at once", async () => {
    const ids = [];
    for (let k = 0; k < 3; k++) {
      const i = await sealed(p, 0);
      await p.store.put("outbox", { ...i, state: "held", why: "held_for_office", next_at: p.time.now + 600_000 });
      ids.push(i.id);
    }
    await applyAnswer(p.store, me.id, { server_time: new Date(server.time).toISOString(), wanted: [], forgotten: [], held: [ids[0]!], refused: [ids[1]!], tickets_gone: [], standing: "good" });
    expect(await Promise.all(ids.map(async (i) => [(await p.item(i)).state, (await p.item(i)).why]))).toEqual([["held", "held_for_office"], ["attention", "held_refused"], ["pending", ""]]);
  });
});
