// Drafts and their photos on the phone: under the draft key, whole, in turn. "Kept" is said only after what was
// written has been read back.
import { NotKept, type DraftRow, type Store } from "./db";
import { sha256, uuidv7 } from "./ids";
import { Locked, Unreadable, type Lockbox } from "./lockbox";
import { merge3 } from "./merge";
import type { Draft } from "./types";

/** The draft was sealed or given up on another page: it must not rise again. */
export class DraftGone extends Error {
  override name = "DraftGone";
}

async function rowOf(box: Lockbox, d: Draft): Promise<DraftRow> {
  const body = (await box.wrapJson(d)) ?? { plain: d };
  if ("plain" in body) await box.store.setKv("plain_left", true);
  return { id: d.id, account_id: d.account_id, visit_id: d.visit_id, changed_at: d.changed_at, rev: uuidv7(), photos: Object.keys(d.photos), body };
}
export const openDraft = async (box: Lockbox, row: DraftRow): Promise<Draft> => ("plain" in row.body ? row.body.plain : box.unwrapJson<Draft>(row.body));

/** addDraft keeps a draft that is new, or that was given up a moment ago and is wanted after all. */
export const addDraft = async (box: Lockbox, d: Draft): Promise<void> => box.store.put("drafts", await rowOf(box, d));
export const dropDraft = (store: Store, id: string): Promise<void> => store.drop("drafts", id);

export async function readDraft(box: Lockbox, id: string): Promise<Draft | null> {
  const row = await box.store.get("drafts", id);
  return row ? openDraft(box, row) : null;
}

export interface Drafts { drafts: Draft[]; rows: DraftRow[]; locked: boolean; /** Rows whose key is not here: ids. */ broken: string[] }
/** readDrafts reads what can be read; the rows say how many there are even while the phone is locked. */
export async function readDrafts(box: Lockbox): Promise<Drafts> {
  const out: Drafts = { drafts: [], rows: await box.store.all("drafts"), locked: false, broken: [] };
  for (const row of out.rows) {
    try {
      out.drafts.push(await openDraft(box, row));
    } catch (e) {
      if (e instanceof Locked) out.locked = true;
      else if (e instanceof Unreadable) out.broken.push(row.id);
      else throw e;
    }
  }
  return out;
}

/** saveDraft writes the draft; `base` is what this page last read or saved. The result is what is stored now. */
export async function saveDraft(box: Lockbox, draft: Draft, base: Draft, now: Date): Promise<Draft> {
  for (;;) {
    const there = await box.store.get("drafts", draft.id);
    if (!there) throw new DraftGone("draft gone");
    const joined = there.changed_at === base.changed_at ? draft : merge3(base, await openDraft(box, there), draft, now.toISOString());
    const kept = { ...joined, changed_at: stampAfter(there.changed_at, now) };
    const row = await rowOf(box, kept);
    let done = false;
    await box.store.write(["drafts"], async (w) => {
      const still = await w.get("drafts", draft.id);
      if (!still) throw new DraftGone("draft gone");
      done = still.rev === there.rev || still.rev === row.rev; // the latter: our own first try, whose answer got lost
      if (done) await w.put("drafts", row);
    });
    if (done) return kept;
  }
}

/**
 * saveApart keeps what a page had written when its draft was sealed, or given up, on another one: nothing is silently
 * gone. Of a sealed record it becomes a correction, which a person finishes and signs, or gives up.
 */
export async function saveApart(box: Lockbox, d: Draft, now: Date): Promise<Draft> {
  const sealed = !!(await box.store.get("outbox", d.id)) || !!(await box.store.get("receipts", d.id));
  const unsigned = { officer_sign: { ...d.officer_sign, stance: "" as const, text: "", signature: "" }, supervisor_signs: [] };
  const apart: Draft = { ...d, id: uuidv7(now.getTime()), awaited: null, changed_at: now.toISOString(), ...(sealed ? { ...unsigned, version: d.version + 1, supersedes: d.id, reason: "" } : {}) };
  await addDraft(box, apart);
  return apart;
}

/** A stamp that moves forward even when the phone's clock does not. */
function stampAfter(last: string, now: Date): string {
  return new Date(Math.max(now.getTime(), (Date.parse(last) || 0) + 1)).toISOString();
}

/** keepPhoto stores the bytes, reads them back and compares the hash: only then may the page say 已存本机. */
export async function keepPhoto(box: Lockbox, bytes: ArrayBuffer, thumb: ArrayBuffer | null, type: string, now: Date): Promise<string> {
  const sum = await sha256(bytes);
  if (await photoIntact(box, sum)) return sum;
  if (!box.usable) await box.store.setKv("plain_left", true);
  await box.store.put("photos", { sha256: sum, type, size: bytes.byteLength, saved_at: now.toISOString(), bytes: await box.wrap(bytes), thumb: thumb && (await box.wrap(thumb)) });
  if (!(await photoIntact(box, sum))) {
    await box.store.drop("photos", sum);
    throw new NotKept("photo did not read back as written");
  }
  return sum;
}

/** photoBytes: the bytes of a draft's photo, when they are those of its name; else null. */
export async function photoBytes(box: Lockbox, sum: string): Promise<ArrayBuffer | null> {
  const row = await box.store.get("photos", sum);
  if (!row) return null;
  try {
    const bytes = await box.unwrap(row.bytes);
    return bytes instanceof ArrayBuffer && (await sha256(bytes)) === sum ? bytes : null;
  } catch (e) {
    if (e instanceof Unreadable) return null;
    throw e;
  }
}
export const photoIntact = async (box: Lockbox, sum: string): Promise<boolean> => !!(await photoBytes(box, sum));

/** readPhoto: for showing. null: not here, or already sealed, when the phone itself cannot read it any more. */
export async function readPhoto(box: Lockbox, sum: string, what: "thumb" | "full"): Promise<{ bytes: ArrayBuffer; type: string } | null> {
  const row = await box.store.get("photos", sum);
  if (!row) return null;
  if (what === "thumb" && row.thumb) return { bytes: await box.unwrap(row.thumb), type: "image/jpeg" };
  return { bytes: await box.unwrap(row.bytes), type: row.type };
}
