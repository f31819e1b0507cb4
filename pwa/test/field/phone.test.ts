// The phone's own pure parts: what is pointed out before sealing, and the words of every state.
import { describe, expect, it, vi } from "vitest";
import { newDraft } from "../../src/offline/draft";
import { blankItem, type Item } from "../../src/offline/outbox";
import type { Pack } from "../../src/offline/types";
import { glanceOf, seeOff } from "../../src/field/glance";
import { fewOfficers, points } from "../../src/field/points";
import { clashField, clashValue } from "../../src/words/clash";
import { fate, type MyFinding } from "../../src/words/fate";
import { item, point, shots, title } from "../../src/words/field";
import { imported, rescueFault } from "../../src/words/rescue";
import { checklist, me } from "../offline/rig";

const now = new Date("2026-05-06T02:00:00Z");
const draft = () => ({ ...fresh(), ticket_id: "t" });
const fresh = () => newDraft(me, checklist, { agency_id: "ag", business_id: "", business: { name: "店", uscc: "", address: "", kind: "household" }, matter: "food", notice_number: "", external_code: "", supervisor_ids: ["acc-2"], mode: "quick", method: "accompanied" }, now);
const answer = (code: string, note = "") => ({ code, result: "yes" as const, note, no_photo_reason: "", photos: [], corrected: false, at: "" });

describe("pointed out before sealing", () => {
  it("two officers claimed, one named: pointed out, unless a note says why", () => {
    const d = draft();
    d.answers.A02 = answer("A02");
    d.officers = [{ name: "甲", credential_number: "1", standing: "valid" }];
    expect(fewOfficers(d)).toBe(true);
    expect(points(d).map((p) => p.kind)).toEqual(["few_officers"]);
    d.answers.A02.note = "另一名在门外警戒";
    expect(points(d)).toEqual([]);
    d.answers.A02.note = "";
    d.officers.push({ name: "乙", credential_number: "2", standing: "expired" });
    d.answers.A03 = answer("A03");
    expect(points(d).map((p) => p.kind)).toEqual(["bad_card"]);
  });
  it("alone, and with a clock years off", () => {
    const d = draft();
    d.supervisor_ids = ["acc-1"];
    expect(points(d, 3 * 365 * 86_400_000).map((p) => p.kind)).toEqual(["alone", "clock"]);
    for (const w of Object.values(point)) expect(w).toMatch(/。$/);
  });
});

describe("pointed out: what cannot be made up for later", () => {
  it("no code was shown; a flaw put right that the unit does not acknowledge", () => {
    const d = fresh();
    expect(points(d).map((p) => p.kind)).toEqual(["no_code"]);
    expect(points({ ...d, version: 2 })).toEqual([]); // a correction has the code of the first, or none
    d.ticket_id = "t";
    d.answers.C04 = { ...answer("C04", "没有告知正在录音录像。"), result: "no", corrected: true };
    for (const [stance, want] of [["accept", []], ["object", ["on_spot"]], ["refused", ["on_spot"]], ["", []]] as const) expect(points({ ...d, officer_sign: { ...d.officer_sign, stance } }).map((p) => p.kind)).toEqual(want);
  });
});

describe("a visit that was called off", () => {
  it("is shown with its reason until it is seen", () => {
    const kept = new Map<string, string>();
    vi.stubGlobal("localStorage", { getItem: (k: string) => kept.get(k) ?? null, setItem: (k: string, v: string) => void kept.set(k, v), removeItem: (k: string) => void kept.delete(k) });
    const visit = { id: "v1", number: "", state: "cancelled", agency_id: "ag", business_id: "", business: { name: "小店", uscc: "", address: "", kind: "" }, matter: "food", notice_number: "", external_code: "", planned_on: "2026-05-06", supervisor_ids: [], method: "", cancel_reason: "执法队改期" };
    const pack = { visits: [visit, { ...visit, id: "v2", state: "planned" }], agencies: [], checklist } as unknown as Pack;
    const off = () => glanceOf(me, pack, "", "none-set").cancelled!.map((v) => `${v.id} ${v.cancel_reason}`);
    expect(off()).toEqual(["v1 执法队改期"]);
    seeOff("v1");
    expect(off()).toEqual([]);
    vi.unstubAllGlobals();
  });
});

describe("states of the outbox in words", () => {
  const one = (change: Partial<Item>): Item => ({ ...blankItem, id: "i", photos: [{ sha256: "a", size: 1, type: "image/jpeg", state: "held", why: "", words: "" }, { sha256: "b", size: 1, type: "image/jpeg", state: "here", why: "", words: "" }], ...change });
  it("names each state", () => {
    const said = (c: Partial<Item>) => item(one(c), 1).state;
    expect([said({ state: "pending" }), said({ state: "sending" }), said({ state: "waiting", why: "nobody" }), said({ state: "waiting", why: "login" }), said({ state: "waiting", why: "locked" }), said({ state: "attention", why: "photo" }), said({ state: "held", why: "held_for_office" }), said({ state: "sent" })])
      .toEqual(["待发送", "正在发送", "等网络", "等登录", "等开锁", "需要处理", "已交司法所核实", "已收妥"]);
  });
  it("who is waited for: the network, the server, the office; each is named", () => {
    const said = (c: Partial<Item>) => item(one(c), 1).state;
    expect((["nobody", "slow", "gate"] as const).map((why) => said({ state: "waiting", why }))).toEqual(["等网络", "等网络", "等网络"]);
    expect((["server", "busy", "order", "receipt_due", "sealed"] as const).map((why) => said({ state: "waiting", why }))).toEqual(["等服务器", "等服务器", "等服务器", "等服务器", "等服务器"]);
    expect((["conflict", "held_invalid", "held_for_office"] as const).map((why) => said({ state: "held", why }))).toEqual(["等司法所定", "等司法所定", "已交司法所核实"]);
  });
  it("what needs a hand says what to do; what is on its way says how far", () => {
    for (const why of ["refused", "not_found", "too_large", "invalid", "receipt", "photo", "lost_photo", "lost_sheet", "held_refused", "settled", "seal_key", "sealed"] as const) expect(item(one({ state: "attention", why }), 1).remedy, why).toMatch(/。$/);
    expect(item(one({ state: "sending", sheet_held: true }), 1).line).toContain("2张到了1张");
    expect(shots(one({}))).toEqual({ there: 1, all: 2 });
  });
  it("a locked phone says what lies there and not whose it is", () => expect([title(one({ title: "" })), title(one({ title: "示例店" }))]).toEqual(["一份记录 · 2张照片", "示例店"]));
});

describe("what became of a finding", () => {
  const f = (outcome: string): MyFinding => ({ id: "", visit_number: "", business_name: "", item: "C01", text: "", severity: "general", note: "", happened_at: "", lead_number: "XS1", problem_number: "WT1", outcome, reason: "" });
  it("an objection and a rectification that was handed in are said as they are", () => {
    expect([fate(f("disputed")).word, fate(f("submitted")).word, fate(f("rectifying")).word]).toEqual(["异议复核", "待复核", "整改中"]);
  });
});

describe("clashes and backups", () => {
  it("speaks of both versions", () => {
    expect([clashField("answers.C01"), clashField("observations.x"), clashField("opinion")]).toEqual(["C01", "其他情况", "现场意见"]);
    expect([clashValue("answers.C01", answer("C01", "看过")), clashValue("opinion", ""), clashValue("overall", "poor")]).toEqual(["符合，备注：看过", "（空着）", "不规范"]);
  });
  it("says what an import brought", () => {
    expect(imported({ added: ["a"], already: ["b"], broken: [] })).toHaveLength(2);
    expect(imported({ added: [], already: [], broken: [] })).toEqual(["文件里没有记录。"]);
    for (const name of ["ForeignFile", "NotSealed", "x"]) expect(rescueFault({ name })).toMatch(/。$/);
  });
});
