// The last thing this phone knew about the day, small enough to be read before the database is open: the first page
// stands at once. Names of planned visits only; drafts and records are never in it.
import type { LockState } from "../offline/lockbox";
import type { Me, Pack, PackVisit } from "../offline/types";

export interface Glance { me: Me; pin: boolean; packAt: string; visits: PackVisit[]; /** Called off, and not yet seen to be. */ cancelled?: PackVisit[]; agencies: Record<string, string>; full: number; quick: number }

const key = "glance";
const most = 60;

export function readGlance(): Glance | null {
  try {
    const g = JSON.parse(localStorage.getItem(key) ?? "null") as Glance | null;
    return g?.me?.id && Array.isArray(g.visits) ? g : null;
  } catch {
    return null;
  }
}

export function writeGlance(g: Glance | null): void {
  try {
    if (g) localStorage.setItem(key, JSON.stringify({ ...g, visits: g.visits.slice(0, most), cancelled: g.cancelled?.slice(0, most) }));
    else localStorage.removeItem(key);
  } catch {
    // Full or forbidden: the next opening waits for the database instead.
  }
}

const offKey = "seen-off";
/** seenOff: visits whose calling off this person has seen: ids. */
export function seenOff(): string[] {
  try {
    const ids = JSON.parse(localStorage.getItem(offKey) ?? "[]") as unknown;
    return Array.isArray(ids) ? ids.filter((x): x is string => typeof x === "string") : [];
  } catch {
    return [];
  }
}
export function seeOff(id: string): void {
  try {
    localStorage.setItem(offKey, JSON.stringify([...seenOff(), id].slice(-300)));
  } catch {
    // Full or forbidden: it is said again.
  }
}

export function glanceOf(me: Me, pack: Pack, packAt: string, lock: LockState): Glance {
  const visits = pack.visits.filter((v) => v.state === "planned");
  const seen = seenOff();
  const cancelled = pack.visits.filter((v) => v.state === "cancelled" && !seen.includes(v.id));
  const agencies = Object.fromEntries(pack.agencies.map((a) => [a.id, a.name]));
  return { me, pin: lock !== "none-set", packAt, visits, cancelled, agencies, full: pack.checklist.items.length, quick: pack.checklist.quick.length };
}
