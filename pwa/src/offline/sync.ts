// The sender: takes what is due from the outbox, one request after the other, and writes every outcome down before
// the next request leaves. It can be killed at any point: what it left in `sending` is taken up again.
import { Wallet } from "./device";
import { sealedType } from "./envelope";
import { sha256, uuidv7 } from "./ids";
import { Unreadable, type Lockbox } from "./lockbox";
import { alone, type Held } from "./lock";
import { ask as askServer, ours, type Ask, type Reply } from "./net";
import { adopted, due, forLogin, nextStep, settle, spent, type As, type Event, type Item, type Outcome, type Step } from "./outbox";
import { knownKeys, serverSeen } from "./pack";
import { change, inUse, reasonOf, wake } from "./queue";
import type { Receipt } from "./types";

export interface Hooks {
  changed: (item: Item) => void;
  /** Our server spoke (true), or nobody we know did (false). */
  contact: (heard: boolean) => void;
}

export class Sender {
  private readonly owner = uuidv7();
  private running = false;
  /** The first fault of the phone itself in this pass: told when everything else has had its turn. */
  private fault: unknown = null;
  private readonly store;
  private wallet!: Wallet;
  constructor(
    private readonly box: Lockbox,
    private readonly hooks: Hooks,
    private readonly now: () => number = () => Date.now(),
    private readonly random: () => number = Math.random,
    private readonly ask: (a: Ask) => Promise<Reply> = askServer,
  ) {
    this.store = box.store;
  }

  /**
   * One pass over everything that is due: for the account that is logged in ("" for nobody), and for every account that
   * this phone holds a credential of. False: another tab is at it. What the phone could not read or write is thrown at
   * the end: it holds up neither the other items nor what can still be sent.
   */
  async pass(account: string): Promise<boolean> {
    if (this.running) return false;
    this.running = true;
    this.fault = null;
    try {
      const did = await alone(this.store, "suixing-send", this.owner, this.now, (h) => this.work(account, h));
      if (this.fault) throw this.fault;
      return did;
    } finally {
      this.running = false;
    }
  }

  /** wake makes what waited for this event due at once. */
  async wake(event: Event, account: string): Promise<void> {
    const { accounts } = await Wallet.open(this.store, account, this.ask);
    (await wake(this.store, event, accounts)).forEach((i) => this.hooks.changed(i));
  }

  private async work(account: string, held: Held): Promise<void> {
    this.wallet = await Wallet.open(this.store, account, this.ask);
    const { accounts } = this.wallet;
    for (const i of await this.store.all("outbox")) if (!accounts.includes(i.account_id) && forLogin(i) !== i) await this.save(i.id, forLogin).catch((e: unknown) => this.note(e));
    const list = async () => (await this.store.all("outbox")).filter((i) => due(i, this.now(), accounts)).sort((a, b) => a.created_at - b.created_at);
    // The records first, they are small: the office learns what is on its way. Then photos, item by item.
    for (const item of await list()) if (!item.sheet_held) await this.one(item, nextStep(item), held);
    for (const first of await list()) {
      for (let item: Item | undefined = first; item && due(item, this.now(), accounts); ) {
        const step = nextStep(item);
        if (step.do === "nothing") break;
        item = await this.one(item, step, held);
      }
    }
    await this.sweep().catch((e: unknown) => this.note(e));
  }

  private note(e: unknown): undefined {
    this.fault ??= e;
    return undefined;
  }

  /** one step of one item. Undefined: a person gave the item up meanwhile. */
  private async one(item: Item, step: Step, held: Held): Promise<Item | undefined> {
    await held.renew().catch((e: unknown) => this.note(e));
    // A full phone cannot even note that it sends; it sends all the same, for that is what makes room.
    const going = await this.save(item.id, (i) => (i.state === "sent" ? i : { ...i, state: "sending", why: "", words: "" })).catch((e: unknown) => {
      this.note(e);
      return item;
    });
    if (!going || going.state === "sent") return undefined;
    const out = await this.request(going, step).catch((e: unknown): Outcome => {
      this.note(e);
      return { kind: "broken" };
    });
    if (out.kind !== "lost" && out.kind !== "locked" && out.kind !== "broken") this.hooks.contact(ours(out));
    const good = out.kind === "answer" && out.receipt?.ok ? out.receipt : null;
    const after = (i: Item) => settle(i, step, out, this.now(), this.random());
    const kept = good ? this.keepReceipt(going, after, good.receipt, good.received_at) : this.save(item.id, after);
    return kept.catch((e: unknown) => this.note(e));
  }

  private async request(item: Item, step: Step): Promise<Outcome> {
    const server_now = await serverSeen(this.store);
    if (step.do === "cancel") return this.cancel(item, server_now);
    const body = await this.bytes(item, step.do === "photo" ? step.sha256 : item.id);
    if (!body) return { kind: "lost" };
    if (step.do === "photo") {
      const out = await this.wallet.submit(item.account_id, { method: "PUT", path: `/api/photos/${step.sha256}`, body: body.bytes, type: body.type, timeout: 180_000 });
      if (out.kind !== "answer") return out;
      // The last photo may bring the receipt along.
      const mine = sheetsOf(out.json).find((s) => (s.id === item.id || s.id === item.as?.id) && s.receipt);
      return { ...out, server_now, ...(mine ? { receipt: await this.check(item, item.as, mine.receipt) } : {}) };
    }
    const out = await this.wallet.submit(item.account_id, { method: "PUT", path: `/api/sheets/${item.id}`, body: body.bytes, type: body.type, timeout: 60_000 });
    if (out.kind !== "answer") return out;
    const receipt = out.status < 300 ? (out.json as { receipt?: unknown } | null)?.receipt : null;
    return { ...out, server_now, ...(receipt ? { receipt: await this.check(item, adopted(item, out.json), receipt) } : {}) };
  }

  /** bytes: what is sent for a sheet or photo, after a look whether they are still what was written; null when not. */
  private async bytes(item: Item, id: string): Promise<{ bytes: ArrayBuffer; type: string } | null> {
    const row = await this.store.get("sealed", id);
    if (row && row.bytes instanceof ArrayBuffer && (await sha256(row.bytes)) === row.sum)
      return { bytes: row.bytes, type: row.form === "plain" ? row.type : row.kind === "sheet" ? sealedType : `${sealedType}; type="${row.type}"` };
    const photo = id === item.id ? undefined : await this.store.get("photos", id);
    if (!photo) return null;
    // Not under the server's key yet: an earlier version sealed it, and no key has come since.
    const bytes = await this.box.unwrap(photo.bytes).catch((e: unknown) => {
      if (e instanceof Unreadable) return null;
      throw e;
    });
    return bytes && (await sha256(bytes)) === id ? { bytes, type: photo.type } : null;
  }

  private async cancel(item: Item, server_now: number): Promise<Outcome> {
    const reason = await reasonOf(this.box, item);
    if (reason === null || reason === undefined) return { kind: reason === null ? "locked" : "lost" };
    const path = `/api/visits/${item.visit_id}`;
    const out = await this.wallet.submit(item.account_id, { method: "POST", path: `${path}/cancel`, body: JSON.stringify({ reason }), type: "application/json" });
    if (out.kind !== "answer") return out;
    if (out.status !== 409) return { ...out, server_now, done: out.status === 204 || (out.status < 300 && ours(out)) };
    // Perhaps the answer to our first try was lost: cancelled is what we wanted.
    const now = await this.ask({ method: "GET", path });
    const state = now.kind === "answer" && (now.json as { state?: string } | null)?.state;
    return state === "cancelled" ? { ...out, server_now, status: 200, done: true } : out;
  }

  private async check(item: Item, as: As | null, receipt: unknown) {
    const { verifyReceipt } = await import("./receipt"); // the bundled curves are not needed for the first page
    const want = { id: as?.id ?? item.id, visit_id: item.visit_id, version: as?.version ?? item.version, digest: item.digest, photos: item.photos };
    return verifyReceipt(receipt, want, await knownKeys(this.store));
  }

  private async save(id: string, f: (i: Item) => Item): Promise<Item | undefined> {
    const item = await change(this.store, id, f);
    if (item) this.hooks.changed(item);
    return item;
  }

  /** keepReceipt: the receipt and the item's end in one step. It is kept also when the item was given up meanwhile. */
  private async keepReceipt(item: Item, f: (i: Item) => Item, receipt: Receipt, received_at: string): Promise<Item | undefined> {
    let next: Item | undefined;
    await this.store.write(["outbox", "receipts"], async (w) => {
      const now = await w.get("outbox", item.id);
      const before = await w.get("receipts", item.id);
      next = now && f(now);
      if (next) await w.put("outbox", next);
      const earlier = before && before.receipt.code !== receipt.code ? [...(before.earlier ?? []), before.receipt] : before?.earlier;
      await w.put("receipts", {
        id: item.id, account_id: item.account_id, visit_id: item.visit_id, title: item.title, label: item.label, version: next?.as?.version ?? item.version,
        photos: item.photos.length, received_at, receipt, ...(earlier?.length ? { earlier } : {}),
      });
    });
    if (next) this.hooks.changed(next);
    return next;
  }

  /** sweep frees what was received more than seven days ago by the server's clock, and bytes that nothing refers to any more. */
  async sweep(): Promise<void> {
    const seen = await serverSeen(this.store);
    const dayAgo = new Date(this.now() - 24 * 3600_000).toISOString();
    await this.store.write(["drafts", "outbox", "sealed", "photos", "receipts", "kv"], async (w) => {
      const spentOnes: Item[] = [];
      for (const i of await w.all("outbox")) {
        if (i.state === "sent" && !i.received_at && seen) await w.put("outbox", { ...i, received_at: seen });
        else if (spent(i, seen) && (i.kind === "cancel" || (await w.get("receipts", i.id)))) spentOnes.push(i);
      }
      for (const i of spentOnes) await w.drop("outbox", i.id);
      const used = await inUse(w);
      const free = new Set(spentOnes.flatMap((i) => [i.id, ...i.photos.map((p) => p.sha256)]));
      const last = (await w.get("kv", "orphans"))?.value as { owner: string; ids: string[] } | undefined;
      const orphans: string[] = [];
      for (const store of ["sealed", "photos"] as const)
        for (const id of await w.keys(store)) {
          if (used.has(id)) continue;
          // A photo is stored a moment before its draft speaks of it. The clock alone may lie, so an orphan goes only
          // when an earlier page saw it as one too.
          const old = last && last.owner !== this.owner && last.ids.includes(id) && ((await w.get(store, id))?.saved_at ?? "") < dayAgo;
          if (free.has(id) || old) await w.drop(store, id);
          else orphans.push(id);
        }
      if (orphans.length || last?.ids.length) await w.put("kv", { key: "orphans", value: { owner: last && last.ids.join() === orphans.join() ? last.owner : this.owner, ids: orphans } });
    });
  }
}

interface SheetState { id?: string; receipt?: unknown }
const sheetsOf = (j: unknown): SheetState[] => {
  const s = (j as { sheets?: unknown } | null)?.sheets;
  return Array.isArray(s) ? (s as SheetState[]) : [];
};
