// The phone's own store as the pages see it: one connection, one lockbox, and the lists read from them.
import { Store } from "../offline/db";
import { readDrafts } from "../offline/keep";
import { Lockbox, type LockState, type Recovery } from "../offline/lockbox";
import { keptPack, sealKey, type Skew } from "../offline/pack";
import { readItems, readReceipts } from "../offline/queue";
import { freeTickets, ticketFault } from "../offline/tickets";
import type { Me } from "../offline/types";
import { brokenDrafts, contact, deviceReady, draftRows, drafts, fault, firstSight, heardAt, items, loaded, lock, me, pack, packAt, receipts, remember, skew, ticketsLeft, ticketsWhy } from "./state";

export const store = new Store();
export const box = new Lockbox(store);

/** reload reads the lists again from the phone's store. */
export async function reload(): Promise<void> {
  try {
    const [d, i, r] = await Promise.all([readDrafts(box), readItems(box), readReceipts(box)]);
    draftRows.value = d.rows;
    drafts.value = d.drafts;
    brokenDrafts.value = d.broken;
    items.value = i;
    receipts.value = r.sort((a, b) => (a.received_at < b.received_at ? 1 : -1));
    fault.value = null;
  } catch (e) {
    fault.value = e;
  }
}

/** boot reads what the phone holds; it asks no server and never fails. */
export async function boot(): Promise<void> {
  box.onChange(locked);
  try {
    const [kept, at, off] = await Promise.all([store.kv<Me>("me"), store.kv<number>("heard_at"), store.kv<Skew>("skew"), box.ready()]);
    me.value = kept ?? null;
    heardAt.value = at ?? 0;
    skew.value = off ?? null;
    await Promise.all([reload(), readPack(), countTickets(), lookDevice()]);
  } catch (e) {
    fault.value = e;
  }
  loaded.value = true;
  remember();
}

function locked(s: LockState): void {
  const was = lock.value;
  if (was === "locked" && s !== "locked" && loaded.value) {
    // What lay under the key is read before the pages stand again, so that none says that there is nothing.
    void Promise.all([readPack(), reload()]).catch(() => undefined).then(() => {
      lock.value = box.state;
      remember();
    });
    return;
  }
  lock.value = s;
  if (s === "locked") {
    drafts.value = [];
    pack.value = firstSight.value = null;
  }
  if (loaded.value && was !== s) {
    remember();
    void reload();
  }
}

export async function readPack(): Promise<void> {
  const kept = me.value ? await keptPack(box, me.value.id) : undefined;
  pack.value = kept?.pack ?? null;
  packAt.value = kept?.fetched_at ?? "";
  if (!kept) firstSight.value = null;
}
export async function countTickets(): Promise<void> {
  if (!me.value) return;
  ticketsLeft.value = (await freeTickets(store, me.value.id)).length;
  ticketsWhy.value = await ticketFault(store, me.value.id);
}
export async function lookDevice(): Promise<void> {
  const d = me.value ? await store.kv<{ secret: string; state: string }>(`device:${me.value.id}`) : undefined;
  deviceReady.value = !!d?.secret && d.state === "good";
}

/** recovery: what a forgotten PIN will be got over with; undefined before the phone has learnt the server's key. */
export async function recovery(): Promise<Recovery | undefined> {
  const key = await sealKey(store);
  const d = me.value ? await store.kv<{ id: string }>(`device:${me.value.id}`) : undefined;
  return key && d?.id && me.value ? { key, account_id: me.value.id, device_id: d.id } : undefined;
}

/** unlocked: the PIN was entered; what can be read again is read, what waited for it goes on. */
export async function unlocked(): Promise<void> {
  await reload();
  void contact("unlock");
}
