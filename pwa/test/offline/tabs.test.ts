// One sender across tabs: Web Locks where there are any, else a lease; and a tab that dies while it sends.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { alone, leaseFor } from "../../src/offline/lock";
import { Sender } from "../../src/offline/sync";
import { freshStore, me, phone, sealed, TestServer, type Phone } from "./rig";

/** Web Locks as the browser has them, as far as the sender asks: one holder a name, released when it settles or dies. */
class Locks {
  readonly held = new Map<string, symbol>();
  request = async (name: string, _o: { ifAvailable: true }, f: (lock: object | null) => Promise<unknown>): Promise<unknown> => {
    if (this.held.has(name)) return f(null);
    const mine = Symbol(name);
    this.held.set(name, mine);
    try {
      return await f({ name });
    } finally {
      if (this.held.get(name) === mine) this.held.delete(name);
    }
  };
}

let server: TestServer;
let p: Phone;
let locks: Locks;
beforeEach(async () => {
  server = new TestServer();
  p = await phone(await server.start(), server);
  locks = new Locks();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  return server.stop();
});

for (const way of ["Web Locks", "lease"] as const)
  describe(way, () => {
    beforeEach(() => void vi.stubGlobal("navigator", way === "lease" ? {} : { locks }));

    it("several tabs send at once: each byte is written once", async () => {
      const i = await sealed(p, 3);
      const went = await Promise.all([p.make().pass(me.id), p.make().pass(me.id), p.make().pass(me.id)]);
      expect(went.filter(Boolean)).toHaveLength(1);
      expect((await p.item(i.id)).state).toBe("sent");
      expect([server.writes.length, [...server.wire.values()].map((w) => w.length)]).toEqual([4, [2, 1, 1, 1]]);
    });

    it("a tab dies in the middle of an upload: the next one goes on, and nothing is doubled", async () => {
      const i = await sealed(p, 3);
      // From its second request on nothing comes back to it, and it does nothing more: as a page that was closed.
      let asked = 0;
      const dies = new Sender(p.box, { changed: () => undefined, contact: () => undefined }, () => p.time.now, () => 0.5, (a) => (asked++ ? new Promise(() => undefined) : p.ask(a)));
      void dies.pass(me.id);
      await vi.waitFor(() => expect(asked).toBe(2));
      await new Promise((r) => setTimeout(r, 30));
      expect((await p.item(i.id)).state).toBe("sending");
      expect(await p.make().pass(me.id)).toBe(false); // as far as anybody knows, it lives
      // It is dead: the browser lets its lock go; where there is none, the lease runs out.
      locks.held.clear();
      p.time.now += leaseFor + 1;
      expect(await p.make().pass(me.id)).toBe(true);
      expect((await p.item(i.id)).state).toBe("sent");
      expect(server.writes.filter((w) => w.startsWith("sheet"))).toHaveLength(1);
      expect(new Set(server.writes).size).toBe(server.writes.length);
    });
  });

describe("the lease", () => {
  beforeEach(() => void vi.stubGlobal("navigator", {}));
  it("is renewed through an upload that takes longer than it", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const s = freshStore();
    let now = 0;
    let done!: () => void;
    const long = alone(s, "x", "a", () => now, () => new Promise<void>((ok) => void (done = ok)));
    await vi.waitFor(() => expect(done).toBeTruthy());
    for (let i = 0; i < 10; i++) {
      now += leaseFor / 2;
      vi.advanceTimersByTime(15_000);
      await new Promise((r) => setTimeout(r, 15));
      expect(await alone(s, "x", "b", () => now, async () => undefined)).toBe(false);
    }
    done();
    expect(await long).toBe(true);
    expect(await alone(s, "x", "b", () => now, async () => undefined)).toBe(true);
  });
  it("taken while the clock was years ahead holds nobody up when it is set right", async () => {
    const s = freshStore();
    await s.setKv("lease:x", { owner: "dead", until: 4e12 });
    expect(await alone(s, "x", "b", () => 1.7e12, async () => undefined)).toBe(true);
  });
});
