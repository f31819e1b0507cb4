// The table of the outbox: status × answer × reload, as data that any program can read. MAKE_VECTORS=1 writes it anew;
// a difference in a review of that file is a change of what the phone does.
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { again, due, nextStep, sendAgain, settle, spent, wakes, week, type Item, type Step } from "../../src/offline/outbox";
import { cases, type Case } from "./cases";

const file = new URL("./outbox.json", import.meta.url);
const year = 365 * 24 * 3600_000;

/** When the sender may take the item, at times that a good and a bad clock may show. */
const clocks = (i: Item, now: number) => ({
  at_once: due(i, now, ["me"]), at_next: due(i, Math.min(i.next_at, now + year), ["me"]), one_ms_before: due(i, i.next_at - 1, ["me"]),
  clock_set_back_ten_years: due(i, now - 10 * year, ["me"]), clock_set_on_ten_years: due(i, now + 10 * year, ["me"]), other_account: due(i, now + year, ["you"]),
});
const events = (i: Item) => ({ network: wakes(i, "network"), login: wakes(i, "login"), unlock: wakes(i, "unlock") });

interface Vector extends Case { want: Item; next: Step; due: ReturnType<typeof clocks>; wakes: ReturnType<typeof events>; again: Item; send_again: Item }
function vector(c: Case): Vector {
  const want = settle(c.item, c.step, c.outcome, c.now, c.random);
  return { ...c, want, next: nextStep(want), due: clocks(want, c.now), wakes: events(want), again: again(want), send_again: sendAgain(want) };
}

if (process.env.MAKE_VECTORS) {
  const about = "settle(item, step, outcome, now, random) = want; then next: nextStep(want), due at clocks, wakes on events, again: a tap, send_again: wanted by a server that was put back. constants: longest wait 900000 ms, back-off 5000*2^tries up to 690000, times 0.7+0.6*random, rounded. next_at 9007199254740991: until an event.";
  writeFileSync(file, `{"about": ${JSON.stringify(about)},\n"cases": [\n${cases().map((c) => JSON.stringify(vector(c))).join(",\n")}\n]}\n`);
}
const { cases: table } = JSON.parse(readFileSync(file, "utf8")) as { cases: Vector[] };

describe("the table of the outbox", () => {
  it("has every case once", () => {
    expect(table.map((v) => v.name)).toEqual(cases().map((c) => c.name));
    expect(new Set(table.map((v) => v.name)).size).toBe(table.length);
    expect(table.length).toBeGreaterThanOrEqual(60);
  });
  for (const v of table)
    it(v.name, () => {
      expect(JSON.parse(JSON.stringify(vector(v)))).toEqual(v);
      holds(v);
    });
});

/** What is true of every line, whatever it says. */
function holds({ item, outcome, want, next, due: d }: Vector) {
  expect([want.id, want.digest, want.version, want.photos.map((p) => p.sha256)]).toEqual([item.id, item.digest, item.version, item.photos.map((p) => p.sha256)]);
  // Received only on a verified receipt, or on a cancellation that the server confirmed.
  const proof = outcome.kind === "answer" && (outcome.receipt?.ok || (item.kind === "cancel" && outcome.done));
  if (item.state !== "sent") expect(want.state === "sent").toBe(!!proof);
  if (want.state !== "sent") expect(spent(want, Number.MAX_SAFE_INTEGER)).toBe(false);
  else if (want.received_at) expect([spent(want, want.received_at + week), spent(want, want.received_at + week + 1)]).toEqual([false, true]);
  // It goes on by itself, or an event wakes it, or a person is asked: it never sits there for nothing.
  if (want.state === "attention" || want.state === "sent") expect(next.do).toBe("nothing");
  else {
    expect(next.do).not.toBe("nothing");
    expect(d.at_next || Object.values(events(want)).some(Boolean)).toBe(true);
    if (d.at_next) expect([d.clock_set_back_ten_years, d.clock_set_on_ten_years]).toEqual([true, true]);
  }
  if (want.state === "waiting" || want.state === "held") expect(want.next_at === Number.MAX_SAFE_INTEGER || want.next_at <= now(want) + 900_000).toBe(true);
  expect(d.other_account).toBe(false);
  // A tap ends every wait.
  const tapped = again(want);
  if (want.state !== "sent") expect([tapped.state, due(tapped, 0, ["me"]), nextStep(tapped).do !== "nothing"]).toEqual(["pending", true, true]);
  // A photo counts as held only when the server said so.
  if (outcome.kind !== "answer" || outcome.status >= 300 || outcome.json === null) expect(want.photos.filter((p) => p.state === "held").length).toBe(item.photos.filter((p) => p.state === "held").length);
}
const now = (_: Item) => 1_778_032_800_000;
