// The book of tickets after the server was put back to an earlier day, and receipts that do not fit into one report.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { inTurn, report } from "../../src/offline/contact";
import { deviceOf } from "../../src/offline/device";
import { blankItem } from "../../src/offline/outbox";
import { freeTickets, refillTickets, shownTicket, takeTicket, ticketFault, wanted } from "../../src/offline/tickets";
import { drafted, me, phone, TestServer, type Phone } from "./rig";

let server: TestServer;
let p: Phone;
beforeEach(async () => {
  server = new TestServer();
  p = await phone(await server.start(), server);
  await p.enrol();
});
afterEach(() => server.stop());
const facts = { app_version: "t", persisted: true, installed: false };
const tell = (must = true) => report(p.box, me.id, true, facts, () => new Date(p.time.now), must, p.ask);
const refill = () => refillTickets(p.box, me.id, () => new Date(p.time.now), p.ask);

describe("tickets of a server that was put back", () => {
  it("unused ones go before anybody is shown them, new ones come; one that was shown says so, and a fresh one takes its place", async () => {
    await refill();
    expect(server.orders[0]).toMatchObject({ count: wanted, device_id: expect.stringMatching(/^[0-9a-f-]{36}$/) }); // lost with this phone, they are revoked
    const d = await drafted(p, 0);
    const shown = (await takeTicket(p.box, me.id, d.id))!;
    const spent = (await takeTicket(p.box, me.id, "a sheet that was sealed"))!;
    expect((await tell())!.tickets_gone).toEqual([]);
    const named = server.reports[0]!.tickets as string[];
    expect([named.length, named.includes(shown.id), named.includes(spent.id)]).toEqual([wanted - 1, true, false]);
    const keep = (await freeTickets(p.store, me.id))[0]!.id;
    server.tickets = new Set([keep]); // as the backup knew them
    await p.store.put("tickets", { ...(await p.store.get("tickets", keep))!, id: "another's", account_id: "acc-2" });
    expect((await tell())!.tickets_gone).toHaveLength(wanted - 2);
    expect((await freeTickets(p.store, me.id)).map((t) => t.id)).toEqual([keep]);
    expect(await p.store.get("tickets", "another's")).toBeTruthy();
    await refill();
    expect((await freeTickets(p.store, me.id)).length).toBe(wanted);
    const again = (await takeTicket(p.box, me.id, d.id))!;
    expect([again.id, again.gone]).toEqual([shown.id, true]);
    const fresh = (await takeTicket(p.box, me.id, d.id, true))!;
    expect([server.tickets.has(fresh.id), !!fresh.gone, (await takeTicket(p.box, me.id, d.id))!.id]).toEqual([true, false, fresh.id]);
    expect(await p.store.get("tickets", shown.id)).toBeUndefined();
    expect((await tell())!.tickets_gone).toEqual([]);
  });
  it("a ticket that is good is not changed for another by a second tap", async () => {
    await refill();
    const one = (await takeTicket(p.box, me.id, "s"))!;
    expect((await takeTicket(p.box, me.id, "s", true))!.id).toBe(one.id);
  });
});

describe("more receipts than a report holds", () => {
  const id = (n: number) => `019dfb03-7100-7000-8000-${String(n).padStart(12, "0")}`;
  const have = (n: number) => ({ id: id(n), version: 1, digest: "d" });
  it("takes turns, round and round, also when some come and go", () => {
    const all = Array.from({ length: 7 }, (_, n) => have(n));
    const named = (from: string) => inTurn(all, from, 3).map((r) => Number(r.id.slice(-3)));
    expect([named(""), named(id(2)), named(id(5)), named(id(1)), named("zz")]).toEqual([[0, 1, 2], [3, 4, 5], [6, 0, 1], [2, 3, 4], [0, 1, 2]]);
    expect(inTurn(all, id(3), 200)).toHaveLength(7);
    expect(inTurn([], id(3), 200)).toEqual([]);
  });
  it("all of them are confirmed over several reports, without waiting for the hour; the place is remembered when the answer came, and not before", async () => {
    await p.store.write(["outbox"], async (w) => {
      for (let n = 0; n < 450; n++) await w.put("outbox", { ...blankItem, id: id(n), account_id: me.id, state: "sent", digest: "d", version: 1, received_at: p.time.now });
    });
    for (let n = 0; n < 450; n++) if (n !== 333) server.sheets.set(id(n), Buffer.from(""));
    const asked: string[] = [];
    await tell();
    server.weather = () => ({ cut: true, after: true });
    expect(await tell(false)).toBeNull();
    server.weather = () => undefined;
    for (let k = 0; k < 2; k++) asked.push(...(await tell(false))!.wanted);
    expect(server.reports.map((r) => (r.receipts as unknown[]).length)).toEqual([200, 200, 200, 200]);
    expect(server.reports[2]!.receipts).toEqual(server.reports[1]!.receipts); // its answer was lost: named again
    expect(new Set(server.reports.flatMap((r) => (r.receipts as { id: string }[]).map((x) => x.id))).size).toBe(450);
    expect(asked).toEqual([id(333)]); // the one that the server has lost is in the second part
    expect((await p.item(id(333))).state).toBe("pending");
    await p.store.put("outbox", { ...(await p.item(id(333))), state: "sent" }); // it went again
    await tell(false); // something changed; a round begins
    await tell(false);
    await tell(false);
    const n = server.reports.length;
    expect(await tell(false)).toBeNull();
    expect(server.reports.length).toBe(n);
    p.time.now += 3600_000;
    expect(await tell(false)).not.toBeNull();
  });
});

describe("a phone that cannot be reported lost", () => {
  it("fetches no codes until it is enrolled: they would outlive its loss", async () => {
    const d = (await deviceOf(p.store, me.id))!;
    for (const as of [{ ...d, secret: "" }, { ...d, state: "held" as const }, { ...d, state: "dead" as const }]) {
      await p.store.setKv(`device:${me.id}`, as);
      await refill();
    }
    expect([server.orders.length, (await freeTickets(p.store, me.id)).length]).toEqual([0, 0]);
    await p.store.setKv(`device:${me.id}`, d);
    await refill();
    expect([server.orders.length, (await freeTickets(p.store, me.id)).length]).toEqual([1, wanted]);
    expect(server.orders[0]).toMatchObject({ device_id: d.id });
  });
});

describe("when the book runs dry", () => {
  it("the person is told why the server gives no more, until it does", async () => {
    server.weather = (_m, path) => (path === "/api/tickets" ? { status: 409, body: JSON.stringify({ code: "enough_tickets", detail: "手里还有190个没用的评价码，够用了。" }) } : undefined);
    await refill();
    expect([await ticketFault(p.store, me.id), (await freeTickets(p.store, me.id)).length]).toEqual(["手里还有190个没用的评价码，够用了。", 0]);
    server.weather = () => undefined;
    await refill();
    expect([await ticketFault(p.store, me.id), (await freeTickets(p.store, me.id)).length]).toEqual(["", wanted]);
  });
  it("the code that a sheet has shown can be shown again after sealing; none is taken for one that had none", async () => {
    await refill();
    const t = (await takeTicket(p.box, me.id, "sealed"))!;
    expect([(await shownTicket(p.box, "sealed"))!.url, await shownTicket(p.box, "another")]).toEqual([t.url, null]);
    expect((await freeTickets(p.store, me.id)).length).toBe(wanted - 1);
  });
});
