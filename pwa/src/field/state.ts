// What every page of the field app sees: who is logged in, what the phone holds, whether our server has been heard.
import { computed, ref, shallowRef } from "vue";
import { Store } from "../offline/db";
import { ask, ours } from "../offline/net";
import type { Item } from "../offline/outbox";
import { keptPack, noteClock, refreshPack, type Skew } from "../offline/pack";
import { Sender } from "../offline/sync";
import { freeTickets, refillTickets } from "../offline/tickets";
import type { Draft, Me, Pack } from "../offline/types";
import type { ReceiptRow } from "../offline/db";

export const store = new Store();
export const me = ref<Me | null>(null);
export const pack = shallowRef<Pack | null>(null);
export const packAt = ref("");
export const drafts = shallowRef<Draft[]>([]);
export const items = shallowRef<Item[]>([]);
export const receipts = shallowRef<ReceiptRow[]>([]);
export const ticketsLeft = ref(0);
export const skew = ref<Skew | null>(null);
export const needLogin = ref(false);
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

const sender = new Sender(store, { changed: (i) => void put(i), contact: note });

function put(item: Item): void {
  items.value = [...items.value.filter((i) => i.id !== item.id), item];
  if (item.state === "sent") void reload();
  tell();
}

function note(good: boolean): void {
  heard.value = good;
  if (good) {
    heardAt.value = Date.now();
    void store.setKv("heard_at", heardAt.value).catch(() => undefined);
  }
}

/** reload reads the lists again from the phone's store. */
export async function reload(): Promise<void> {
  try {
    const [d, i, r] = await Promise.all([store.all("drafts"), store.all("outbox"), store.all("receipts")]);
    drafts.value = d;
    items.value = i;
    receipts.value = r.sort((a, b) => (a.received_at < b.received_at ? 1 : -1));
    if (me.value) ticketsLeft.value = (await freeTickets(store, me.value.id)).length;
    fault.value = null;
  } catch (e) {
    fault.value = e;
  }
}

/** boot reads what the phone holds; it asks no server and never fails. */
export async function boot(): Promise<void> {
  try {
    me.value = (await store.kv<Me>("me")) ?? null;
    heardAt.value = (await store.kv<number>("heard_at")) ?? 0;
    skew.value = (await store.kv<Skew>("skew")) ?? null;
    await readPack();
    await reload();
  } catch (e) {
    fault.value = e;
  }
  void contact("open");
  addEventListener("online", () => void contact("network"));
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && void contact("open"));
  setInterval(() => document.visibilityState === "visible" && void contact("timer"), 30_000);
}

async function readPack(): Promise<void> {
  const kept = me.value ? await keptPack(store, me.value.id) : undefined;
  pack.value = kept?.pack ?? null;
  packAt.value = kept?.fetched_at ?? "";
}

type Why = "open" | "network" | "timer" | "login" | "tap";
let busy: Promise<void> | null = null;
let next: Why | null = null;
/** contact: say good day to the server, fetch what is new, send what is due. One at a time; a call meanwhile follows after. */
export function contact(why: Why): Promise<void> {
  if (busy && why !== "timer") next = why;
  busy ??= rounds(why).finally(() => (busy = null));
  return busy;
}
async function rounds(why: Why): Promise<void> {
  for (let now: Why | null = why; now; ) {
    next = null;
    await meet(now).catch((e: unknown) => void (fault.value = e));
    now = next;
  }
}

async function meet(why: Why): Promise<void> {
  if (await store.kv<boolean>("end_session")) {
    // Logged out without a network: the server's session ends now.
    const r = await ask({ method: "DELETE", path: "/api/session" });
    if (ours(r)) await store.drop("kv", "end_session");
  }
  const asked = Date.now();
  const r = await ask({ method: "GET", path: "/api/session", timeout: 15_000 });
  const silent = heard.value === false;
  note(ours(r));
  if (r.kind !== "answer" || !ours(r)) return;
  if (r.status === 401) {
    needLogin.value = !!me.value;
    return;
  }
  const who = r.json as Me;
  if (r.status !== 200 || !who.id) return;
  if (!me.value && why !== "login") return; // logged out here on purpose; the page asks for a login
  await adopt(who, asked);
  if (who.must_change) return;
  const old = Date.now() - Date.parse(packAt.value || "0") > 10 * 60_000;
  if (old || why === "login" || why === "tap" || why === "open") await freshen();
  if (silent || why === "network" || why === "tap") await sender.wake("network", who.id);
  await send();
}

/** adopt: this person is logged in. What waited for a login goes on. */
export async function adopt(who: Me, asked: number): Promise<void> {
  const other = me.value?.id !== who.id;
  const waited = needLogin.value || other;
  me.value = who;
  needLogin.value = false;
  await store.setKv("me", who);
  skew.value = await noteClock(store, who, asked, Date.now());
  if (other) await readPack();
  if (waited || items.value.some((i) => i.why === "login" || i.why === "password")) await sender.wake("login", who.id);
  await reload();
}

export async function freshen(): Promise<boolean> {
  if (!me.value) return false;
  fetching.value = true;
  try {
    const r = await refreshPack(store, me.value.id, () => new Date());
    note(ours(r));
    await readPack();
    await refillTickets(store, me.value.id, () => new Date());
    await reload();
    return r.kind === "answer" && (r.status === 200 || r.status === 304);
  } finally {
    fetching.value = false;
  }
}

export async function send(): Promise<void> {
  if (!me.value || needLogin.value) return;
  await sender.pass(me.value.id);
  if (items.value.some((i) => i.why === "login" && i.state === "waiting")) needLogin.value = true;
}
