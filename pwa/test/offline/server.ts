// A server for the tests: opens real envelopes, signs real receipts, knows logins and devices, and can be told to
// misbehave. It is not the product's server (that one is tested in Go, and by the storm): it is small enough to be
// made wrong in every way a phone must survive.
import { createHash, createPublicKey, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { openEnvelope } from "./open";

export interface Fault { status?: number; body?: string; type?: string; cut?: boolean; after?: boolean; hang?: boolean; headers?: Record<string, string> }
/** Says what a request shall meet: nothing, an answer before the deed, a cut before it, or a cut after it. */
export type Weather = (method: string, path: string, nth: number) => Fault | undefined;

const sum = (b: Buffer) => createHash("sha256").update(b).digest("hex");
const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
const sealRaw = createPublicKey(pair.privateKey).export({ type: "spki", format: "der" }).subarray(-65);

export class TestServer {
  readonly photos = new Map<string, Buffer>();
  readonly sheets = new Map<string, Buffer>();
  readonly writes: string[] = [];
  /** Every request: method, path, and by which credential. */
  readonly log: string[] = [];
  /** The bytes of each PUT as they came over the wire. */
  readonly wire = new Map<string, Buffer[]>();
  weather: Weather = () => undefined;
  forge: (body: Record<string, unknown>) => Record<string, unknown> = (b) => b;
  /** Logged in, or is the session over? */
  session = true;
  /** What the person owes before anything else: must_change or totp_setup. */
  owes = "";
  devices = new Map<string, { secret: string; revoked?: boolean }>();
  /** What the office decided on a quarantined sheet. */
  held = new Map<string, "held" | "kept" | "refused">();
  /** A conflict settled for the other bytes: they live on under another id and version. */
  adopted = new Map<string, { id: string; version: number }>();
  reports: Record<string, unknown>[] = [];
  wanted: string[] = [];
  refusedIds: string[] = [];
  /** Tickets given out that open a form, and what the orders for them said. */
  tickets = new Set<string>();
  orders: { count: number; device_id?: string }[] = [];
  pack: unknown = null;
  time = Date.parse("2026-05-06T10:00:00Z");
  private readonly keys = generateKeyPairSync("ed25519");
  signer: KeyObject = this.keys.privateKey;
  readonly key = { id: "k1", algorithm: "ed25519", public: this.keys.publicKey.export({ type: "spki", format: "der" }).subarray(12).toString("base64") };
  readonly sealPem = pair.privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  readonly sealKey = { id: sum(sealRaw).slice(0, 16), algorithm: "hpke-p256-aes256gcm", public: sealRaw.toString("base64") };
  private http!: Server;
  private n = 0;

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
    try {
      for await (const c of q) chunks.push(c as Buffer);
    } catch {
      return; // the phone went away in the middle of an upload
    }
    const path = q.url!;
    const f = this.weather(q.method!, path, ++this.n);
    if (f && !f.after) return this.misbehave(f, r);
    const [status, json] = await this.allowed(q, path, Buffer.concat(chunks));
    if (f) return this.misbehave(f, r); // the deed is done, the answer is lost
    r.writeHead(status, { "Content-Type": status < 400 ? "application/json" : "application/problem+json" }).end(JSON.stringify(json));
  }
  private misbehave(f: Fault, r: ServerResponse): void {
    if (f.hang) return;
    if (f.cut) return void r.destroy();
    r.writeHead(f.status ?? 200, { "Content-Type": f.type ?? "application/problem+json", ...f.headers }).end(f.body ?? JSON.stringify({ detail: "不行。" }));
  }

  private async allowed(q: IncomingMessage, path: string, body: Buffer): Promise<[number, unknown]> {
    const secret = /^Device (.+)$/.exec(q.headers.authorization ?? "")?.[1];
    const device = secret ? [...this.devices].find(([, d]) => d.secret === secret) : undefined;
    this.log.push(`${q.method} ${path} ${secret ? "device" : "session"}`);
    if (secret && !device) return [401, { code: "device_revoked", detail: "这部手机的凭据已停用。" }];
    if (!secret && this.owes) return [403, { code: this.owes, detail: "请先在登录安全里设好动态验证码。" }];
    if (!secret && !this.session) return [401, { code: "signed_out", detail: "请登录。" }];
    if (secret && !/^(PUT \/api\/(sheets|photos)\/|POST \/api\/(visits\/[^/]+\/cancel|field\/contact))/.test(`${q.method} ${path}`)) return [403, { code: "device_only", detail: "只能送记录。" }];
    return this.serve(q.method!, path, body, q.headers["content-type"] ?? "", !!device?.[1].revoked);
  }

  private async serve(method: string, path: string, raw: Buffer, type: string, revoked: boolean): Promise<[number, unknown]> {
    const id = path.split("/").pop()!;
    if (method === "GET" && path === "/api/session") return [200, { id: "acc-1", server_time: new Date(this.time).toISOString() }];
    if (path === "/api/devices") return this.enrol(JSON.parse(raw.toString()) as { id: string });
    if (path === "/api/field/contact") return this.contact(JSON.parse(raw.toString()) as Record<string, unknown>);
    if (path === "/api/tickets") return this.issue(JSON.parse(raw.toString()) as { count: number });
    if (path === "/api/field/pack") return [200, this.pack];
    if (path.endsWith("/cancel")) return [200, { id: path.split("/")[3], state: "cancelled" }];
    if (method === "GET") return [200, { id, state: "cancelled" }];
    this.wire.set(id, [...(this.wire.get(id) ?? []), raw]);
    const body = await this.plain(path, id, raw, type);
    if (!body) return [422, { code: "sealed", detail: "打不开。" }];
    if (path.startsWith("/api/photos/")) return this.photo(id, body);
    if (revoked && !this.sheets.has(id) && this.held.get(id) !== "kept") return this.hold(id);
    return this.sheet(id, body);
  }

  private async plain(path: string, id: string, raw: Buffer, type: string): Promise<Buffer | null> {
    if (!type.startsWith("application/vnd.suixing.sealed")) return raw;
    const kind = path.startsWith("/api/photos/") ? "photo" : "sheet";
    return openEnvelope(this.sealPem, `suixing/sealed/1/${kind}:${id}`, raw).catch(() => null);
  }

  private enrol({ id }: { id: string }): [number, unknown] {
    if (this.devices.get(id)?.revoked) return [409, { code: "device_revoked", detail: "已挂失。" }];
    const secret = `s-${this.devices.size}-${Math.random()}`;
    this.devices.set(id, { secret });
    return [201, { id, secret }];
  }
  private issue(order: { count: number; device_id?: string }): [number, unknown] {
    this.orders.push(order);
    const items = Array.from({ length: order.count }, () => ({ id: crypto.randomUUID(), short: "暗码四个字", qr_png: "cG5n" })).map((t) => ({ ...t, url: `https://sx.example/f/${t.id}` }));
    items.forEach((t) => this.tickets.add(t.id));
    return [200, { items }];
  }
  private contact(r: Record<string, unknown>): [number, unknown] {
    this.reports.push(r);
    const discarded = (r.discarded as { id: string }[]).map((d) => d.id);
    const lost = (r.receipts as { id: string }[]).map((x) => x.id).filter((x) => ![...this.sheets.keys(), ...[...this.adopted.values()].map((a) => a.id)].includes(x));
    return [200, { server_time: new Date(this.time).toISOString(), wanted: [...this.wanted, ...lost], forgotten: discarded, held: [...this.held].filter(([, v]) => v === "held").map(([k]) => k), refused: this.refusedIds, tickets_gone: ((r.tickets ?? []) as string[]).filter((id) => !this.tickets.has(id)) }];
  }
  private hold(id: string): [number, unknown] {
    if (this.held.get(id) === "refused") return [409, { code: "held_refused", detail: "司法所核实后没有采用这份记录。" }];
    this.held.set(id, "held");
    return [202, { id, state: "held", code: "held_for_office", why: "device_revoked" }];
  }

  private photo(id: string, body: Buffer): [number, unknown] {
    if (sum(body) !== id) return [422, { detail: "校验码不一致。" }];
    this.writes.push(`photo ${id.slice(0, 6)}`);
    this.photos.set(id, body);
    return [201, { sha256: id, size: body.length, media_type: "image/jpeg", sheets: [] }];
  }
  private sheet(id: string, body: Buffer): [number, unknown] {
    const had = this.sheets.get(id);
    const as = this.adopted.get(id);
    if (as) return [200, { ...this.standing(as.id, body, as.version), as: { ...as, digest: sum(body) } }];
    if (had && !had.equals(body)) return [409, { code: "sheet_conflict", detail: "两份都已留存。" }];
    if (!had) this.writes.push(`sheet ${id}`);
    this.sheets.set(id, body);
    return [had ? 200 : 201, this.standing(id, body)];
  }
  private standing(id: string, raw: Buffer, version?: number) {
    const s = JSON.parse(raw.toString()) as { visit_id: string; version: number; photos: { sha256: string; size: number }[] };
    const missing = s.photos.map((p) => p.sha256).filter((p) => !this.photos.has(p));
    if (missing.length) return { id, state: "waiting", missing, visit_number: "BS", receipt: null };
    const said = this.forge({ v: 1, code: "HZ-8F2K-41QD-7MXA", sheet_id: id, visit_id: s.visit_id, version: version ?? s.version, digest: sum(raw),
      photos: s.photos.map(({ sha256, size }) => ({ sha256, size })).sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1)), received_at: new Date(this.time).toISOString() });
    const bytes = Buffer.from(JSON.stringify(said));
    return { id, state: "complete", missing: [], visit_number: "BS", receipt: { code: said.code, key_id: "k1", algorithm: "ed25519", body: bytes.toString("base64"), signature: sign(null, bytes, this.signer).toString("base64") } };
  }
}
