import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sheetBody } from "../../src/offline/body";
import { newDraft, photoRoom, standing, usedPhotos } from "../../src/offline/draft";
import { gaps } from "../../src/offline/gaps";
import { sha256, uuidv7 } from "../../src/offline/ids";
import { blankItem } from "../../src/offline/outbox";
import { exifTime, kindOf, prepare, sameEverywhere } from "../../src/offline/photo";
import { correction } from "../../src/offline/seal";
import { usccFault, normalUscc } from "../../src/offline/uscc";
import { decide, stale } from "../../src/sw/rules";
import * as words from "../../src/words/field";
import { checklist, me } from "./rig";

const now = new Date("2026-05-06T02:00:00Z");
const base = () => newDraft(me, checklist, { agency_id: "ag", business_id: "", business: { name: "小店", uscc: "", address: "", kind: "household" }, matter: "food", notice_number: "", external_code: "", supervisor_ids: ["acc-2", "acc-1"], mode: "quick", method: "accompanied" }, now);

describe("uscc, GB 32100", () => {
  it("knows real codes and finds each single slip", () => {
    const good = "91350100M000100Y43"; // the standard's own example
    expect(usccFault(good)).toBe("");
    for (let i = 0; i < 18; i++) expect(usccFault(good.slice(0, i) + (good[i] === "7" ? "8" : "7") + good.slice(i + 1))).not.toBe("");
    expect([usccFault("9135"), usccFault("91350100M000100YI3"), normalUscc(" 9135 0100-m000100y43 ")]).toEqual(["length", "letters", good]);
  });
});

describe("ids", () => {
  it("uuidv7 sorts by time and has its marks", () => {
    const a = uuidv7(1_700_000_000_000), b = uuidv7(1_700_000_000_001);
    expect(a < b).toBe(true);
    expect(a).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(Array.from({ length: 1000 }, () => uuidv7(1))).size).toBe(1000);
  });
  it("sha256 of nothing", async () => expect(await sha256(new ArrayBuffer(0))).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
});

describe("what a sheet still needs", () => {
  it("from empty to ready", () => {
    const d = base();
    expect(gaps(d, checklist, now).map((g) => g.kind)).toEqual(["unanswered", "officers", "overall", "stance", "my_signature"]);
    d.answers.C01 = { code: "C01", result: "no", note: "没有出示", no_photo_reason: "", photos: [], corrected: false, at: now.toISOString() };
    expect(gaps(d, checklist, now)[0]).toEqual({ kind: "answer", code: "C01", needs: ["note", "photo"] });
    d.answers.C01.note = "两人都没有出示执法证件。";
    d.answers.C01.no_photo_reason = "手机没电";
    d.officers.push({ name: "测试员丙", credential_number: "1", standing: "valid" });
    d.overall = "poor";
    d.officer_sign.stance = "object";
    expect(gaps(d, checklist, now).map((g) => g.kind)).toEqual(["objection", "officer_signature", "my_signature"]);
    d.officer_sign.stance = "refused";
    d.supervisor_signs.push({ account_id: me.id, name: me.name, signature: "s" });
    d.photos.s = { sha256: "s", size: 9, type: "image/png", source: "signature", taken_at: now.toISOString(), place: null };
    expect(gaps(d, checklist, now)).toEqual([]);
    expect(gaps(d, checklist, new Date(now.getTime() + 25 * 3600_000)).map((g) => g.kind)).toEqual(["late_reason"]);
    expect(gaps({ ...d, mode: "full" }, checklist, now)).toEqual([{ kind: "unanswered", codes: ["A01", "C04"] }]);
  });
  it("credentials on the day", () => {
    const o = { id: "o", agency_id: "a", name: "x", credential_number: "1", valid_to: "2026-05-06", status: "active" };
    expect(standing({ ...o, valid_from: "2026-05-07" }, "2026-05-06")).toBe("expired"); // not yet: out of its time, as the server says
    expect([standing(o, "2026-05-06"), standing(o, "2026-05-07"), standing({ ...o, status: "revoked" }, "2026-05-06"), standing(undefined, "2026-05-06")]).toEqual(["valid", "expired", "suspended", "unknown"]);
  });
});

describe("the sealed body", () => {
  it("names only photos in use, and a correction takes over everything but the signatures", () => {
    const d = base();
    const photo = (s: string, source: "camera" | "signature" = "camera") => ({ sha256: s, size: 1, type: "image/jpeg", source, taken_at: now.toISOString(), place: null });
    Object.assign(d.photos, { a: photo("a"), gone: photo("gone"), s: photo("s", "signature") });
    d.answers.C01 = { code: "C01", result: "no", note: "n", no_photo_reason: "没用上", photos: ["a"], corrected: false, at: now.toISOString() };
    d.supervisor_signs.push({ account_id: me.id, name: me.name, signature: "s" });
    expect(usedPhotos(d).map((p) => p.sha256)).toEqual(["a", "s"]);
    const body = JSON.parse(JSON.stringify(sheetBody(d, "1", now.toISOString()))) as Record<string, unknown>;
    expect(body).not.toHaveProperty("supersedes");
    expect((body.visit as { supervisor_ids: string[] }).supervisor_ids).toEqual(["acc-1", "acc-2"]);
    expect((body.answers as object[])[0]).not.toHaveProperty("no_photo_reason");
    const c = correction(body, "new", now, me);
    expect([c.version, c.supersedes, c.supervisor_signs, Object.keys(c.photos), c.answers.C01!.photos]).toEqual([2, d.id, [], ["a"], ["a"]]);
  });
});

describe("photos before they are kept", () => {
  const jpeg = new Uint8Array([0xff, 0xd8, 0xff, 0xe1, ...new TextEncoder().encode("..Exif\0\0....2026:05:06 09:31:00\0..2026:05:06 09:30:59\0")]);
  it("type from the bytes, time from EXIF", () => {
    expect(kindOf(jpeg)).toBe("image/jpeg");
    expect(kindOf(new Uint8Array([0, 0, 0, 24, ...new TextEncoder().encode("ftypheic")]))).toBe("image/heic");
    expect(kindOf(new TextEncoder().encode("<svg></svg>...."))).toBe("");
    expect(exifTime(jpeg)).toBe("2026-05-06T09:30:59");
  });
  it("falls back to the original when it cannot be decoded, one at a time", async () => {
    let open = 0, most = 0;
    const shrink = async () => { most = Math.max(most, ++open); await new Promise((r) => setTimeout(r, 5)); open--; throw new Error("no"); };
    const whole = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc0, 0, 11, 8, 0, 48, 0, 64, 1, 1, 1, 1]);
    const file = () => new Blob([whole]);
    const all = await Promise.all([prepare(file(), shrink), prepare(file(), shrink), prepare(file(), shrink)]);
    for (const x of all) expect([x.original, await sha256(x.bytes)]).toEqual([true, await sha256(whole.slice().buffer)]);
    expect(most).toBe(1);
    await expect(prepare(new Blob(["hello, not a photo"]), shrink)).rejects.toMatchObject({ name: "NotAPhoto" });
  });
  it("the page reads the head of a picture and no more; the worker gets the file itself", async () => {
    const large = new File([jpeg, new Uint8Array(9 << 20)], "a.jpg");
    let most = 0;
    const slice = large.slice.bind(large);
    large.slice = (...of) => {
      const part = slice(...of);
      most = Math.max(most, part.size);
      return part;
    };
    large.arrayBuffer = () => Promise.reject(new Error("read as a whole on the page"));
    const got = await prepare(large, async (f) => ({ bytes: await sameFile(f), thumb: new ArrayBuffer(1) }));
    async function sameFile(f: Blob): Promise<ArrayBuffer> {
      expect(f).toBe(large);
      return Promise.resolve(jpeg.slice().buffer);
    }
    expect([got.original, got.taken_hint, most]).toEqual([false, "2026-05-06T09:30:59", 128 << 10]);
  });
  it("a place takes as many photos as the server does, and two pages that brought more are told before sealing", () => {
    const d = base();
    const many = (n: number, from = 0) => Array.from({ length: n }, (_, i) => `p${from + i}`);
    const put = (code: string, list: string[]) => {
      d.answers[code] = { code, result: "no", note: "x", no_photo_reason: "", photos: list, corrected: false, at: "" };
      for (const sha256 of list) d.photos[sha256] = { sha256, size: 1, type: "image/jpeg", source: "camera", taken_at: "", place: null };
    };
    const much = () => gaps(d, checklist, now).some((g) => g.kind === "too_much");
    put("C01", many(30));
    expect([photoRoom(d, many(30)), photoRoom(d, many(28)), photoRoom(d, []), much()]).toEqual([0, 2, 30, false]);
    put("C01", many(31));
    expect(much()).toBe(true);
    for (let k = 0; k < 6; k++) put(`X${k}`, many(29, 100 * k));
    put("C01", many(0));
    expect([photoRoom(d, []), much()]).toEqual([6, false]);
  });
  it("a blank canvas is seen", () => {
    expect(sameEverywhere(new Uint8ClampedArray(400))).toBe(true);
    expect(sameEverywhere(new Uint8ClampedArray(400).map((_, i) => (i === 399 ? 1 : 0)))).toBe(false);
  });
});

describe("service worker", () => {
  const files = new Set(["/", "/assets/a.js"]);
  const d = (method: string, path: string, mode = "cors", origin = "https://x") => decide(method, mode, new URL(path, origin), "https://x", files);
  it("touches no write, no API, no other door", () => {
    for (const m of ["POST", "PUT", "DELETE", "PATCH", "HEAD"]) expect(d(m, "/assets/a.js")).toBe("leave");
    for (const p of ["/api/session", "/desk", "/desk/problems", "/f/abc", "/f", "/c", "/t", "/v/HZ-1", "/healthz", "/openapi.json", "/sw.js"]) expect(d("GET", p, "navigate")).toBe("leave");
    for (const p of ["/", "/sheet/1", "/findings", "/ticket/1", "/correct/1"]) expect(d("GET", p, "navigate")).toBe("page");
    expect([d("GET", "/assets/a.js"), d("GET", "/assets/desk.js"), d("GET", "/assets/a.js", "cors", "https://y")]).toEqual(["file", "leave", "leave"]);
  });
  it("leaves every page that the server has itself", () => {
    const table = readFileSync(new URL("../../../docs/routes.txt", import.meta.url), "utf8");
    const own = [...table.matchAll(/^GET +(\S+)/gm)].map((m) => m[1]!.replace(/\{\w+\}|\*/g, "x")).filter((p) => p !== "/x");
    expect(own.length).toBeGreaterThan(70);
    expect(own.filter((p) => d("GET", p, "navigate") !== "leave")).toEqual([]);
  });
  it("clears only old shells", () => expect(stale(["suixing-shell-1", "suixing-shell-2", "other"], "2")).toEqual(["suixing-shell-1"]));
});

describe("words", () => {
  it("every reason of the outbox has a sentence that says that the record is kept or what happens next", () => {
    const source = readFileSync(new URL("../../src/offline/outbox.ts", import.meta.url), "utf8");
    const whys = [...source.match(/export type Why =[\s\S]*?;/)![0].matchAll(/"(\w+)"/g)].map((m) => m[1]!).filter((w) => w !== "other_account");
    expect(whys.length).toBeGreaterThan(12);
    for (const why of whys)
      for (const state of ["waiting", "attention", "held"] as const) {
        const w = words.item({ ...blankItem, state, why: why as never }, 1);
        expect(w.line, `${why} ${state}`).toMatch(/。$/);
        expect(w.line).not.toMatch(/undefined|失败|成功|！/);
      }
  });
});
