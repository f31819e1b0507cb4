// The report to the server: what this phone still holds, what it holds receipts for, what a person gave up. The answer
// says what a server that was put back has lost; that goes out again, the bytes are still here.
import { deviceOf, noteState, Wallet, type Device } from "./device";
import type { Store } from "./db";
import { ask as askServer, type Ask, type Reply } from "./net";
import { again, sendAgain, spent, type Item } from "./outbox";
import { noteServer, serverSeen } from "./pack";
import type { Lockbox } from "./lockbox";
import { change, told } from "./queue";
import { carried, dropGone } from "./tickets";

export interface Facts { app_version: string; persisted: boolean | null; installed: boolean }
export interface ReportItem {
  id: string; kind: Item["kind"]; visit_id: string; day: string; version: number; photos: number; photos_here: number; bytes: number;
  created_at: string; state: Item["state"]; why: string;
}
export interface Report extends Facts {
  device_id: string; epoch: string; at: string; drafts: number; photos: number; items: ReportItem[];
  receipts: { id: string; version: number; digest: string }[]; discarded: { id: string; at: string; reason: string }[]; tickets: string[];
}
export interface ReportAnswer { server_time: string; wanted: string[]; forgotten: string[]; held: string[]; refused: string[]; /** Codes that open nothing. */ tickets_gone: string[]; /** Anything but good: reported lost, or its owner has left. */ standing: string }

const most = 200;
const hour = 3600_000;

/**
 * buildReport: for one account on this phone. Ids and counts only, no names: it may be built while the phone is locked,
 * but for the reasons of what a person gave up: null, it is told after the PIN, and with it that they are gone.
 */
export async function buildReport(box: Lockbox, device: Pick<Device, "id" | "account_id">, facts: Facts, now: Date): Promise<Report | null> {
  const { store } = box;
  const account = device.account_id;
  const [drafts, outbox, tickets, discarded, place] = await Promise.all([store.all("drafts"), store.all("outbox"), store.all("tickets"), told(box, account), store.kv<Last>(lastKey(account))]);
  if (!discarded) return null;
  const mine = outbox.filter((i) => i.account_id === account).sort((a, b) => a.created_at - b.created_at);
  const out = mine.filter((i) => i.state !== "sent");
  const here = new Set([...drafts.filter((d) => d.account_id === account).flatMap((d) => d.photos), ...out.flatMap((i) => i.photos.filter((p) => p.state !== "held").map((p) => p.sha256))]);
  return {
    device_id: device.id, epoch: (await store.kv<string>("epoch")) ?? "", at: now.toISOString(), ...facts,
    drafts: drafts.filter((d) => d.account_id === account).length, photos: here.size,
    // The oldest first: what was reported once stays in the report until it has gone.
    items: out.slice(0, most).map(reportItem),
    receipts: inTurn(await receipted(store, account), place?.from ?? "", most),
    discarded: discarded.slice(0, most),
    tickets: carried(tickets, account, new Set(drafts.map((d) => d.id))).slice(0, most),
  };
}

type Had = Report["receipts"][number];
/** receipted: the receipts of the last seven days; those whose bytes are still here. */
async function receipted(store: Store, account: string): Promise<Had[]> {
  const seen = await serverSeen(store);
  return (await store.all("outbox")).filter((i) => i.account_id === account && i.state === "sent" && i.kind === "sheet" && !spent(i, seen))
    .map((i) => ({ id: i.as?.id ?? i.id, version: i.as?.version ?? i.version, digest: i.digest }));
}

/** inTurn: the next `n` after the last one named, round and round: with each report comes the turn of others. */
export function inTurn(all: readonly Had[], from: string, n: number): Had[] {
  const sorted = [...all].sort((a, b) => (a.id < b.id ? -1 : 1));
  const at = sorted.findIndex((r) => r.id > from);
  const turned = at > 0 ? [...sorted.slice(at), ...sorted.slice(0, at)] : sorted;
  return turned.slice(0, n);
}

function reportItem(i: Item): ReportItem {
  return {
    id: i.id, kind: i.kind, visit_id: i.visit_id, day: dayOf(i.day), version: i.version, photos: i.photos.length, photos_here: i.photos.filter((p) => p.state !== "held").length,
    bytes: i.size, created_at: new Date(i.created_at).toISOString(), state: i.state, why: i.why,
  };
}
/** The day in the county, whatever the phone's zone: no daylight saving there. */
const dayOf = (iso: string): string => {
  const t = Date.parse(iso);
  return Number.isNaN(t) ? "" : new Date(t + 8 * hour).toISOString().slice(0, 10);
};

/** What has changed since the last report, as one line; the time of the report and whose turn it is are no change. */
export const sumOf = ({ at: _at, receipts: _receipts, discarded, ...r }: Report): string => JSON.stringify({ ...r, discarded: discarded.map((d) => d.id) });
/** `from`: the last receipt named; `left`: how many of this round are still to be named. */
interface Last { at: number; sum: string; from?: string; left?: number }
const lastKey = (account: string): string => `reported:${account}`;
/** reportDue: when something changed, an hour has passed, or receipts are left to name. A clock that was turned back makes it due. */
export const reportDue = (last: Last | undefined, sum: string, now: number): boolean => !last || last.sum !== sum || !!last.left || now - last.at >= hour || now < last.at;

/** report tells the server and applies its answer. Null: not due, or nobody we know answered. `must`: due or not. */
export async function report(box: Lockbox, account: string, session: boolean, facts: Facts, now: () => Date, must = false, ask: (a: Ask) => Promise<Reply> = askServer): Promise<ReportAnswer | null> {
  const { store } = box;
  const device = await deviceOf(store, account);
  if (!device?.id || !device.secret) return null;
  const r = await buildReport(box, device, facts, now());
  const last = await store.kv<Last>(lastKey(account));
  if (!r || (!must && !reportDue(last, sumOf(r), now().getTime()))) return null;
  const wallet = await Wallet.open(store, session ? account : "", ask);
  const reply = await wallet.submit(account, { method: "POST", path: "/api/field/contact", type: "application/json", body: JSON.stringify(r), timeout: 20_000 });
  const answer = reply.kind === "answer" && reply.status === 200 ? readAnswer(reply.json) : null;
  if (!answer) return null;
  await applyAnswer(store, account, answer);
  if (answer.standing !== "good") await noteState(store, account, "held");
  const round = last?.left || (await receipted(store, account)).length;
  await store.setKv(lastKey(account), { at: now().getTime(), sum: sumOf(r), from: r.receipts[r.receipts.length - 1]?.id ?? "", left: Math.max(0, round - r.receipts.length) } satisfies Last);
  return answer;
}

function readAnswer(j: unknown): ReportAnswer | null {
  const a = j as Partial<ReportAnswer> | null;
  if (typeof a?.server_time !== "string" || Number.isNaN(Date.parse(a.server_time))) return null; // a login page of the network is no report
  const ids = (v: unknown): string[] => (Array.isArray(v) ? (v as unknown[]).map((x) => (typeof x === "string" ? x : ((x as { id?: unknown } | null)?.id ?? ""))).filter((x): x is string => typeof x === "string" && !!x) : []);
  return { server_time: a.server_time, wanted: ids(a.wanted), forgotten: ids(a.forgotten), held: ids(a.held), refused: ids(a.refused), tickets_gone: ids(a.tickets_gone), standing: typeof a.standing === "string" ? a.standing : "good" };
}

/** applyAnswer: wanted goes out again, tombstones that were noted go, what the office decided shows at once. */
export async function applyAnswer(store: Store, account: string, a: ReportAnswer): Promise<void> {
  await noteServer(store, a.server_time);
  for (const i of await store.all("outbox")) {
    if (i.account_id !== account) continue;
    const named = (ids: readonly string[]) => ids.includes(i.id) || (!!i.as && ids.includes(i.as.id));
    if (named(a.wanted)) await change(store, i.id, sendAgain);
    else if (i.state === "held" && i.why === "held_for_office" && named(a.refused)) await change(store, i.id, (x) => ({ ...x, state: "attention", why: "held_refused" }));
    // Held no longer: it was taken, and the same bytes once more bring the receipt; or returned, and they bring the reason.
    else if (i.state === "held" && (i.why === "held_for_office" || i.why === "held_invalid") && !named(a.held)) await change(store, i.id, (x) => (x.state === "held" ? again(x) : x));
  }
  await dropGone(store, account, a.tickets_gone);
  for (const id of a.forgotten) if ((await store.get("discards", id))?.account_id === account) await store.drop("discards", id);
}
