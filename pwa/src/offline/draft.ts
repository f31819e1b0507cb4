// A record sheet while it is written: pure changes and checks. Saving is in `keep.ts`.
import { uuidv7 } from "./ids";
import type { Answer, Checklist, ChecklistItem, Draft, Me, Pack, PackOfficer, PackVisit, PhotoMeta, Standing } from "./types";

export interface Start {
  visit?: PackVisit; agency_id: string; business_id: string; business: Draft["business"];
  matter: string; notice_number: string; external_code: string; supervisor_ids: string[]; mode: Draft["mode"]; method: string;
}

export function newDraft(me: Me, checklist: Checklist, s: Start, now: Date): Draft {
  const at = now.toISOString();
  return {
    id: uuidv7(now.getTime()), account_id: me.id, visit_id: s.visit?.id ?? uuidv7(now.getTime()), version: 1, supersedes: "", reason: "",
    planned: !!s.visit, visit_number: s.visit?.number ?? "", agency_id: s.agency_id, business_id: s.business_id, business: { ...s.business },
    matter: s.matter, notice_number: s.notice_number, external_code: s.external_code, supervisor_ids: [...new Set([me.id, ...s.supervisor_ids])],
    recused_at: at, started_at: at, ended_at: "", late_reason: "", mode: s.mode, method: s.method, checklist_version: checklist.version,
    officers: [], helpers: 0, answers: {}, observations: [], stop: null, opinion: "", overall: "",
    officer_sign: { name: "", credential_number: "", stance: "", text: "", signature: "" }, supervisor_signs: [], place: null, ticket_id: "",
    photos: {}, awaited: null, changed_at: at,
  };
}

/** itemsOf: the items of this sheet in order; quick mode asks twelve. */
export function itemsOf(checklist: Checklist, mode: Draft["mode"]): ChecklistItem[] {
  return mode === "quick" ? checklist.items.filter((i) => checklist.quick.includes(i.code)) : checklist.items;
}

export const blank = (code: string): Answer => ({ code, result: "yes", note: "", no_photo_reason: "", photos: [], corrected: false, at: "" });

/** length in characters as a person counts them. */
export const count = (s: string): number => [...s.trim()].length;
export const noteMin = 10;
export const reasonMin = 5;

export type AnswerGap = "note" | "photo";
/** answerGaps: what a 不符合 still needs. */
export function answerGaps(a: Answer): AnswerGap[] {
  if (a.result !== "no") return [];
  const gaps: AnswerGap[] = [];
  if (count(a.note) < noteMin) gaps.push("note");
  if (!a.photos.length && !a.no_photo_reason.trim()) gaps.push("photo");
  return gaps;
}

const day = 24 * 3600_000;
/** endOf: when the visit ended: as entered, else the last thing that was noted. */
export function endOf(d: Draft): string {
  if (d.ended_at) return d.ended_at;
  return [d.started_at, ...Object.values(d.answers).map((a) => a.at), ...d.observations.map((o) => o.at)].reduce((a, b) => (Date.parse(b) > Date.parse(a) ? b : a));
}
/** late: a sheet sealed more than a day after the visit ended is 补录, and says why. */
export const late = (d: Draft, now: Date): boolean => now.getTime() - Date.parse(endOf(d)) > day;

/** What the server takes of one record: more would be refused after sealing, when nothing can be changed. */
export const bounds = { slot: 30, photos: 200, notes: 50, people: 20 };
/** photoRoom: how many more photos fit into a place of this record. A few are left for signatures. */
export const photoRoom = (d: Draft, slot: readonly string[]): number => Math.max(0, Math.min(bounds.slot - slot.length, bounds.photos - bounds.people - usedPhotos(d).filter((p) => p.source !== "signature").length));
/** standing: what the list in the phone knows about a credential on a day (YYYY-MM-DD). */
export function standing(o: PackOfficer | undefined, on: string): Standing {
  if (!o) return "unknown";
  if (o.status !== "active") return "suspended";
  return o.valid_to < on || (o.valid_from ?? "") > on ? "expired" : "valid"; // as the server judges it: out of its time
}

/** findOfficers: by name or by credential number, those of the agency first. */
export function findOfficers(pack: Pack, agency: string, text: string, most = 8): PackOfficer[] {
  const q = text.trim().toLowerCase();
  const hits = pack.officers.filter((o) => (q ? o.name.toLowerCase().includes(q) || o.credential_number.toLowerCase().includes(q) : o.agency_id === agency));
  return hits.sort((a, b) => Number(b.agency_id === agency) - Number(a.agency_id === agency)).slice(0, most);
}

/** findBusinesses: by name, or by code from any of its places. */
export function findBusinesses(pack: Pack, text: string, most = 8): Pack["businesses"] {
  const q = text.trim();
  if (!q) return [];
  const code = q.toUpperCase().replace(/[\s-]/g, "");
  return pack.businesses.filter((b) => b.name.includes(q) || (code.length > 3 && b.uscc.includes(code))).slice(0, most);
}

/** usedPhotos: every photo the sheet speaks of, signatures included; what was taken out again is not among them. */
export function usedPhotos(d: Draft): PhotoMeta[] {
  const codes = new Set<string>();
  for (const a of Object.values(d.answers)) a.photos.forEach((p) => codes.add(p));
  d.observations.forEach((o) => o.photos.forEach((p) => codes.add(p)));
  [d.officer_sign.stance === "refused" ? "" : d.officer_sign.signature, ...d.supervisor_signs.map((s) => s.signature)].forEach((s) => s && codes.add(s));
  return [...codes].map((c) => d.photos[c]).filter((p): p is PhotoMeta => !!p);
}

export interface Tally { yes: number; no: number; na: number; unseen: number; answered: number; total: number; photos: number }
export function tally(d: Draft, checklist: Checklist): Tally {
  const t: Tally = { yes: 0, no: 0, na: 0, unseen: 0, answered: 0, total: 0, photos: 0 };
  for (const a of Object.values(d.answers)) t[a.result]++;
  const items = itemsOf(checklist, d.mode);
  t.total = items.length;
  t.answered = items.filter((i) => d.answers[i.code]).length;
  t.photos = usedPhotos(d).filter((p) => p.source !== "signature").length;
  return t;
}
