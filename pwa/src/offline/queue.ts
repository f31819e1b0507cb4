// The outbox as it lies in the database: every change reads the row and writes it in one transaction, so that a tap, a
// second tab and the sender never undo each other. Titles stand under the draft key.
import type { Discard, ReceiptRow, Store, Writer } from "./db";
import { Locked, Unreadable, type Lockbox } from "./lockbox";
import { again, blankItem, wakes, type Event, type Item } from "./outbox";
import type { Me } from "./types";

export interface Label { title: string; text: string }

/** labelled puts title and text of an item under the draft key; they stay in the clear only where there is no key. */
export async function labelled(box: Lockbox, item: Item, l: Label): Promise<Item> {
  const label = await box.wrapJson(l);
  return label ? { ...item, label, title: "", text: "" } : { ...item, label: null, ...l };
}

/** readLabel: title and text, or empty ones while the phone is locked. */
async function readLabel(box: Lockbox, i: { label: Item["label"]; title: string; text?: string }): Promise<Label> {
  const kept = { title: i.title, text: i.text ?? "" };
  if (!i.label) return kept;
  try {
    return await box.unwrapJson<Label>(i.label);
  } catch (e) {
    if (e instanceof Locked || e instanceof Unreadable) return kept;
    throw e;
  }
}

/** readItems: the outbox for showing, with titles where the phone is open. Never write these back: use `change`. */
export async function readItems(box: Lockbox): Promise<Item[]> {
  return Promise.all((await box.store.all("outbox")).map(async (i) => ({ ...i, ...(await readLabel(box, i)) })));
}
export async function readReceipts(box: Lockbox): Promise<ReceiptRow[]> {
  return Promise.all((await box.store.all("receipts")).map(async (r) => ({ ...r, title: (await readLabel(box, r)).title })));
}

/** told: what was given up with its reasons, for the server; null while the phone is locked. */
export async function told(box: Lockbox, account: string): Promise<{ id: string; at: string; reason: string }[] | null> {
  const out: { id: string; at: string; reason: string }[] = [];
  for (const d of await box.store.all("discards")) {
    if (d.account_id !== account) continue;
    if (d.label && (await box.ready()) === "locked") return null;
    out.push({ id: d.id, at: d.at, reason: (await readLabel(box, { label: d.label, title: "", text: d.reason })).text });
  }
  return out;
}

/** change applies a pure change to an item as it lies there now. Undefined: it is not there any more. */
export async function change(store: Store, id: string, f: (i: Item) => Item): Promise<Item | undefined> {
  let next: Item | undefined;
  await store.write(["outbox"], async (w) => {
    const item = await w.get("outbox", id);
    next = item && f(item);
    if (next) await w.put("outbox", next);
  });
  return next;
}

/** retry: the person taps 重新发送. Every wait is over. */
export const retry = (store: Store, id: string): Promise<Item | undefined> => change(store, id, again);
/** retryAll: 现在发送 ends every wait of these accounts, also those of the back-off. What waits for a login goes on waiting. */
export async function retryAll(store: Store, accounts: readonly string[]): Promise<void> {
  for (const i of await store.all("outbox"))
    if (accounts.includes(i.account_id) && (i.state === "held" || (i.state === "waiting" && !wakes(i, "login") && !wakes(i, "unlock")))) await change(store, i.id, again);
}
/** wake makes what waited for this event due at once. */
export async function wake(store: Store, event: Event, accounts: readonly string[]): Promise<Item[]> {
  const out: Item[] = [];
  for (const i of await store.all("outbox")) {
    const woken = accounts.includes(i.account_id) && wakes(i, event) ? await change(store, i.id, (x) => (wakes(x, event) ? again(x) : x)) : undefined;
    if (woken) out.push(woken);
  }
  return out;
}

/** addCancel: a planned visit that will not take place, through the outbox like everything else. */
export async function addCancel(box: Lockbox, id: string, visit: { id: string; title: string; day: string }, me: Me, reason: string, now: Date): Promise<Item> {
  const bare: Item = { ...blankItem, id, kind: "cancel", account_id: me.id, account_name: me.name, day: visit.day, visit_id: visit.id, sheet_held: true, created_at: now.getTime() };
  const item = await labelled(box, bare, { title: visit.title, text: reason });
  await box.store.put("outbox", item);
  return item;
}
/** reasonOf a cancellation: null while the phone is locked, undefined when its key is lost. */
export async function reasonOf(box: Lockbox, item: Item): Promise<string | null | undefined> {
  if (!item.label) return item.text;
  return box.unwrapJson<Label>(item.label).then((l) => l.text, (e: unknown) => {
    if (e instanceof Locked) return null;
    if (e instanceof Unreadable) return undefined;
    throw e;
  });
}

/**
 * discard gives up what was not received, by a person's hand. What stays is a tombstone that the server is told of.
 * False: it has been received meanwhile, or is not there.
 */
export async function discard(box: Lockbox, id: string, reason: string, now: Date): Promise<boolean> {
  const { store } = box;
  const text = reason.trim().slice(0, 200);
  const label = await box.wrapJson({ title: "", text } satisfies Label);
  let done = false;
  await store.write(["outbox", "sealed", "photos", "drafts", "discards"], async (w) => {
    const item = await w.get("outbox", id);
    done = !!item && item.state !== "sent";
    if (!item || !done) return;
    const row: Discard = { id, account_id: item.account_id, at: now.toISOString(), reason: label ? "" : text, label, kind: item.kind, visit_id: item.visit_id };
    await w.put("discards", row);
    await w.drop("outbox", id);
    await w.drop("sealed", id);
    const used = await inUse(w);
    for (const p of item.photos) {
      if (used.has(p.sha256)) continue;
      await w.drop("sealed", p.sha256);
      await w.drop("photos", p.sha256);
    }
  });
  return done;
}

/** inUse: every sheet and photo that a draft or an item of the outbox speaks of. */
export async function inUse(w: Writer, freed: (i: Item) => boolean = () => false): Promise<Set<string>> {
  const used = new Set<string>();
  for (const d of await w.all("drafts")) [d.id, ...d.photos].forEach((x) => used.add(x));
  for (const i of await w.all("outbox")) if (!freed(i)) [i.id, ...i.photos.map((p) => p.sha256)].forEach((x) => used.add(x));
  return used;
}
