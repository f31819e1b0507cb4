// Talking to the server: one round at a time. Who am I, what is new, what is due, and what this phone still holds.
import { report } from "../offline/contact";
import { devices, registerDevice } from "../offline/device";
import { enclose } from "../offline/enclose";
import { ask, ours } from "../offline/net";
import type { Item } from "../offline/outbox";
import { noteClock, refreshPack, sealKey } from "../offline/pack";
import { retryAll } from "../offline/queue";
import { Sender } from "../offline/sync";
import { refillTickets } from "../offline/tickets";
import type { Me } from "../offline/types";
import { box, countTickets, lookDevice, readPack, reload, store } from "./shelf";
import { deviceReady, fault, fetching, heard, heardAt, items, lock, me, needLogin, packAt, remember, skew, talking, tell, ticketsTold, type Why } from "./state";
import { home } from "./update";

const sender = new Sender(box, { changed: put, contact: note });

function put(item: Item): void {
  const old = items.value.find((i) => i.id === item.id);
  items.value = [...items.value.filter((i) => i.id !== item.id), { ...item, title: item.title || old?.title || "", text: item.text || old?.text || "" }];
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

let busy: Promise<void> | null = null;
let next: Why | null = null;
/** contact: one round at a time; a call meanwhile follows after. */
export function contact(why: Why): Promise<void> {
  if (busy && why !== "timer") next = why;
  talking.value = true;
  busy ??= rounds(why).finally(() => {
    busy = null;
    talking.value = false;
  });
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
  const silent = heard.value === false;
  const session = await part(whoAmI(why), null);
  // Nobody was heard: the items are asked for all the same, so that each says itself what is the matter; the timer is patient.
  if (session === null && why === "timer") return;
  if (session && me.value && !me.value.must_change) {
    await part(ready(me.value.id), undefined);
    const old = Date.now() - Date.parse(packAt.value || "0") > 10 * 60_000;
    if (old || why === "login" || why === "tap" || why === "open") await part(freshen(), false);
  }
  const account = session === false ? "" : (me.value?.id ?? "");
  if (silent || why === "network" || why === "open") await part(sender.wake("network", account), undefined);
  if (why === "unlock") await part(sender.wake("unlock", account), undefined);
  if (why === "tap") await part(endWaits(account), undefined);
  await part(sealKey(store).then((key) => enclose(box, key, new Date())), 0);
  await part(sender.pass(account), false);
  await part(lookDevice(), undefined); // the server may know this phone no more
  if (items.value.some((i) => i.account_id === me.value?.id && i.why === "login" && i.state === "waiting")) needLogin.value = true;
  if (session !== null) await tellOffice(why, session);
}

/**
 * part of a round: what goes wrong in it is shown, and the round goes on. A full phone cannot keep a new list of the day,
 * but what it has sealed must leave all the same.
 */
async function part<T>(work: Promise<T>, otherwise: T): Promise<T> {
  return work.catch((e: unknown) => {
    fault.value = e;
    return otherwise;
  });
}

/** endWaits: 现在发送, for everybody whose records lie here. */
async function endWaits(account: string): Promise<void> {
  await retryAll(store, [...new Set([account, ...(await devices(store)).keys()])].filter(Boolean));
}

/** whoAmI: true, logged in; false, our server knows no login here; null, our server was not heard. */
async function whoAmI(why: Why): Promise<boolean | null> {
  const asked = Date.now();
  const r = await ask({ method: "GET", path: "/api/session", timeout: 15_000 });
  note(ours(r));
  if (r.kind !== "answer" || !ours(r)) return null;
  if (r.status === 401) {
    needLogin.value = !!me.value;
    return false;
  }
  const who = r.json as Me;
  if (r.status !== 200 || !who.id) return null;
  if (!me.value && why !== "login") return false; // logged out here on purpose; the page asks for a login
  await adopt(who, asked);
  return true;
}

/** adopt: this person is logged in. What waited for a login goes on. */
export async function adopt(who: Me, asked: number): Promise<void> {
  const other = me.value?.id !== who.id;
  const waited = needLogin.value || other;
  me.value = who;
  needLogin.value = false;
  await store.setKv("me", who);
  skew.value = await noteClock(store, who, asked, Date.now());
  if (other) await Promise.all([readPack(), countTickets(), lookDevice()]);
  if (waited || items.value.some((i) => i.why === "login" || i.why === "password")) await sender.wake("login", who.id);
  await reload();
  remember();
}

/** ready: this phone may send for this person after the login has run out, and its storage is asked to stay. */
async function ready(account: string): Promise<void> {
  await lookDevice(); // reported lost and found again: it needs a new one
  if (deviceReady.value) return;
  void Promise.resolve(navigator.storage?.persist?.()).catch(() => undefined);
  await registerDevice(store, account, phoneName());
  await lookDevice();
}

/** The model where the browser says it: the office has to tell one phone from another. */
function phoneName(): string {
  const ua = navigator.userAgent;
  const model = /Android [\d.]+; ([^;)]+?)(?: Build\/[^;)]*)?[;)]/.exec(ua)?.[1];
  const kind = model && !/^(K|wv|zh)/i.test(model) ? model : /iPhone|iPad/.exec(ua)?.[0] ?? (/Android/.test(ua) ? "安卓手机" : "电脑浏览器");
  return kind.slice(0, 40);
}

export async function freshen(): Promise<boolean> {
  if (!me.value || lock.value === "locked") return false; // what it would bring lies under the key
  fetching.value = true;
  try {
    const r = await refreshPack(box, me.value.id, () => new Date());
    note(ours(r));
    await readPack();
    await refillTickets(box, me.value.id, () => new Date());
    await countTickets();
    await reload();
    remember();
    return r.kind === "answer" && (r.status === 200 || r.status === 304);
  } finally {
    fetching.value = false;
  }
}

let toldAt = 0;
/** When the server last said which tickets are good. */
let askedAt = 0;
const fiveMinutes = 5 * 60_000;
/** tellOffice: what this phone still holds, so that the office sees it; what a restored server wants again goes out at once. */
async function tellOffice(why: Why, session: boolean): Promise<void> {
  const account = me.value?.id;
  if (!account || (why === "timer" && Date.now() - toldAt < fiveMinutes)) return;
  await reportNow(account, session, why === "open");
}

/** reportNow: what the answer changes shows at once; what opens nothing any more is replaced before anybody is shown it. */
async function reportNow(account: string, session: boolean, must: boolean): Promise<void> {
  toldAt = Date.now();
  const persisted = (await Promise.resolve(navigator.storage?.persisted?.()).catch(() => null)) ?? null;
  const answer = await report(box, account, session, { app_version: __APP_VERSION__, persisted, installed: home.installed() }, () => new Date(), must);
  if (!answer) return;
  askedAt = Date.now();
  if (answer.tickets_gone.length) {
    if (session) await refillTickets(box, account, () => new Date());
    await countTickets();
    ticketsTold.value++;
  }
  await reload();
  if (answer.wanted.length || answer.refused.length) {
    await sender.pass(session ? account : "");
    await reload();
  }
}

/** checkTickets, before a code is shown: not for long, and not where no server answers. */
export async function checkTickets(): Promise<void> {
  const account = me.value?.id;
  if (!account || heard.value === false || Date.now() - askedAt < 2 * fiveMinutes) return;
  const asked = reportNow(account, !needLogin.value, true).catch((e: unknown) => void (fault.value = e));
  await Promise.race([asked, new Promise((ok) => setTimeout(ok, 1500))]);
}
