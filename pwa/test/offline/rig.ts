// A phone for the tests: a fresh IndexedDB (fake-indexeddb), and our own store, lockbox and sender as they run on a phone.
import "fake-indexeddb/auto";
import { Store } from "../../src/offline/db";
import { registerDevice } from "../../src/offline/device";
import { newDraft } from "../../src/offline/draft";
import { sha256 } from "../../src/offline/ids";
import { addDraft, keepPhoto } from "../../src/offline/keep";
import { Lockbox } from "../../src/offline/lockbox";
import { ask, type Ask, type Reply } from "../../src/offline/net";
import { noteServer, sealKey } from "../../src/offline/pack";
import { seal } from "../../src/offline/seal";
import { Sender } from "../../src/offline/sync";
import type { Checklist, Draft, Me } from "../../src/offline/types";
import type { Item } from "../../src/offline/outbox";
import { TestServer } from "./server";

export { sha256, TestServer };
export const me: Me = { id: "acc-1", username: "supervisor", name: "测试员甲", role: "supervisor", office: null, certificate: "", certified: true, must_change: false, server_time: "", demo: true };
export const checklist: Checklist = { version: 1, quick: ["C01"], items: [{ code: "A01", cat: "主体资格", sev: "redline", text: "t", fail: "f" }, { code: "C01", cat: "亮证告知", sev: "redline", text: "t", fail: "f" }, { code: "C04", cat: "亮证告知", sev: "minor", text: "t", fail: "f" }] };

let n = 0;
export const freshStore = (patience?: number): Store => new Store(`test-${++n}`, patience);
export const freshBox = (patience?: number): Lockbox => new Lockbox(freshStore(patience));

export interface Phone {
  store: Store; box: Lockbox; sender: Sender; base: string; time: { now: number }; ask: (a: Ask) => Promise<Reply>;
  make: (box?: Lockbox) => Sender; pass: (again?: number) => Promise<void>; item: (id: string) => Promise<Item>; enrol: () => Promise<void>;
}

/** `plain`: a phone that has not learnt the server's sealing key. */
export async function phone(base: string, server: TestServer, how: { plain?: boolean; store?: Store } = {}): Promise<Phone> {
  const store = how.store ?? freshStore();
  const box = new Lockbox(store);
  await store.setKv("receipt_keys", [server.key]);
  if (!how.plain) await store.setKv("seal_key", server.sealKey);
  const time = { now: Date.parse("2026-05-06T02:00:00Z") };
  const to = (a: Ask) => ask({ ...a, path: base + a.path, timeout: Math.min(a.timeout ?? 2000, 2000) });
  const make = (b = box) => new Sender(b, { changed: () => undefined, contact: () => undefined }, () => time.now, () => 0.5, to);
  const pass = async (times = 1) => {
    for (let i = 0; i < times; i++) {
      time.now += 20 * 60_000; // past every back-off
      await make().pass(me.id); // a new sender each time: as after a reload
    }
  };
  const enrol = async () => {
    const r = await registerDevice(store, me.id, "测试手机", to);
    if (!r.device) throw new Error(`not enrolled: ${r.why}`);
  };
  return { store, box, sender: make(), base, time, ask: to, make, pass, enrol, item: async (id) => (await store.get("outbox", id))! };
}
/** The server says what time it is, as any login or report brings it. */
export const hear = (p: Phone, ms: number): Promise<void> => noteServer(p.store, new Date(ms).toISOString());

export const start = { agency_id: "ag", business_id: "", business: { name: "示例小吃店", uscc: "", address: "", kind: "household" }, matter: "food", notice_number: "", external_code: "", supervisor_ids: [], mode: "quick" as const, method: "accompanied" };

/** A finished draft with some photos, kept on the phone. */
export async function drafted(p: Phone, photos = 2, change: Partial<Draft> = {}): Promise<Draft> {
  const now = new Date(p.time.now++);
  const d: Draft = { ...newDraft(me, checklist, start, now), ...change };
  d.answers.C01 = { code: "C01", result: "no", note: "被要求后才出示执法证件。", no_photo_reason: "", photos: [], corrected: false, at: now.toISOString() };
  for (let i = 0; i < photos; i++) {
    const bytes = new Uint8Array(2000).map((_, k) => (k * (i + 3) + n + p.time.now) % 251);
    bytes.set([0xff, 0xd8, 0xff, i]);
    const sum = await keepPhoto(p.box, bytes.buffer, new Uint8Array([0xff, 0xd8, 0xff, 1]).buffer, "image/jpeg", now);
    d.photos[sum] = { sha256: sum, size: 2000, type: "image/jpeg", source: "camera", taken_at: now.toISOString(), place: null };
    d.answers.C01.photos.push(sum);
  }
  await addDraft(p.box, d);
  return d;
}
export async function sealed(p: Phone, photos = 2, change: Partial<Draft> = {}): Promise<Item> {
  const d = await drafted(p, photos, change);
  return seal(p.box, d, me, "test", new Date(p.time.now), await sealKey(p.store));
}
