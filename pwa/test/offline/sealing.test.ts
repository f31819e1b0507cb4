// Sealing while a second page writes the same draft: what it saved is in what is sealed, or nothing is sealed.
import { beforeEach, describe, expect, it } from "vitest";
import { sheetBody } from "../../src/offline/body";
import { gaps } from "../../src/offline/gaps";
import { readDraft, saveDraft } from "../../src/offline/keep";
import { Lockbox } from "../../src/offline/lockbox";
import { sealKey } from "../../src/offline/pack";
import { correction, seal, sealChecked } from "../../src/offline/seal";
import type { Draft } from "../../src/offline/types";
import { checklist, drafted, me, phone, TestServer, type Phone } from "./rig";

let p: Phone;
let d: Draft;
const other = () => new Lockbox(p.store); // the second tab: the same database, a memory of its own
const copy = <T>(x: T): T => JSON.parse(JSON.stringify(x)) as T;
const key = () => sealKey(p.store);

beforeEach(async () => {
  p = await phone("http://127.0.0.1:9", new TestServer());
  const now = new Date(p.time.now).toISOString();
  const ready = { agency_id: "018f0000-0000-7000-8000-000000000003", overall: "mostly", officers: [{ name: "测试员丙", credential_number: "1", standing: "valid" }], officer_sign: { name: "", credential_number: "", stance: "refused", text: "", signature: "" } } satisfies Partial<Draft>;
  d = await drafted(p, 1, ready);
  const sign = "f".repeat(64);
  const signed = { ...d, photos: { ...d.photos, [sign]: { sha256: sign, size: 5, type: "image/png", source: "signature" as const, taken_at: now, place: null } }, supervisor_signs: [{ account_id: me.id, name: me.name, signature: Object.keys(d.photos)[0]! }] };
  d = await saveDraft(p.box, signed, d, new Date(p.time.now));
  expect(gaps(d, checklist, new Date(p.time.now))).toEqual([]);
});

describe("two pages and one seal", () => {
  it("what the other page saves during the seconds of encryption is not thrown away", async () => {
    // The other page's change lands when the sealed bytes stand and the draft has not gone yet.
    const get = p.store.get;
    let once = true;
    p.store.get = (async (store: "sealed", id: string) => {
      if (once && store === "sealed" && id === d.id) {
        once = false;
        await saveDraft(other(), { ...d, opinion: "后厨门口还有一箱过期调料" }, d, new Date(p.time.now));
      }
      return get(store, id);
    }) as never;
    await expect(seal(p.box, copy(d), me, "t", new Date(p.time.now), await key())).rejects.toMatchObject({ name: "DraftMoved" });
    expect(await p.store.get("outbox", d.id)).toBeUndefined();
    expect(await p.store.get("sealed", d.id)).toBeUndefined();
    const kept = (await readDraft(p.box, d.id))!;
    expect(kept.opinion).toBe("后厨门口还有一箱过期调料");
    // Looked at again, it is sealed with it.
    const item = await sealChecked(p.box, kept, checklist, me, "t", new Date(p.time.now), await key());
    expect([item.id, await p.store.keys("drafts")]).toEqual([d.id, []]);
  });
  it("what the other page brought in is asked for gaps before it is sealed", async () => {
    const open: Draft = { ...d, observations: [{ id: "o1", text: "", photos: [], at: d.started_at }] };
    const merged = await saveDraft(other(), open, d, new Date(p.time.now));
    await expect(sealChecked(p.box, merged, checklist, me, "t", new Date(p.time.now), await key())).rejects.toMatchObject({ name: "NotReady" });
    expect([await p.store.keys("outbox"), (await p.store.keys("drafts")).length]).toEqual([[], 1]);
  });
  it("a second tap, and both pages at once, give one item", async () => {
    const all = await Promise.all([seal(p.box, copy(d), me, "t", new Date(p.time.now), await key()), seal(other(), copy(d), me, "t", new Date(p.time.now), await key())]);
    expect(new Set(all.map((i) => i.digest)).size).toBe(1);
    expect(await p.store.keys("outbox")).toEqual([d.id]);
  });
});

describe("rules asked before sealing", () => {
  const kinds = (change: Partial<Draft>) => gaps({ ...d, ...change }, checklist, new Date(p.time.now)).map((g) => (g.kind === "rule" ? g.field : g.kind));
  it("says what the server would hold", () => {
    for (const helpers of ["", 1.5, 150, -1, null] as unknown as number[]) expect(kinds({ helpers })).toEqual(["helpers"]);
    expect(kinds({ helpers: 2 })).toEqual([]);
    expect(kinds({ opinion: "长".repeat(2001) })).toEqual(["opinion"]);
    expect(kinds({ notice_number: "号".repeat(61) })).toEqual(["visit.notice_number"]);
    const twice = copy(d);
    twice.answers.C01!.photos.push(twice.answers.C01!.photos[0]!);
    expect(kinds({ answers: twice.answers })).toEqual(["answers[0].photos[1]"]);
  });
  it("a draft touched days later, or begun by a clock of 1970, is no gap: times are claims", () => {
    expect(kinds({ started_at: "1970-01-01T00:00:00.000Z" })).toEqual([]);
    expect(kinds({ ended_at: new Date(p.time.now + 5 * 86_400_000).toISOString() })).toEqual([]);
  });
  it("a correction of what broke a rule does not break it again, and goes without what the server refuses", () => {
    const body = sheetBody({ ...d, helpers: "" as never }, "t", new Date(p.time.now).toISOString()) as Record<string, unknown> & { answers: { photos: string[] }[] };
    const sha = body.answers[0]!.photos[0]!;
    body.answers[0]!.photos = [sha, sha];
    const c = correction(copy(body), "new", new Date(p.time.now), me);
    expect([c.helpers, c.answers.C01!.photos]).toEqual([0, [sha]]);
    const w = correction(copy(body), "new", new Date(p.time.now), me, [sha]);
    expect([w.answers.C01!.photos, Object.keys(w.photos)]).toEqual([[], []]);
  });
});
