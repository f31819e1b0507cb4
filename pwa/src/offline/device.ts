// The phone's own credential: it can only submit, does not run out with the login, and the office can revoke it.
import type { Store } from "./db";
import { uuidv7 } from "./ids";
import { ask as askServer, type Ask, type Reply } from "./net";

/** held: reported lost; what it sends is taken for the office to look at. dead: not known any more. Both get a new one at the next login. */
export interface Device { id: string; account_id: string; secret: string; name: string; state: "good" | "held" | "dead" }

const key = (account: string): string => `device:${account}`;
export const deviceOf = async (store: Store, account: string): Promise<Device | null> => (await store.kv<Device>(key(account))) ?? null;

/** devices: every account that this phone may submit for, with its credential. */
export async function devices(store: Store): Promise<Map<string, Device>> {
  const out = new Map<string, Device>();
  for (const k of await store.keys("kv")) {
    const d = k.startsWith("device:") ? await store.kv<Device>(k) : undefined;
    if (d?.secret && d.state !== "dead") out.set(d.account_id, d);
  }
  return out;
}

export type Registered = { device: Device } | { device: null; why: "offline" | "login" | "taken" | "refused" };

/**
 * registerDevice asks for a credential where this account has none on this phone. Needs a login. The id is kept before
 * the request leaves, so that a lost answer is asked for again under the same id.
 */
export async function registerDevice(store: Store, account: string, name: string, ask: (a: Ask) => Promise<Reply> = askServer): Promise<Registered> {
  let d = await deviceOf(store, account);
  if (d?.secret && d.state === "good") return { device: d };
  for (let attempt = 0; ; attempt++) {
    // Not stored over the old one before there is a new one: the old one may still send into quarantine.
    if (!d || d.state !== "good") d = { id: uuidv7(), account_id: account, secret: "", name, state: "good" };
    if (!(await deviceOf(store, account))?.secret) await store.setKv(key(account), d);
    const r = await ask({ method: "POST", path: "/api/devices", type: "application/json", body: JSON.stringify({ id: d.id, name }) });
    if (r.kind !== "answer") return { device: null, why: "offline" };
    const j = r.json as { id?: unknown; secret?: unknown } | null;
    if ((r.status === 200 || r.status === 201) && j?.id === d.id && typeof j.secret === "string" && j.secret) {
      d = { ...d, secret: j.secret };
      await store.setKv(key(account), d);
      return { device: d };
    }
    if (r.status === 401) return { device: null, why: "login" };
    if (r.status !== 409) return { device: null, why: j === null ? "offline" : "refused" };
    if (attempt > 0) return { device: null, why: "taken" };
    d = null; // revoked under this id, or another account's: a new one
  }
}

/** noteState: the server does not trust this credential any more; the next login gets a new one. */
export async function noteState(store: Store, account: string, state: "held" | "dead"): Promise<void> {
  const d = await deviceOf(store, account);
  if (d && d.state !== state) await store.setKv(key(account), { ...d, state });
}

/** Credentials of one pass: the login first where it is this account's, the device where the login has run out. */
export class Wallet {
  private sessionOver = false;
  constructor(private readonly store: Store, readonly account: string, private readonly known: Map<string, Device>, private readonly ask: (a: Ask) => Promise<Reply>) {}

  static async open(store: Store, account: string, ask: (a: Ask) => Promise<Reply>): Promise<Wallet> {
    return new Wallet(store, account, await devices(store), ask);
  }
  get accounts(): string[] {
    return [...new Set([this.account, ...this.known.keys()])].filter(Boolean);
  }

  /** submit sends for an account: never under another's name. */
  async submit(account: string, a: Ask): Promise<Reply> {
    const device = this.known.get(account);
    if (account === this.account && !(this.sessionOver && device)) {
      const r = await this.ask(a);
      if (!(unauthenticated(r) || owing(r)) || !device) return r;
      this.sessionOver = true;
    }
    if (!device) return { kind: "nobody" };
    const r = await this.ask({ ...a, device: device.secret });
    if (r.kind === "answer" && r.status === 202) await noteState(this.store, account, "held");
    if (unauthenticated(r)) {
      this.known.delete(account);
      await noteState(this.store, account, "dead");
    }
    return r;
  }
}

/** owing: the person has to change the password or set up a second factor first; the phone's own credential owes nothing. */
const owing = (r: Reply): boolean => r.kind === "answer" && r.status === 403 && ["must_change", "totp_setup"].includes(String((r.json as { code?: unknown } | null)?.code));

/** A 401 of our server names a code of ours; that of a gate in between, JSON or not, says nothing about us. */
const unauthenticated = (r: Reply): boolean =>
  r.kind === "answer" && r.status === 401 && ["signed_out", "device_revoked"].includes(String((r.json as { code?: unknown } | null)?.code));
