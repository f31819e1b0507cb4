// The outbox as a pure state machine: which request is next for an item, and what an answer makes of it.
// No clock, no network, no database: the caller passes the time and a random number, so that a table can test it
// (test/vectors/outbox.json; the storm's phones are held to the same table).
// One rule stands above all: an item leaves only on a receipt that was verified to name its id, version, digest and photos.
import type { Box, Receipt } from "./types";

/** `held`: in the hands of the office, which decides; asked again now and then. */
export type State = "pending" | "sending" | "waiting" | "held" | "attention" | "sent";
export type Why =
  | "" | "nobody" | "slow" | "gate" | "busy" | "server" | "order" | "login" | "password" | "device_revoked" | "locked" | "receipt_due" | "other_account"
  | "held_for_office" | "held_invalid" | "held_refused" | "corrected" | "settled" | "seal_key" | "sealed"
  | "refused" | "not_found" | "conflict" | "too_large" | "invalid" | "receipt" | "photo" | "lost_photo" | "lost_sheet" | "phone";

export interface ItemPhoto { sha256: string; size: number; type: string; state: "here" | "held" | "refused"; why: string; words: string }
/** The office settled a conflict for these bytes: they live on the server under this id and version. */
export interface As { id: string; version: number; digest: string }

export interface Item {
  id: string; kind: "sheet" | "cancel"; account_id: string; account_name: string;
  /** Title and text are empty in the database where `label` holds them under the draft key (see queue.ts). */
  title: string; text: string; label: Box | null;
  day: string; visit_id: string; version: number; digest: string; size: number; photos: ItemPhoto[]; sheet_held: boolean; as: As | null;
  state: State; why: Why; words: string; status: number; tries: number; next_at: number; created_at: number;
  /** sent_at by the phone's clock, for the eye; received_at by the server's, for the seven days. */
  sent_at: number; received_at: number;
}

export const blankItem: Item = {
  id: "", kind: "sheet", account_id: "", account_name: "", title: "", text: "", label: null, day: "", visit_id: "", version: 0, digest: "", size: 0, photos: [],
  sheet_held: false, as: null, state: "pending", why: "", words: "", status: 0, tries: 0, next_at: 0, created_at: 0, sent_at: 0, received_at: 0,
};

export type Step = { do: "sheet" } | { do: "photo"; sha256: string } | { do: "cancel" } | { do: "nothing" };

export type ReceiptFault = "form" | "key" | "signature" | "id" | "version" | "digest" | "photos";
export type ReceiptCheck = { ok: true; receipt: Receipt; received_at: string } | { ok: false; why: ReceiptFault };

/** `server_now`: the last time of the server that this phone has heard, in ms; 0 when none. `locked`: it needs the PIN first.
 * `lost`: the bytes are not what was written any more. `broken`: the phone could not read them this time. */
export type Outcome =
  | { kind: "answer"; status: number; json: unknown; retry_after: number; receipt?: ReceiptCheck; done?: boolean; server_now?: number }
  | { kind: "nobody" }
  | { kind: "slow" }
  | { kind: "locked" }
  | { kind: "lost" }
  | { kind: "broken" };

export const week = 7 * 24 * 3600_000;
/** Held until an event, not until a time. */
const never = Number.MAX_SAFE_INTEGER;
/** No wait is longer. One that seems to be was written while the phone's clock was wrong, and is over. */
export const longest = 900_000;
/** So often is tried again before a person is asked: a sealed body that arrived torn, a store that could not be read. */
const tornTries = 3;

/** nextStep is the request that brings an item further. */
export function nextStep(item: Item): Step {
  if (item.state === "sent" || item.state === "attention") return { do: "nothing" };
  if (item.kind === "cancel") return { do: "cancel" };
  if (!item.sheet_held) return { do: "sheet" };
  const photo = item.photos.find((p) => p.state === "here");
  // With every photo held the sheet is sent once more: the same bytes bring the receipt, however often.
  return photo ? { do: "photo", sha256: photo.sha256 } : { do: "sheet" };
}

/** due: may the sender take this item now, for one of these accounts? One left in `sending` by a page that died is due at once. */
export function due(item: Item, now: number, accounts: readonly string[]): boolean {
  if (!accounts.includes(item.account_id)) return false;
  if (item.state === "pending" || item.state === "sending") return true;
  if (item.state !== "waiting" && item.state !== "held") return false;
  return item.next_at !== never && (item.next_at <= now || item.next_at > now + longest);
}

/** backOff: 5 s, doubled each time up to a quarter of an hour, spread by ±30 % so that a township does not come back as one. */
export function backOff(tries: number, random: number): number {
  return Math.round(Math.min(5000 * 2 ** Math.min(tries, 20), 690_000) * (0.7 + 0.6 * random));
}

const wait = (item: Item, why: Why, now: number, random: number, atLeast = 0): Item =>
  ({ ...item, state: "waiting", why, tries: item.tries + 1, next_at: now + Math.min(Math.max(backOff(item.tries, random), atLeast * 1000), longest) });
const hold = (item: Item, why: Why): Item => ({ ...item, state: "waiting", why, next_at: never });
/** forLogin: nobody is logged in for it, and the phone has no credential of its own for it. */
export const forLogin = (item: Item): Item => (item.state === "pending" || item.state === "sending" ? hold(item, "login") : item);
const attend = (item: Item, why: Why): Item => ({ ...item, state: "attention", why, next_at: 0 });
const goOn = (item: Item): Item => ({ ...item, state: "sending", why: "", words: "", tries: 0, next_at: 0 });
const office = (item: Item, why: Why, now: number, random: number): Item => ({ ...item, state: "held", why, tries: 0, next_at: now + backOff(20, random) });

/** settle says what an outcome makes of an item. It always returns the item: nothing here can remove one. */
export function settle(item: Item, step: Step, out: Outcome, now: number, random: number): Item {
  if (step.do === "nothing" || item.state === "sent") return item;
  if (out.kind === "nobody" || out.kind === "slow") return wait({ ...item, status: 0, words: "" }, out.kind, now, random);
  if (out.kind === "locked") return hold({ ...item, words: "" }, "locked");
  if (out.kind === "broken") return item.tries < tornTries ? wait({ ...item, status: 0, words: "" }, "phone", now, random) : attend({ ...item, words: "" }, "phone");
  if (out.kind === "lost") return step.do === "photo" ? refuse({ ...item, words: "" }, step.sha256, "lost_photo") : attend({ ...item, words: "" }, "lost_sheet");
  const it = { ...item, status: out.status, words: detail(out.json) };
  const s = out.status;
  if (s === 200 || s === 201 || (s === 204 && step.do === "cancel")) return accepted(it, step, out, now, random);
  if (s === 202) return quarantined(it, step, out.json, now, random);
  if ((s === 401 || s === 403) && code(out.json) === "device_revoked") return hold(it, "device_revoked");
  if (s === 401) return code(out.json) ? hold(it, "login") : wait(it, "gate", now, random); // with a code it is ours; a gate's says nothing about the login
  if (s === 403 && ["must_change", "totp_setup"].includes(code(out.json))) return hold(it, "password");
  if (s === 403 && code(out.json) === "device_only") return hold(it, "login");
  if (s === 408 || s === 425 || s === 429 || s === 503) return wait(it, "busy", now, random, out.retry_after);
  if (s >= 500) return wait(it, "server", now, random);
  if (s < 400) return wait(it, "gate", now, random); // 1xx, 204, 3xx: not what our server says here
  // A fault of ours is problem+json; a proxy's or a login page's 4xx is not, and must not be taken for a verdict.
  if (!isObject(out.json)) return s === 413 ? tooLarge(it, step) : wait(it, "gate", now, random);
  return refused(it, step, s, code(out.json), now, random);
}

/** refused: our server said no, and why. */
function refused(it: Item, step: Step, s: number, code: string, now: number, random: number): Item {
  if (s === 413) return tooLarge(it, step);
  if (s === 409 && code === "held_refused") return attend(it, "held_refused");
  if (s === 409 && code === "held_corrected") return attend(it, "corrected");
  if (s === 409 && code === "conflict_settled") return attend(it, "settled");
  if (s === 409 && code === "sheet_conflict") return office(it, "conflict", now, random);
  if (s === 409 && code === "order") return wait(it, "order", now, random);
  if (s === 422 && code === "seal_key") return no(it, step, "seal_key");
  if (s === 422 && code === "sealed") return it.tries < tornTries ? wait(it, "sealed", now, random) : no(it, step, "sealed");
  if (step.do === "photo") return refuse(it, step.sha256, "photo");
  if (s === 403) return attend(it, "refused");
  if (s === 404 || s === 410) return attend(it, "not_found");
  return attend(it, s === 409 ? "conflict" : "invalid");
}

/** quarantined: taken, but a person of the office decides whether it counts. There is no receipt, and nothing is freed. */
function quarantined(item: Item, step: Step, json: unknown, now: number, random: number): Item {
  if (!isObject(json) || json.state !== "held" || step.do === "nothing") return wait(item, "gate", now, random);
  if (step.do === "photo") return json.sha256 === step.sha256 ? after(withPhoto(item, step.sha256, { state: "held", why: "", words: "" })) : wait(item, "gate", now, random);
  if (step.do === "sheet" && json.id !== item.id) return wait(item, "gate", now, random);
  // The photos follow, so that the office can look at them; then the sheet asks now and then how it stands.
  if (!item.sheet_held && item.photos.some((p) => p.state === "here")) return goOn({ ...item, sheet_held: true });
  return office({ ...item, sheet_held: true }, json.why === "invalid" ? "held_invalid" : "held_for_office", now, random);
}

function accepted(item: Item, step: Step, out: Outcome & { kind: "answer" }, now: number, random: number): Item {
  if (step.do === "cancel") return out.done ? sent(item, now, out.server_now ?? 0) : wait(item, "gate", now, random);
  const j = out.json;
  const as = step.do === "sheet" ? adopted(item, j) : item.as;
  if (out.receipt?.ok) return sent({ ...item, as }, now, Math.max(Date.parse(out.receipt.received_at) || 0, out.server_now ?? 0));
  if (out.receipt) return attend(item, "receipt");
  if (!isObject(j)) return wait(item, "gate", now, random);
  if (step.do === "photo") {
    const photo = item.photos.find((p) => p.sha256 === step.sha256);
    if (j.sha256 !== step.sha256 || !photo || j.size !== photo.size) return wait(item, "gate", now, random);
    return after(withPhoto(item, step.sha256, { state: "held", why: "", words: "" }));
  }
  if ((j.id !== item.id && j.id !== as?.id) || (j.state !== "waiting" && j.state !== "complete")) return wait(item, "gate", now, random);
  const photos = photosAfter(item, Array.isArray(j.missing) ? (j.missing as unknown[]) : []);
  const next = { ...item, as, sheet_held: true, photos };
  if (photos.every((p) => p.state === "held")) return wait(next, "receipt_due", now, random); // complete, but no receipt came along
  // Still missing what it said it held: do not turn in a circle without a pause.
  if (item.sheet_held && photos.some((p) => p.state === "here")) return wait(next, "receipt_due", now, random);
  return after(next);
}

/** adopted reads under which id the server keeps these very bytes, when a conflict was settled for them. */
export function adopted(item: Item, json: unknown): As | null {
  const as = isObject(json) ? json.as : null;
  if (!isObject(as) || typeof as.id !== "string" || typeof as.version !== "number" || as.digest !== item.digest) return null;
  return { id: as.id, version: as.version, digest: item.digest };
}

/** What the server does not miss it has; what it misses is sent, unless it was refused before. */
const photosAfter = (item: Item, missing: readonly unknown[]): ItemPhoto[] =>
  item.photos.map((p) => (missing.includes(p.sha256) ? { ...p, state: p.state === "refused" ? p.state : ("here" as const) } : { ...p, state: "held" as const, why: "", words: "" }));

/** after a step that brought something: go on, or stop when only refused photos are left. */
function after(item: Item): Item {
  const open = item.photos.some((p) => p.state === "here");
  const refused = item.photos.find((p) => p.state === "refused");
  return !open && refused ? { ...attend(item, refused.why as Why), words: refused.words } : goOn(item);
}

/** One bad photo never holds up the others: it is marked, and the item asks for a hand when the rest has gone. */
const refuse = (item: Item, sha256: string, why: Why): Item => after(withPhoto(item, sha256, { state: "refused", why, words: item.words }));
const no = (item: Item, step: Step, why: Why): Item => (step.do === "photo" ? refuse(item, step.sha256, why) : attend(item, why));
const tooLarge = (item: Item, step: Step): Item => no(item, step, "too_large");

function withPhoto(item: Item, sha256: string, change: Partial<ItemPhoto>): Item {
  return { ...item, photos: item.photos.map((p) => (p.sha256 === sha256 ? { ...p, ...change } : p)) };
}

const sent = (item: Item, now: number, received_at: number): Item =>
  ({ ...item, state: "sent", why: "", words: "", sent_at: now, received_at, next_at: 0, sheet_held: true, photos: item.photos.map((p) => ({ ...p, state: "held", why: "", words: "" })) });

/** again: the user taps 重新发送, or has logged in, or the network came back. */
export function again(item: Item): Item {
  if (item.state === "sent") return item;
  const photos = item.photos.map((p) => (p.state === "refused" ? { ...p, state: "here" as const, why: "", words: "" } : p));
  return { ...item, state: "pending", why: "", words: "", tries: 0, next_at: 0, photos };
}

/** sendAgain: a server that was put back to an earlier day has lost what it had signed for; the bytes are still here. */
export function sendAgain(item: Item): Item {
  if (item.kind !== "sheet" || item.state !== "sent") return item;
  const photos = item.photos.map((p) => ({ ...p, state: "here" as const, why: "", words: "" }));
  return { ...item, state: "pending", why: "", words: "", tries: 0, next_at: 0, sent_at: 0, received_at: 0, sheet_held: false, as: null, photos };
}

export type Event = "network" | "login" | "unlock";
/** wakes: does this event make the item worth trying at once? */
export function wakes(item: Item, event: Event): boolean {
  if (item.state !== "waiting") return false;
  if (event === "unlock") return item.why === "locked";
  if (event === "login") return item.why === "login" || item.why === "password" || item.why === "device_revoked";
  return item.why === "nobody" || item.why === "slow" || item.why === "gate";
}

/**
 * spent: a received item whose local copy may go: seven days after the receipt, by the server's clock alone, and only
 * when the server itself has been heard to say that it is so late. The phone's clock has no say.
 */
export const spent = (item: Item, serverSeen: number): boolean => item.state === "sent" && item.received_at > 0 && serverSeen - item.received_at > week;

const isObject = (j: unknown): j is Record<string, unknown> => typeof j === "object" && j !== null && !Array.isArray(j);
const detail = (j: unknown): string => {
  if (!isObject(j)) return "";
  const errors = Array.isArray(j.errors) ? (j.errors as { message?: unknown }[]).map((e) => e?.message).filter((m): m is string => typeof m === "string") : [];
  return [typeof j.detail === "string" ? j.detail : "", ...errors].filter((s, i, all) => s && all.indexOf(s) === i).join(" ").slice(0, 500);
};
const code = (j: unknown): string => (isObject(j) && typeof j.code === "string" ? j.code : "");
