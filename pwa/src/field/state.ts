// What every page of the field app sees: who is logged in, what the phone holds, whether our server has been heard.
// Only what the first page needs is here: the phone's store is in shelf.ts, talking to the server in engine.ts; both are
// loaded once the page stands.
import { computed, ref, shallowRef } from "vue";
import type { Draft, Me, Pack } from "../offline/types";
import type { DraftRow, ReceiptRow } from "../offline/db";
import type { LockState } from "../offline/lockbox";
import type { Item } from "../offline/outbox";
import type { Skew } from "../offline/pack";
import { glanceOf, readGlance, writeGlance, type Glance } from "./glance";

const early = readGlance();
/** Known before the database is open, so that a locked phone shows its lock first. */
export const lock = ref<LockState>(early?.pin ? "locked" : "none-set");
export const me = ref<Me | null>(early?.me ?? null);
export const pack = shallowRef<Pack | null>(null);
export const packAt = ref(early?.packAt ?? "");
export const firstSight = shallowRef<Glance | null>(early);
/** What the first page shows: from the pack once it is read, before that from the last glance. */
export const glance = computed<Glance | null>(() => (pack.value && me.value ? glanceOf(me.value, pack.value, packAt.value, lock.value) : firstSight.value));
export const drafts = shallowRef<Draft[]>([]);
/** As they lie in the database: also while the phone is locked. */
export const draftRows = shallowRef<DraftRow[]>([]);
/** Drafts whose key is not on this phone any more: ids. */
export const brokenDrafts = shallowRef<string[]>([]);
export const items = shallowRef<Item[]>([]);
export const receipts = shallowRef<ReceiptRow[]>([]);
export const ticketsLeft = ref(0);
/** Why the server gave no new codes when it was asked last. */
export const ticketsWhy = ref("");
/** Counted up when the server has said which tickets open nothing: a page that shows one looks again. */
export const ticketsTold = ref(0);
export const skew = ref<Skew | null>(null);
export const needLogin = ref(false);
/** This phone may send for this person when the login has run out. */
export const deviceReady = ref(false);
/** The phone's own store has been read: before that nothing is said about what it holds. */
export const loaded = ref(false);
/** storeRead resolves when the phone's own store has been read; `ready` says so. */
export let ready: () => void = () => undefined;
export const storeRead = new Promise<void>((ok) => (ready = ok));
/** null: not asked yet. */
export const heard = ref<boolean | null>(null);
export const heardAt = ref(0);
export const fault = shallowRef<unknown>(null);
export const fetching = ref(false);
/** This page is in the middle of a round with the server. */
export const talking = ref(false);

/** What this account has to do before our server does anything else for it. */
export const owes = computed<"password" | "totp" | "">(() => (me.value?.must_change ? "password" : me.value?.totp?.demanded && !me.value.totp.enabled ? "totp" : ""));
export const mine = computed(() => items.value.filter((i) => i.account_id === me.value?.id && i.state !== "sent"));
export const others = computed(() => items.value.filter((i) => i.account_id !== me.value?.id && i.state !== "sent"));
export const myDrafts = computed(() => drafts.value.filter((d) => d.account_id === me.value?.id).sort((a, b) => (a.changed_at < b.changed_at ? 1 : -1)));
export const photosHere = computed(() =>
  // Signatures are pictures too, but nobody counts them as photos; they are the only PNGs.
  new Set([...mine.value.flatMap((i) => i.photos.filter((p) => p.state !== "held" && p.type !== "image/png").map((p) => p.sha256)), ...myDrafts.value.flatMap((d) => Object.values(d.photos).filter((p) => p.source !== "signature").map((p) => p.sha256))]).size);

const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("suixing-field");
channel?.addEventListener("message", () => void shelf().then((s) => s.reload()));
export const tell = (): void => channel?.postMessage("changed");

/** remember keeps a glance for the next opening. Where there is a PIN it names nobody: it lies outside the lock. */
export function remember(): void {
  if (!me.value) return writeGlance(null);
  const pin = lock.value !== "none-set";
  const blank: Glance = { me: me.value, pin, packAt: "", visits: [], agencies: {}, full: 36, quick: 12 };
  writeGlance(pin || !glance.value ? { ...blank, full: glance.value?.full ?? 36, quick: glance.value?.quick ?? 12 } : { ...glance.value, me: me.value, pin });
}

/** calm resolves when the page has nothing more urgent to do; after `ms` in any case. */
export const calm = (ms = 500): Promise<void> => new Promise((ok) => ("requestIdleCallback" in globalThis ? requestIdleCallback(() => ok(), { timeout: ms }) : setTimeout(ok, Math.min(ms, 100))));

export type Why = "open" | "network" | "timer" | "login" | "tap" | "unlock";
const engine = () => import("./engine");
export const shelf = () => import("./shelf");
/** contact: say good day to the server, fetch what is new, send what is due. */
export const contact = async (why: Why): Promise<void> => (await engine()).contact(why);
/** adopt: this person is logged in. What waited for a login goes on. */
export const adopt = async (who: Me, asked: number): Promise<void> => (await engine()).adopt(who, asked);
/** checkTickets asks which of this phone's codes are still good; it waits for an answer a moment and no longer. */
export const checkTickets = async (): Promise<void> => (await engine()).checkTickets();
/** freshen fetches lists and tickets; false when it could not. */
export const freshen = async (): Promise<boolean> => (await engine()).freshen();
