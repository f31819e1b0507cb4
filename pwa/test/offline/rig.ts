// A phone and a server for the tests: a fresh IndexedDB (fake-indexeddb), and an HTTP server that signs real receipts
// and can be told to misbehave. The sender, the store and the checks are ours and run as they are.
import "fake-indexeddb/auto";
import { createHash, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Store } from "../../src/offline/db";
import { newDraft } from "../../src/offline/draft";
import { sha256 } from "../../src/offline/ids";
import { ask } from "../../src/offline/net";
import { seal } from "../../src/offline/seal";
import { Sender } from "../../src/offline/sync";
import type { Checklist, Draft, Me } from "../../src/offline/types";
import type { Item } from "../../src/offline/outbox";

export const me: Me = { id: "acc-1", username: "supervisor", name: "测试员甲", role: "supervisor", office: null, certificate: "", certified: true, must_change: false, server_time: "", demo: true };
export const checklist: Checklist = { version: 1, quick: ["C01"], items: [{ code: "A01", cat: "主体资格", sev: "redline", text: "t", fail: "f" }, { code: "C01", cat: "亮证告知", sev: "redline", text: "t", fail: "f" }, { code: "C04", cat: "亮证告知", sev: "minor", text: "t", fail: "f" }] };

export interface Fault { status?: number; body?: string; type?: string; cut?: boolean; after?: boolean; headers?: Record<string, string> }
/** Says what a request shall meet: nothing, an answer before the deed, a cut before it, or a cut after it. */
export type Weather = (method: string, path: string, nth: number) => Fault | undefined;

export class TestServer {
  readonly photos = new Map<string, Buffer>();
  readonly sheets = new Map<string, Buffer>();
  readonly writes: string[] = [];
  weather: Weather = () => undefined;
  forge: (body: Record<string, unknown>) => Record<string, unknown> = (b) => b;
  private readonly keys = generateKeyPairSync("ed25519");
  signer: KeyObject = this.keys.privateKey;
  private http!: Server;
  private n = 0;

  readonly key = { id: "k1", algorithm: "ed25519", public: this.keys.publicKey.export({ type: "spki", format: "der" }).subarray(12).toString("base64") };

  async start(): Promise<string> {
    this.http = createServer((q, r) => void this.answer(q, r));
    await new Promise<void>((ok) => this.http.listen(0, "127.0.0.1", ok));
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }
  stop = () => new Promise<void>((ok) => {
    this.http.closeAllConnections();
    this.http.close(() => ok());
  });

  private async answer(q: IncomingMessage, r: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const c of q) chunks.push(c as Buffer);
    const body = Buffer.concat(chunks);
    const path = q.url!;
    const f = this.weather(q.method!, path, ++this.n);
    if (f && !f.after) return this.misbehave(f, r);
    const [status, json] = this.serve(q.method!, path, body);
    if (f) return this.misbehave(f, r); // the deed is done, the answer is lost
    r.writeHead(status, { "Content-Type": status < 400 ? "application/json" : "application/problem+json" }).end(JSON.stringify(json));
  }
  private misbehave(f: Fault, r: ServerResponse): void {
    if (f.cut) return void r.destroy();
    r.writeHead(f.status ?? 200, { "Content-Type": f.type ?? "application/problem+json", ...f.headers }).end(f.body ?? JSON.stringify({ detail: "不行。" }));
  }
  private serve(method: string, path: string, body: Buffer): [number, unknown] {
    const id = path.split("/").pop()!;
    if (method === "PUT" && path.startsWith("/api/photos/")) {
      if (createHash("sha256").update(body).digest("hex") !== id) return [422, { detail: "校验码不一致。" }];
      this.writes.push(`photo ${id.slice(0, 6)}`);
      this.photos.set(id, body);
      return [201, { sha256: id, size: body.length, media_type: "image/jpeg", sheets: [] }];
    }
    const had = this.sheets.get(id);
    if (had && !had.equals(body)) return [409, { detail: "内容不一样。" }];
    if (!had) this.writes.push(`sheet ${id}`);
    this.sheets.set(id, body);
    return [had ? 200 : 201, this.standing(id, body)];
  }
  private standing(id: string, raw: Buffer) {
    const s = JSON.parse(raw.toString()) as { visit_id: string; version: number; photos: { sha256: string; size: number }[] };
    const missing = s.photos.map((p) => p.sha256).filter((p) => !this.photos.has(p));
    if (missing.length) return { id, state: "waiting", missing, visit_number: "BS", receipt: null };
    const said = this.forge({ v: 1, code: "HZ-8F2K-41QD-7MXA", sheet_id: id, visit_id: s.visit_id, version: s.version, digest: createHash("sha256").update(raw).digest("hex"),
      photos: s.photos.map(({ sha256, size }) => ({ sha256, size })).sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1)), received_at: "2026-05-06T10:00:00Z" });
    const bytes = Buffer.from(JSON.stringify(said));
    return { id, state: "complete", missing: [], visit_number: "BS", receipt: { code: said.code, key_id: "k1", algorithm: "ed25519", body: bytes.toString("base64"), signature: sign(null, bytes, this.signer).toString("base64") } };
  }
}

let n = 0;
export const freshStore = (): Store => new Store(`test-${++n}`);

export interface Phone { store: Store; sender: Sender; base: string; time: { now: number }; pass: (again?: number) => Promise<void>; item: (id: string) => Promise<Item> }

export async function phone(base: string, key: TestServer["key"]): Promise<Phone> {
  const store = freshStore();
  await store.setKv("receipt_keys", [key]);
  const time = { now: Date.parse("2026-05-06T02:00:00Z") };
  const make = () => new Sender(store, { changed: () => undefined, contact: () => undefined }, () => time.now, () => 0.5, (a) => ask({ ...a, path: base + a.path, timeout: 2000 }));
  const sender = make();
  const pass = async (times = 1) => {
    for (let i = 0; i < times; i++) {
      time.now += 20 * 60_000; // past every back-off
      await make().pass(me.id); // a new sender each time: as after a reload
    }
  };
  return { store, sender, base, time, pass, item: async (id) => (await store.get("outbox", id))! };
}

/** A finished draft with some photos, sealed. */
export async function sealed(p: Phone, photos = 2, change: Partial<Draft> = {}): Promise<Item> {
  const now = new Date(p.time.now++);
  const d: Draft = { ...newDraft(me, checklist, { agency_id: "ag", business_id: "", business: { name: "示例小吃店", uscc: "", address: "", kind: "household" }, matter: "food", notice_number: "", external_code: "", supervisor_ids: [], mode: "quick", method: "accompanied" }, now), ...change };
  d.answers.C01 = { code: "C01", result: "no", note: "被要求后才出示执法证件。", no_photo_reason: "", photos: [], corrected: false, at: now.toISOString() };
  for (let i = 0; i < photos; i++) {
    const bytes = new Uint8Array(2000).map((_, k) => (k * (i + 3) + n + p.time.now) % 251);
    bytes.set([0xff, 0xd8, 0xff, i]);
    const sum = await p.store.keepPhoto(bytes.buffer, null, "image/jpeg", now);
    d.photos[sum] = { sha256: sum, size: 2000, type: "image/jpeg", source: "camera", taken_at: now.toISOString(), place: null };
    d.answers.C01.photos.push(sum);
  }
  await p.store.put("drafts", d);
  return seal(p.store, d, me, "test", now);
}
export { sha256 };
