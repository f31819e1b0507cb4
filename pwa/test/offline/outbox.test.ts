// The way of a record through the outbox. The table of single steps is test/vectors/outbox.json; this is what the steps
// make together: any order of answers, with the page closed after each.
import { describe, expect, it } from "vitest";
import { again, backOff, due, longest, nextStep, sendAgain, settle, spent, week, type Item, type Outcome, type Step } from "../../src/offline/outbox";
import { cancel, cases, fresh, now, photoA, photoB, receipt } from "../vectors/cases";

const answer = (status: number, json: unknown, extra: object = {}): Outcome => ({ kind: "answer", status, json, retry_after: 0, ...extra });
const after = (i: Item, s: Step, o: Outcome) => settle(i, s, o, now, 0.5);
const good = { receipt: { ok: true as const, receipt, received_at: "2026-05-06T02:00:05Z" } };

describe("the way of a record", () => {
  it("record, missing photos, last photo, receipt", () => {
    let i = fresh();
    expect(nextStep(i)).toEqual({ do: "sheet" });
    i = after(i, { do: "sheet" }, answer(201, { id: "sheet-1", state: "waiting", missing: [photoA], receipt: null }));
    expect(i.photos.map((p) => p.state)).toEqual(["here", "held"]);
    expect(nextStep(i)).toEqual({ do: "photo", sha256: photoA });
    i = after(i, nextStep(i), answer(201, { sha256: photoA, size: 3 }));
    expect(nextStep(i)).toEqual({ do: "sheet" }); // the same bytes once more bring the receipt
    i = after(i, nextStep(i), answer(200, { id: "sheet-1", state: "complete", missing: [], receipt }, good));
    expect([i.state, i.sent_at, i.received_at]).toEqual(["sent", now, Date.parse("2026-05-06T02:00:05Z")]);
    expect([spent(i, i.received_at + week), spent(i, i.received_at + week + 1), spent(i, 0)]).toEqual([false, true, false]);
  });
  it("a refused photo stops the item only when the others have gone, and one tap sends it again", () => {
    let i = after(fresh({ sheet_held: true, state: "sending" }), { do: "photo", sha256: photoA }, answer(422, { detail: "写得太长。" }));
    expect([i.state, i.photos[0]!.words]).toEqual(["sending", "写得太长。"]);
    i = after(i, nextStep(i), answer(201, { sha256: photoB, size: 4 }));
    expect([i.state, i.why, i.words]).toEqual(["attention", "photo", "写得太长。"]);
    i = again(i);
    expect([i.state, nextStep(i)]).toEqual(["pending", { do: "photo", sha256: photoA }]);
  });
  it("a server that was put back gets it again from the first step", () => {
    const sent = after(fresh({ photos: [] }), { do: "sheet" }, answer(200, { id: "sheet-1", state: "complete", missing: [], receipt }, good));
    const back = sendAgain(sent);
    expect([back.state, back.sheet_held, back.received_at, nextStep(back), due(back, 0, ["me"])]).toEqual(["pending", false, 0, { do: "sheet" }, true]);
    expect(sendAgain(back)).toBe(back);
    expect(sendAgain({ ...cancel, state: "sent" }).state).toBe("sent");
  });
});

describe("any order of answers", () => {
  /** A small generator with a seed: the same walks every time. */
  const random = (seed: number) => () => ((seed = (seed * 1_664_525 + 1_013_904_223) >>> 0) / 2 ** 32);
  const outcomes = cases().map((c) => c.outcome);
  it("never removes an item, never counts it received without proof, never leaves it without a next step", () => {
    for (let seed = 1; seed <= 300; seed++) {
      const r = random(seed);
      let i: Item = seed % 3 === 0 ? cancel : fresh();
      let t = now;
      for (let k = 0; k < 40 && i.state !== "sent"; k++) {
        if (i.state === "attention") i = again(i); // a person taps
        if (!due(i, t, ["me"])) t = i.next_at < t + longest ? i.next_at : t;
        if (!due(i, t, ["me"])) i = again(i); // logged in, unlocked
        const step = nextStep(i);
        expect(step.do).not.toBe("nothing");
        const out = outcomes[Math.floor(r() * outcomes.length)]!;
        const next = JSON.parse(JSON.stringify(settle(i, step, out, t, r()))) as Item; // the page is closed and opened
        const proof = out.kind === "answer" && (step.do === "cancel" ? out.done : out.receipt?.ok);
        if (next.state === "sent") expect(proof).toBeTruthy();
        expect([next.id, next.digest, next.photos.length]).toEqual([i.id, i.digest, i.photos.length]);
        if (next.state !== "sent") expect(spent(next, Number.MAX_SAFE_INTEGER)).toBe(false);
        i = next;
      }
    }
  });
  it("photos in every order bring the same end", () => {
    const three = ["1", "2", "3"].map((x) => x.repeat(64));
    const orders = three.flatMap((a) => three.filter((b) => b !== a).map((b) => [a, b, three.find((c) => c !== a && c !== b)!]));
    for (const order of orders) {
      let i = fresh({ photos: three.map((sha256) => ({ sha256, size: 1, type: "image/jpeg", state: "here", why: "", words: "" })) });
      i = after(i, { do: "sheet" }, answer(201, { id: "sheet-1", state: "waiting", missing: three, receipt: null }));
      for (const sha256 of order) i = after(i, { do: "photo", sha256 }, answer(201, { sha256, size: 1 }));
      expect([i.photos.every((p) => p.state === "held"), nextStep(i)]).toEqual([true, { do: "sheet" }]);
    }
  });
});

describe("waiting", () => {
  it("doubles up to a quarter of an hour and spreads", () => {
    expect([0, 1, 2, 9, 50].map((n) => backOff(n, 0.5))).toEqual([5000, 10000, 20000, 690000, 690000]);
    expect([backOff(3, 0), backOff(3, 1), backOff(60, 1) <= longest]).toEqual([28000, 52000, true]);
  });
  it("a wait that was written while the clock was wrong is over; one that waits for a login is not", () => {
    const far = fresh({ state: "waiting", why: "nobody", next_at: now + 10 * 365 * 24 * 3600_000 });
    expect(due(far, now, ["me"])).toBe(true);
    const login = after(fresh(), { do: "sheet" }, answer(401, { code: "signed_out" }));
    for (const t of [0, now, now + 100 * week, Number.MAX_SAFE_INTEGER]) expect(due(login, t, ["me"])).toBe(false);
  });
  it("another account's item is not sent under this name", () => expect(due(fresh(), now, ["somebody else"])).toBe(false));
  it("what a dead page left in sending is due at once", () => expect(due(fresh({ state: "sending" }), now, ["me"])).toBe(true));
});
