// The outbox as a pure state machine: which request is next for an item, and what an answer makes of it.
// No clock, no network, no database: the caller passes the time and a random number, so that a table can test it.
// One rule stands above all: an item leaves only on a receipt that was verified to name its id, version, digest and photos.
import type { Receipt } from "./types";

export type State = "pending" | "sending" | "waiting" | "attention" | "sent";
export type Why =
  | "" | "nobody" | "slow" | "gate" | "busy" | "server" | "login" | "password" | "receipt_due" | "other_account"
  | "refused" | "not_found" | "conflict" | "too_large" | "invalid" | "receipt" | "photo" | "lost_photo" | "lost_sheet";

export interface ItemPhoto { sha256: string; size: number; type: string; state: "here" | "held" | "refused"; why: string; words: string }

export interface Item {
  id: string; kind: "sheet" | "cancel"; account_id: string; account_name: string; title: string; day: string;
  visit_id: string; version: number; digest: string; size: number; photos: ItemPhoto[]; sheet_held: boolean; text: string;
  state: State; why: Why; words: string; status: number; tries: number; next_at: number; created_at: number; sent_at: number;
}

export type Step = { do: "sheet" } | { do: "photo"; sha256: string } | { do: "cancel" } | { do: "nothing" };

export type ReceiptFault = "form" | "key" | "signature" | "id" | "version" | "digest" | "photos";
export type ReceiptCheck = { ok: true; receipt: Receipt; received_at: string } | { ok: false; why: ReceiptFault };

export type Outcome =
  | { kind: "answer"; status: number; json: unknown; retry_after: number; receipt?: ReceiptCheck; done?: boolean }
  | { kind: "nobody" }
  | { kind: "slow" }
  | { kind: "lost" };

export const week = 7 * 24 * 3600_000;
const never = Number.MAX_SAFE_INTEGER;

/** nextStep is the request that brings an item further. */
export function nextStep(item: Item): Step {
  if (item.state === "sent" || item.state === "attention") return { do: "nothing" };
  if (item.kind === "cancel") return { do: "cancel" };
  if (!item.sheet_held) return { do: "sheet" };
  const photo = item.photos.find((p) => p.state === "here");
  // With every photo held the sheet is sent once more: the same bytes bring the receipt, however often.
  return photo ? { do: "photo", sha256: photo.sha256 } : { do: "sheet" };
}

/** due: may the sender take this item now? An item left in `sending` by a page that died is due at once. */
export function due(item: Item, now: number, account: string): boolean {
  if (item.account_id !== account) return false;
  return item.state === "pending" || item.state === "sending" || (item.state === "waiting" && item.next_at <= now);
}

/** backOff: 5 s, doubled each time up to 15 minutes, spread by ±30 % so that a township does not come back as one. */
export function backOff(tries: number, random: number): number {
  return Math.round(Math.min(5000 * 2 ** Math.min(tries, 20), 900_000) * (0.7 + 0.6 * random));
}

const wait = (item: Item, why: Why, now: number, random: number, atLeast = 0): Item =>
  ({ ...item, state: "waiting", why, tries: item.tries + 1, next_at: now + Math.max(backOff(item.tries, random), atLeast * 1000) });
const hold = (item: Item, why: Why): Item => ({ ...item, state: "waiting", why, next_at: never });
const attend = (item: Item, why: Why): Item => ({ ...item, state: "attention", why });
const goOn = (item: Item): Item => ({ ...item, state: "sending", why: "", words: "", tries: 0, next_at: 0 });

/** settle says what an outcome makes of an item. It always returns the item: nothing here can remove one. */
export function settle(item: Item, step: Step, out: Outcome, now: number, random: number): Item {
  if (step.do === "nothing" || item.state === "sent") return item;
  if (out.kind === "nobody" || out.kind === "slow") return wait({ ...item, status: 0, words: "" }, out.kind, now, random);
  if (out.kind === "lost") return step.do === "photo" ? refuse(item, step.sha256, "lost_photo") : attend(item, "lost_sheet");
  const it = { ...item, status: out.status, words: detail(out.json) };
  const s = out.status;
  if (s === 200 || s === 201 || (s === 204 && step.do === "cancel")) return accepted(it, step, out, now, random);
  if (s === 401) return hold(it, "login");
  if (s === 403 && code(out.json) === "must_change") return hold(it, "password");
  if (s === 408 || s === 425 || s === 429 || s === 503) return wait(it, "busy", now, random, out.retry_after);
  if (s >= 500) return wait(it, "server", now, random);
  if (s < 400) return wait(it, "gate", now, random); // 1xx, 204, 3xx: not what our server says here
  // A fault of ours is problem+json; a proxy's or a login page's 4xx is not, and must not be taken for a verdict.
  if (!isObject(out.json)) return s === 413 ? tooLarge(it, step) : wait(it, "gate", now, random);
  if (s === 413) return tooLarge(it, step);
  if (step.do === "photo") return refuse(it, step.sha256, "photo");
  if (s === 403) return attend(it, "refused");
  if (s === 404 || s === 410) return attend(it, "not_found");
  if (s === 409) return attend(it, "conflict");
  return attend(it, "invalid");
}

function accepted(item: Item, step: Step, out: Outcome & { kind: "answer" }, now: number, random: number): Item {
  if (step.do === "cancel") return out.done ? sent(item, now) : wait(item, "gate", now, random);
  if (out.receipt) return out.receipt.ok ? sent(item, now) : attend(item, "receipt");
  const j = out.json;
  if (!isObject(j)) return wait(item, "gate", now, random);
  if (step.do === "photo") {
    const photo = item.photos.find((p) => p.sha256 === step.sha256);
    if (j.sha256 !== step.sha256 || !photo || j.size !== photo.size) return wait(item, "gate", now, random);
    return after(withPhoto(item, step.sha256, { state: "held", why: "", words: "" }));
  }
  if (j.id !== item.id || (j.state !== "waiting" && j.state !== "complete")) return wait(item, "gate", now, random);
  const missing = Array.isArray(j.missing) ? (j.missing as unknown[]) : [];
  const photos = item.photos.map((p) =>
    missing.includes(p.sha256) ? { ...p, state: p.state === "refused" ? p.state : ("here" as const) } : { ...p, state: "held" as const, why: "", words: "" });
  const next = { ...item, sheet_held: true, photos };
  if (photos.every((p) => p.state === "held")) return wait(next, "receipt_due", now, random); // complete, but no receipt came along
  // Still missing what it said it held: do not turn in a circle without a pause.
  if (item.sheet_held && photos.some((p) => p.state === "here")) return wait(next, "receipt_due", now, random);
  return after(next);
}

/** after a step that brought something: go on, or stop when only refused photos are left. */
function after(item: Item): Item {
  const open = item.photos.some((p) => p.state === "here");
  const refused = item.photos.find((p) => p.state === "refused");
  return !open && refused ? { ...attend(item, refused.why as Why), words: refused.words } : goOn(item);
}

/** One bad photo never holds up the others: it is marked, and the item asks for a hand when the rest has gone. */
const refuse = (item: Item, sha256: string, why: Why): Item => after(withPhoto(item, sha256, { state: "refused", why, words: item.words }));
const tooLarge = (item: Item, step: Step): Item => (step.do === "photo" ? refuse(item, step.sha256, "too_large") : attend(item, "too_large"));

function withPhoto(item: Item, sha256: string, change: Partial<ItemPhoto>): Item {
  return { ...item, photos: item.photos.map((p) => (p.sha256 === sha256 ? { ...p, ...change } : p)) };
}

const sent = (item: Item, now: number): Item =>
  ({ ...item, state: "sent", why: "", words: "", sent_at: now, next_at: 0, photos: item.photos.map((p) => ({ ...p, state: "held", why: "", words: "" })) });

/** again: the user taps 重新发送, or has logged in, or the network came back. */
export function again(item: Item): Item {
  if (item.state === "sent") return item;
  const photos = item.photos.map((p) => (p.state === "refused" ? { ...p, state: "here" as const, why: "", words: "" } : p));
  return { ...item, state: "pending", why: "", words: "", tries: 0, next_at: 0, photos };
}

/** wakes: does this event make the item worth trying at once? */
export function wakes(item: Item, event: "network" | "login"): boolean {
  if (item.state !== "waiting") return false;
  return event === "login" ? item.why === "login" || item.why === "password" : item.why === "nobody" || item.why === "slow" || item.why === "gate";
}

/** spent: a received item whose local copy may go. Seven days after the verified receipt, never before. */
export const spent = (item: Item, now: number): boolean => item.state === "sent" && item.sent_at > 0 && now - item.sent_at > week;

const isObject = (j: unknown): j is Record<string, unknown> => typeof j === "object" && j !== null && !Array.isArray(j);
const detail = (j: unknown): string => {
  if (!isObject(j)) return "";
  const errors = Array.isArray(j.errors) ? (j.errors as { message?: unknown }[]).map((e) => e?.message).filter((m): m is string => typeof m === "string") : [];
  return [typeof j.detail === "string" ? j.detail : "", ...errors].filter((s, i, all) => s && all.indexOf(s) === i).join(" ").slice(0, 500);
};
const code = (j: unknown): string => (isObject(j) && typeof j.code === "string" ? j.code : "");
