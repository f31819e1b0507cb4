// The sender: takes what is due from the outbox, one request after the other, and writes every outcome down before
// the next request leaves. It can be killed at any point: what it left in `sending` is taken up again.
import type { Store } from "./db";
import { uuidv7 } from "./ids";
import { alone, type Held } from "./lock";
import { ask as askServer, ours, type Ask, type Reply } from "./net";
import { due, nextStep, settle, spent, wakes, again, type Item, type Outcome, type Step } from "./outbox";
import { knownKeys } from "./pack";
import type { Receipt } from "./types";

export interface Hooks {
  changed: (item: Item) => void;
  /** Our server spoke (true), or nobody we know did (false). */
  contact: (heard: boolean) => void;
}

export class Sender {
  private readonly owner = uuidv7();
  private running = false;
  constructor(
    private readonly store: Store,
    private readonly hooks: Hooks,
    private readonly now: () => number = () => Date.now(),
    private readonly random: () => number = Math.random,
    private readonly ask: (a: Ask) => Promise<Reply> = askServer,
  ) {}

  /** One pass over everything that is due for this account. False: another tab is at it. */
  async pass(account: string): Promise<boolean> {
    if (this.running) return false;
    this.running = true;
    try {
      return await alone(this.store, "suixing-send", this.owner, this.now, (h) => this.work(account, h));
    } finally {
      this.running = false;
    }
  }

  /** wake makes what waited for this event due at once. */
  async wake(event: "network" | "login", account: string): Promise<void> {
    for (const item of await this.store.all("outbox")) if (item.account_id === account && wakes(item, event)) await this.save(again(item));
  }

  private async work(account: string, held: Held): Promise<void> {
    const list = async () => (await this.store.all("outbox")).filter((i) => due(i, this.now(), account)).sort((a, b) => a.created_at - b.created_at);
    // The records first, they are small: the office learns what is on its way. Then photos, item by item.
    for (const item of await list()) if (!item.sheet_held) await this.one(item, nextStep(item), held);
    for (const first of await list()) {
      for (let item = first; due(item, this.now(), account); ) {
        const step = nextStep(item);
        if (step.do === "nothing") break;
        item = await this.one(item, step, held);
      }
    }
    await this.sweep();
  }

  private async one(item: Item, step: Step, held: Held): Promise<Item> {
    await held.renew();
    await this.save({ ...item, state: "sending", why: "", words: "" });
    const out = await this.request(item, step);
    if (out.kind !== "lost") this.hooks.contact(ours(out));
    const next = settle(item, step, out, this.now(), this.random());
    const good = out.kind === "answer" && out.receipt?.ok ? out.receipt : null;
    if (next.state === "sent" && good) await this.keepReceipt(next, good.receipt, good.received_at);
    else await this.save(next);
    return next;
  }

  private async request(item: Item, step: Step): Promise<Outcome> {
    if (step.do === "cancel") return this.cancel(item);
    if (step.do === "photo") {
      const row = await this.store.get("photos", step.sha256);
      if (!row || !(await this.store.photoIntact(step.sha256))) return { kind: "lost" };
      const out = await this.ask({ method: "PUT", path: `/api/photos/${step.sha256}`, body: row.bytes, type: row.type, timeout: 180_000 });
      // The last photo may bring the receipt along.
      const mine = out.kind === "answer" ? sheetsOf(out.json).find((s) => s.id === item.id && s.receipt) : undefined;
      return out.kind === "answer" && mine ? { ...out, receipt: await this.check(item, mine.receipt) } : out;
    }
    const sealed = await this.store.get("sealed", item.id);
    if (!sealed) return { kind: "lost" };
    const out = await this.ask({ method: "PUT", path: `/api/sheets/${item.id}`, body: sealed.bytes, type: "application/json", timeout: 60_000 });
    const receipt = out.kind === "answer" && out.status < 300 ? (out.json as { id?: unknown; receipt?: unknown } | null)?.receipt : null;
    return out.kind === "answer" && receipt ? { ...out, receipt: await this.check(item, receipt) } : out;
  }

  private async cancel(item: Item): Promise<Outcome> {
    const path = `/api/visits/${item.visit_id}`;
    const out = await this.ask({ method: "POST", path: `${path}/cancel`, body: JSON.stringify({ reason: item.text }), type: "application/json" });
    if (out.kind !== "answer") return out;
    if (out.status !== 409) return { ...out, done: out.status === 204 || ours(out) };
    // Perhaps the answer to our first try was lost: cancelled is what we wanted.
    const now = await this.ask({ method: "GET", path });
    const state = now.kind === "answer" && (now.json as { state?: string } | null)?.state;
    return state === "cancelled" ? { ...out, status: 200, done: true } : out;
  }

  private async check(item: Item, receipt: unknown) {
    const { verifyReceipt } = await import("./receipt"); // the bundled Ed25519 is not needed for the first page
    return verifyReceipt(receipt, { id: item.id, visit_id: item.visit_id, version: item.version, digest: item.digest, photos: item.photos }, await knownKeys(this.store));
  }

  private async save(item: Item): Promise<void> {
    await this.store.put("outbox", item);
    this.hooks.changed(item);
  }

  private async keepReceipt(item: Item, receipt: Receipt, received_at: string): Promise<void> {
    const row = { id: item.id, visit_id: item.visit_id, title: item.title, version: item.version, photos: item.photos.length, received_at, receipt };
    await this.store.write(["outbox", "receipts"], async (w) => {
      await w.put("receipts", row);
      await w.put("outbox", item);
    });
    this.hooks.changed(item);
  }

  /** sweep frees what was received more than seven days ago, and photos that nothing refers to any more. */
  async sweep(): Promise<void> {
    await this.store.write(["drafts", "outbox", "sealed", "photos", "receipts"], async (w) => {
      const kept = new Set<string>();
      for (const d of await w.all("drafts")) Object.keys(d.photos).forEach((p) => kept.add(p));
      for (const item of await w.all("outbox")) {
        const receipted = item.kind === "cancel" || !!(await w.get("receipts", item.id));
        if (!spent(item, this.now()) || !receipted) item.photos.forEach((p) => kept.add(p.sha256));
        else {
          await w.drop("sealed", item.id);
          await w.drop("outbox", item.id);
        }
      }
      const dayAgo = new Date(this.now() - 24 * 3600_000).toISOString();
      for (const p of await w.all("photos")) if (!kept.has(p.sha256) && p.saved_at < dayAgo) await w.drop("photos", p.sha256);
    });
  }
}

interface SheetState { id?: string; receipt?: unknown }
const sheetsOf = (j: unknown): SheetState[] => {
  const s = (j as { sheets?: unknown } | null)?.sheets;
  return Array.isArray(s) ? (s as SheetState[]) : [];
};
