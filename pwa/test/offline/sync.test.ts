import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { generateKeyPairSync } from "node:crypto";
import { week } from "../../src/offline/outbox";
import { me, phone, sealed, TestServer, type Fault, type Phone } from "./rig";

let server: TestServer;
let p: Phone;
beforeEach(async () => {
  server = new TestServer();
  p = await phone(await server.start(), server.key);
});
afterEach(() => server.stop());

const heldIn = async () => ({ sealed: (await p.store.all("sealed")).length, photos: (await p.store.all("photos")).length, outbox: (await p.store.all("outbox")).length });

describe("from sealing to the receipt", () => {
  it("record first, photos after, receipt verified and kept; nothing freed for seven days", async () => {
    const i = await sealed(p, 3);
    expect(await p.store.get("drafts", i.id)).toBeUndefined();
    await p.pass();
    expect(server.writes.map((w) => w.split(" ")[0])).toEqual(["sheet", "photo", "photo", "photo"]);
    expect((await p.item(i.id)).state).toBe("sent");
    expect((await p.store.get("receipts", i.id))!.receipt.code).toBe("HZ-8F2K-41QD-7MXA");
    expect(await heldIn()).toEqual({ sealed: 1, photos: 3, outbox: 1 });
    p.time.now += week - 60 * 60_000;
    await p.pass();
    expect(await heldIn()).toEqual({ sealed: 1, photos: 3, outbox: 1 });
    p.time.now += 60 * 60_000;
    await p.pass();
    expect(await heldIn()).toEqual({ sealed: 0, photos: 0, outbox: 0 });
    expect(await p.store.all("receipts")).toHaveLength(1);
  });

  it("an answer lost at any point of the way: everything arrives once, byte for byte", async () => {
    const i = await sealed(p, 3);
    const bytes = (await p.store.get("sealed", i.id))!;
    for (let cut = 1; cut <= 6; cut++) {
      server.weather = (_m, _p, nth) => (nth % 2 === 1 ? { cut: true, after: true } : undefined); // done, but the answer is lost
      await p.pass();
    }
    server.weather = () => undefined;
    await p.pass(3);
    expect((await p.item(i.id)).state).toBe("sent");
    expect(server.sheets.size).toBe(1);
    expect(Buffer.from(bytes.bytes).equals(server.sheets.get(i.id)!)).toBe(true);
    expect(server.photos.size).toBe(3);
    expect(server.writes.filter((w) => w.startsWith("sheet"))).toHaveLength(1);
  });

  const storms: [string, Fault][] = [
    ["refused connection", { cut: true }], ["login page of the network", { status: 200, type: "text/html", body: "<html>请先登录</html>" }],
    ["200 {}", { status: 200, type: "application/json", body: "{}" }], ["204", { status: 204, body: "" }], ["302", { status: 302, headers: { Location: "/login" } }],
    ["500", { status: 500 }], ["502 page", { status: 502, type: "text/html", body: "bad gateway" }], ["429", { status: 429 }], ["401", { status: 401 }], ["403", { status: 403 }],
    ["404", { status: 404 }], ["409", { status: 409 }], ["413", { status: 413 }], ["422", { status: 422 }], ["400", { status: 400 }],
  ];
  for (const [name, fault] of storms)
    for (const where of ["sheets", "photos"] as const)
      it(`${name} at ${where}: kept through reloads, and sent when it clears`, async () => {
        const i = await sealed(p, 2);
        server.weather = (_m, path) => (path.includes(where) ? fault : undefined);
        await p.pass(4);
        expect((await p.item(i.id)).state).not.toBe("sent");
        expect(await heldIn()).toEqual({ sealed: 1, photos: 2, outbox: 1 });
        server.weather = () => undefined;
        await p.sender.wake("login", me.id);
        const now = await p.item(i.id);
        if (now.state === "attention") await p.store.put("outbox", { ...now, state: "pending", photos: now.photos.map((x) => ({ ...x, state: x.state === "refused" ? "here" : x.state })) });
        await p.pass(2);
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
      expect(await heldIn()).toEqual({ sealed: 1, photos: 2, outbox: 1 });
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
  it("another account's record is not sent under this name", async () => {
    const i = await sealed(p, 1, { account_id: "somebody-else" });
    await p.pass(2);
    expect([(await p.item(i.id)).state, server.sheets.size]).toEqual(["pending", 0]);
  });
});

describe("two senders at once", () => {
  it("Web Locks or lease: each byte is written once", async () => {
    const i = await sealed(p, 3);
    const other = await phone(p.base, server.key);
    void other;
    await Promise.all([p.sender.pass(me.id), p.pass(), p.pass()]);
    await p.pass(2);
    expect((await p.item(i.id)).state).toBe("sent");
    expect(server.writes).toHaveLength(4);
  });
});
