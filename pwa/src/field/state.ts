// What every page of the field app sees: who is logged in, what the phone holds, whether our server has been heard.
// Only what the first page needs is here; talking to the server is in engine.ts, loaded once the page stands.
import { computed, ref, shallowRef } from "vue";
import type { Draft, Me, Pack } from "../offline/types";
import { Store, type DraftRow, type ReceiptRow } from "../offline/db";
import { readDrafts } from "../offline/keep";
import { Lockbox, type LockState, type Recovery } from "../offline/lockbox";
import type { Item } from "../offline/outbox";
import { keptPack, sealKey, type Skew } from "../offline/pack";
import { readItems, readReceipts } from "../offline/queue";
import { freeTickets } from "../offline/tickets";
import { glanceOf, readGlance, writeGlance, type Glance } from "./glance";

const early = readGlance();
export const store = new Store();
export const box = new Lockbox(store);
/** Known before the database is open, so that a locked phone shows its lock first. */
export const lock = ref<LockState>(early?.pin ? "locked" : "none-set");
export const me = ref<Me | null>(early?.me ?? null);
export const pack = shallowRef<Pack | null>(null);
export const packAt = ref(early?.packAt ?? "");
const firstSight = shallowRef<Glance | null>(early);
/** What the first page shows: from the pack once it is read, before that from the last glance. */
export const glance = computed<Glance | null>(() => (pack.value && me.value ? glanceOf(me.value, pack.value, packAt.value, lock.value) : firstSight.value));
export const drafts = shallowRef<Draft[]>([]);
/** As they lie in the database: also while the phone is locked. */
export const draftRows = shallowRef<DraftRow[]>([]);
export const items = shallowRef<Item[]>([]);
export const receipts = shallowRef<ReceiptRow[]>([]);
export const ticketsLeft = ref(0);
export const skew = ref<Skew | null>(null);
export const needLogin = ref(false);
/** This phone may send for this person when the login has run out. */
export const deviceReady = ref(false);
/** The phone's own store has been read: before that nothing is said about what it holds. */
export const loaded = ref(false);
/** null: not asked yet. */
export const heard = ref<boolean | null>(null);
export const heardAt = ref(0);
export const fault = shallowRef<unknown>(null);
export const fetching = ref(false);

export const mine = computed(() => items.value.filter((i) => i.account_id === me.value?.id && i.state !== "sent"));
export const others = computed(() => items.value.filter((i) => i.account_id !== me.value?.id && i.state !== "sent"));
export const myDrafts = computed(() => drafts.value.filter((d) => d.account_id === me.value?.id).sort((a, b) => (a.changed_at < b.changed_at ? 1 : -1)));
export const photosHere = computed(() =>
  // Signatures are pictures too, but nobody counts them as photos; they are the only PNGs.
  new Set([...mine.value.flatMap((i) => i.photos.filter((p) => p.state !== "held" && p.type !== "image/png").map((p) => p.sha256)), ...myDrafts.value.flatMap((d) => Object.values(d.photos).filter((p) => p.source !== "signature").map((p) => p.sha256))]).size);

const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("suixing-field");
channel?.addEventListener("message", () => void reload());
export const tell = (): void => channel?.postMessage("changed");

/** reload reads the lists again from the phone's store. */
export async function reload(): Promise<void> {
  try {
    const [d, i, r] = await Promise.all([readDrafts(box), readItems(box), readReceipts(box)]);
    draftRows.value = d.rows;
    drafts.value = d.drafts;
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
  lock.value = s;
  if (s === "locked") drafts.value = [];
  if (loaded.value && was !== s) {
    remember();
    void reload();
  }
}

/** remember keeps a glance for the next opening. */
export function remember(): void {
  if (!me.value) return writeGlance(null);
  if (glance.value) writeGlance({ ...glance.value, me: me.value, pin: lock.value !== "none-set" });
  else writeGlance({ me: me.value, pin: lock.value !== "none-set", packAt: "", visits: [], agencies: {}, full: 36, quick: 12 });
}

export async function readPack(): Promise<void> {
  const kept = me.value ? await keptPack(store, me.value.id) : undefined;
  pack.value = kept?.pack ?? null;
  packAt.value = kept?.fetched_at ?? "";
  if (!kept) firstSight.value = null;
}
export async function countTickets(): Promise<void> {
  if (me.value) ticketsLeft.value = (await freeTickets(store, me.value.id)).length;
}
export async function lookDevice(): Promise<void> {
  const d = me.value ? await store.kv<{ secret: string; revoked: boolean }>(`device:${me.value.id}`) : undefined;
  deviceReady.value = !!d?.secret && !d.revoked;
}

/** recovery: what a forgotten PIN will be got over with; undefined before the phone has learnt the server's key. */
export async function recovery(): Promise<Recovery | undefined> {
  const key = await sealKey(store);
  const d = me.value ? await store.kv<{ id: string }>(`device:${me.value.id}`) : undefined;
  return key && d?.id && me.value ? { key, account_id: me.value.id, device_id: d.id } : undefined;
}

export type Why = "open" | "network" | "timer" | "login" | "tap" | "unlock";
const engine = () => import("./engine");
/** contact: say good day to the server, fetch what is new, send what is due. */
export const contact = async (why: Why): Promise<void> => (await engine()).contact(why);
/** adopt: this person is logged in. What waited for a login goes on. */
export const adopt = async (who: Me, asked: number): Promise<void> => (await engine()).adopt(who, asked);
/** freshen fetches lists and tickets; false when it could not. */
export const freshen = async (): Promise<boolean> => (await engine()).freshen();
/** unlocked: the PIN was entered; what can be read again is read, what waited for it goes on. */
export async function unlocked(): Promise<void> {
  await reload();
  void contact("unlock");
}
