import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { generateKeyPairSync } from "node:crypto";
import { week } from "../../src/offline/outbox";
import { StorageBroken, StorageFull } from "../../src/offline/db";
import { addCancel, retry, retryAll, told } from "../../src/offline/queue";
import { keepPhoto } from "../../src/offline/keep";
import { drafted, freshBox, hear, me, phone, sealed, TestServer, type Phone } from "./rig";
import type { Fault } from "./server";

let server: TestServer;
let p: Phone;
beforeEach(async () => {
  server = new TestServer();
  p = await phone(await server.start(), server);
});
afterEach(() => server.stop());

/** What is on the phone: sealed sheets and photos, readable photos, items. */
const heldIn = async () => ({ sealed: (await p.store.keys("sealed")).length, readable: (await p.store.keys("photos")).length, outbox: (await p.store.keys("outbox")).length });

describe("from sealing to the receipt", () => {
  it("record first, photos after, receipt verified and kept; nothing freed for seven days of the server's clock", async () => {
    const i = await sealed(p, 3);
    expect(await p.store.get("drafts", i.id)).toBeUndefined();
    await p.pass();
    expect(server.writes.map((w) => w.split(" ")[0])).toEqual(["sheet", "photo", "photo", "photo"]);
    expect((await p.item(i.id)).state).toBe("sent");
    expect((await p.store.get("receipts", i.id))!.receipt.code).toBe("HZ-8F2K-41QD-7MXA");
    expect(await heldIn()).toEqual({ sealed: 4, readable: 0, outbox: 1 });
    p.time.now += 10 * 365 * 24 * 3600_000; // the phone's clock is ten years on; the server has said nothing
    await p.pass();
    expect(await heldIn()).toEqual({ sealed: 4, readable: 0, outbox: 1 });
    await hear(p, server.time + week - 1000);
    await p.pass();
    expect(await heldIn()).toEqual({ sealed: 4, readable: 0, outbox: 1 });
    p.time.now -= 30 * 365 * 24 * 3600_000;
    await hear(p, server.time + week + 1000);
    await p.pass();
    expect(await heldIn()).toEqual({ sealed: 0, readable: 0, outbox: 0 });
    expect(await p.store.all("receipts")).toHaveLength(1);
  });

  it("an answer lost at any point of the way: everything arrives once, byte for byte, and every resend is the same bytes", async () => {
    const i = await sealed(p, 3);
    for (let cut = 1; cut <= 6; cut++) {
      server.weather = (_m, _p, nth) => (nth % 2 === 1 ? { cut: true, after: true } : undefined); // done, but the answer is lost
      await p.pass();
    }
    server.weather = () => undefined;
    await p.pass(3);
    expect((await p.item(i.id)).state).toBe("sent");
    expect(server.sheets.size).toBe(1);
    expect(server.photos.size).toBe(3);
    expect(server.writes.filter((w) => w.startsWith("sheet"))).toHaveLength(1);
    expect(server.wire.get(i.id)!.length).toBeGreaterThan(1);
    for (const all of server.wire.values()) for (const raw of all) expect(raw.equals(all[0]!) && raw.subarray(0, 4).toString() === "SXS1").toBe(true);
  });

  const storms: [string, Fault][] = [
    ["refused connection", { cut: true }], ["login page of the network", { status: 200, type: "text/html", body: "<html>请先登录</html>" }],
    ["200 {}", { status: 200, type: "application/json", body: "{}" }], ["200 empty", { status: 200, type: "application/json", body: "" }], ["204", { status: 204, body: "" }], ["302", { status: 302, headers: { Location: "/login" } }],
    ["500", { status: 500 }], ["502 page", { status: 502, type: "text/html", body: "bad gateway" }], ["429", { status: 429 }], ["401", { status: 401, body: '{"code":"signed_out"}' }], ["401 JSON of a gate", { status: 401, body: '{"error":"login"}' }], ["403", { status: 403 }],
    ["404", { status: 404 }], ["409", { status: 409 }], ["413", { status: 413 }], ["422", { status: 422 }], ["400", { status: 400 }],
    ["seal_key", { status: 422, body: '{"code":"seal_key"}' }], ["sealed", { status: 422, body: '{"code":"sealed"}' }], ["conflict settled", { status: 409, body: '{"code":"conflict_settled"}' }],
  ];
  for (const [name, fault] of storms)
    for (const where of ["sheets", "photos"] as const)
      it(`${name} at ${where}: kept through reloads, and sent when it clears`, async () => {
        const i = await sealed(p, 2);
        server.weather = (_m, path) => (path.includes(where) ? fault : undefined);
        await p.pass(5);
        expect((await p.item(i.id)).state).not.toBe("sent");
        expect(await heldIn()).toEqual({ sealed: 3, readable: 0, outbox: 1 });
        expect(await p.store.all("receipts")).toHaveLength(0);
        server.weather = () => undefined;
        await p.sender.wake("login", me.id);
        // What was refused one after the other asks for a hand one after the other.
        for (const _photo of i.photos) {
          if ((await p.item(i.id)).state === "attention") await retry(p.store, i.id);
          await p.pass(2);
        }
        expect((await p.item(i.id)).state).toBe("sent");
      });
});

describe("a receipt is believed only when every fact in it is ours", () => {
  const forgeries: [string, (b: Record<string, unknown>) => Record<string, unknown>][] = [
    ["another record", (b) => ({ ...b, sheet_id: "x" })], ["another visit", (b) => ({ ...b, visit_id: "x" })], ["another version", (b) => ({ ...b, version: 2 })],
    ["another digest", (b) => ({ ...b, digest: "0".repeat(64) })], ["a photo less", (b) => ({ ...b, photos: (b.photos as unknown[]).slice(1) })],
    ["another size", (b) => ({ ...b, photos: (b.photos as { size: number }[]).map((x) => ({ ...x, size: x.size + 1 })) })], ["no time", (b) => ({ ...b, received_at: undefined })],
  ];
  for (const [name, forge] of forgeries)
    it(name, async () => {
      server.forge = forge;
      const i = await sealed(p);
      await p.pass(2);
      expect([(await p.item(i.id)).state, (await p.item(i.id)).why]).toEqual(["attention", "receipt"]);
      await hear(p, server.time + 100 * week);
      await p.pass();
      expect(await heldIn()).toEqual({ sealed: 3, readable: 0, outbox: 1 });
      expect(await p.store.all("receipts")).toHaveLength(0);
    });
  it("signed with another key", async () => {
    server.signer = generateKeyPairSync("ed25519").privateKey;
    const i = await sealed(p);
    await p.pass();
    expect((await p.item(i.id)).why).toBe("receipt");
  });
  it("from a server whose key this phone has not learnt", async () => {
    await p.store.setKv("receipt_keys", []);
    const i = await sealed(p);
    await p.pass();
    expect((await p.item(i.id)).why).toBe("receipt");
  });
});

describe("one bad item holds up no other", () => {
  for (const at of [0, 1, 2])
    it(`poison at place ${at + 1} of 3`, async () => {
      const all = [await sealed(p), await sealed(p), await sealed(p)];
      server.weather = (_m, path) => (path.endsWith(all[at]!.id) ? { status: 422 } : undefined);
      await p.pass();
      const states = await Promise.all(all.map(async (i) => (await p.item(i.id)).state));
      expect(states).toEqual([0, 1, 2].map((k) => (k === at ? "attention" : "sent")));
    });
  it("one bad photo: the others arrive, the item asks for a hand", async () => {
    const i = await sealed(p, 3);
    server.weather = (_m, path) => (path.endsWith(i.photos[1]!.sha256) ? { status: 422 } : undefined);
    await p.pass();
    expect((await p.item(i.id)).photos.map((x) => x.state)).toEqual(["held", "refused", "held"]);
    expect((await p.item(i.id)).state).toBe("attention");
  });
  it("a cancellation whose key is lost asks for a hand; records, photos and the sweep go on", async () => {
    const c = await addCancel(p.box, "cancel-1", { id: "visit-9", title: "示例小吃店", day: "2026-05-06T01:30:00Z" }, me, "店里今天没有开门", new Date(p.time.now++));
    const i = await sealed(p, 2);
    await p.store.put("outbox", { ...c, label: await freshBox().wrapJson({ title: "", text: "" }) });
    await p.pass();
    expect([(await p.item("cancel-1")).state, (await p.item("cancel-1")).why]).toEqual(["attention", "lost_sheet"]);
    expect((await p.item(i.id)).state).toBe("sent");
  });
  it("a row that the browser cannot read waits, asks for a hand at last, and holds up no other", async () => {
    const [a, b, c] = [await sealed(p, 1), await sealed(p, 1), await sealed(p, 1)];
    const get = p.store.get;
    p.store.get = (async (s: never, k: string) => {
      if (k === a.id && (s as string) === "sealed") throw new StorageBroken("storage broken: UnknownError");
      return get(s, k);
    }) as typeof get;
    await expect(p.pass()).rejects.toThrow(StorageBroken); // said, after everything else had its turn
    expect([(await p.item(b.id)).state, (await p.item(c.id)).state]).toEqual(["sent", "sent"]);
    expect([(await p.item(a.id)).state, (await p.item(a.id)).why]).toEqual(["waiting", "phone"]);
    for (let k = 0; k < 4; k++) await p.pass().catch(() => undefined);
    expect((await p.item(a.id)).state).toBe("attention");
    p.store.get = get;
    await retry(p.store, a.id);
    await p.pass();
    expect((await p.item(a.id)).state).toBe("sent");
  });
  it("a phone so full that nothing can be written still sends, and notes it when there is room", async () => {
    const i = await sealed(p, 2);
    const write = p.store.write;
    p.store.write = (() => Promise.reject(new StorageFull("storage full"))) as typeof write;
    for (let k = 0; k < 3; k++) await expect(p.pass()).rejects.toThrow(StorageFull);
    expect(server.sheets.size).toBe(1);
    p.store.write = write;
    await p.pass();
    expect([(await p.item(i.id)).state, server.sheets.size, server.photos.size]).toEqual(["sent", 1, 2]);
  });
  it("another account's record is not sent under this name", async () => {
    const i = await sealed(p, 1, { account_id: "somebody-else" });
    await p.pass(2);
    expect([(await p.item(i.id)).state, (await p.item(i.id)).why, server.sheets.size]).toEqual(["waiting", "login", 0]);
  });
  it("what nobody can be sent for says that it waits for the login, also after a tap; then it goes", async () => {
    const i = await sealed(p, 1);
    await p.store.put("outbox", { ...(await p.item(i.id)), state: "sending" }); // a page died in the middle
    await p.make().pass("");
    expect([(await p.item(i.id)).state, (await p.item(i.id)).why]).toEqual(["waiting", "login"]);
    await retry(p.store, i.id);
    await p.make().pass("");
    expect([(await p.item(i.id)).state, (await p.item(i.id)).why, server.sheets.size]).toEqual(["waiting", "login", 0]);
    await p.sender.wake("login", me.id);
    await p.pass();
    expect((await p.item(i.id)).state).toBe("sent");
  });
  it("a photo that was damaged on the phone is said to be lost; the rest goes", async () => {
    const i = await sealed(p, 2);
    const row = (await p.store.get("sealed", i.photos[0]!.sha256))!;
    const torn = row.bytes.slice(0);
    new Uint8Array(torn)[500]! ^= 1;
    await p.store.put("sealed", { ...row, bytes: torn });
    await p.pass();
    const now = await p.item(i.id);
    expect([now.state, now.why, now.photos.map((x) => x.state)]).toEqual(["attention", "lost_photo", ["refused", "held"]]);
    expect(server.wire.has(i.photos[0]!.sha256)).toBe(false);
  });
});

describe("waiting", () => {
  for (const owes of ["must_change", "totp_setup"])
    it(`${owes}: the phone's own credential goes on; without one it waits for the login`, async () => {
      const i = await sealed(p, 1);
      server.owes = owes;
      await p.pass(2);
      expect([(await p.item(i.id)).state, (await p.item(i.id)).why]).toEqual(["waiting", "password"]);
      server.owes = "";
      await p.enrol();
      server.owes = owes;
      await p.sender.wake("login", me.id);
      await p.pass(2);
      expect((await p.item(i.id)).state).toBe("sent");
    });
  it("a tap cancels the back-off of one, 现在发送 that of all; neither wakes what needs a login", async () => {
    const [a, b, c] = [await sealed(p, 0), await sealed(p, 0), await sealed(p, 0)];
    server.weather = (_m, path) => (path.endsWith(c.id) ? { status: 401, body: '{"code":"signed_out"}' } : { cut: true });
    await p.pass(6);
    const waits = await p.item(a.id);
    expect([waits.state, waits.next_at > p.time.now]).toEqual(["waiting", true]);
    server.weather = () => undefined;
    await p.make().pass(me.id); // not due yet
    expect(server.sheets.size).toBe(0);
    await retry(p.store, a.id);
    await p.make().pass(me.id);
    expect([...server.sheets.keys()]).toEqual([a.id]);
    await retryAll(p.store, [me.id]);
    await p.make().pass(me.id);
    expect([...server.sheets.keys()].sort()).toEqual([a.id, b.id].sort());
    expect((await p.item(c.id)).why).toBe("login");
  });
  it("the clock was years ahead while it waited, and was set right: it goes on at once", async () => {
    const i = await sealed(p, 0);
    p.time.now += 5 * 365 * 24 * 3600_000;
    server.weather = () => ({ status: 503 });
    await p.pass(3);
    p.time.now -= 5 * 365 * 24 * 3600_000;
    server.weather = () => undefined;
    await p.make().pass(me.id);
    expect((await p.item(i.id)).state).toBe("sent");
  });
  it("a photo that no draft speaks of goes after a day, and not by a clock that jumped alone", async () => {
    const sum = await keepPhoto(p.box, new Uint8Array(40).fill(9).buffer, null, "image/jpeg", new Date(p.time.now));
    const d = await drafted(p, 1);
    p.time.now += 400 * 24 * 3600_000; // between the photo and its draft the clock was set
    const sender = p.make();
    await sender.pass(me.id);
    await sender.pass(me.id);
    expect(await p.store.keys("photos")).toContain(sum);
    await p.pass(); // another page, later
    expect(await p.store.keys("photos")).toEqual(Object.keys(d.photos));
  });
  it("a person gives a record up while it is on its way: it does not come back", async () => {
    const i = await sealed(p, 0);
    const { discard } = await import("../../src/offline/queue");
    server.weather = () => {
      void discard(p.box, i.id, "重复了", new Date(p.time.now));
      return { status: 500 };
    };
    await p.pass();
    await p.pass();
    expect(await heldIn()).toEqual({ sealed: 0, readable: 0, outbox: 0 });
    expect((await told(p.box, me.id))!.map((d) => [d.id, d.reason])).toEqual([[i.id, "重复了"]]);
  });
});
