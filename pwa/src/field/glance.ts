// The last thing this phone knew about the day, small enough to be read before the database is open: the first page
// stands at once. Names of planned visits only; drafts and records are never in it.
import type { LockState } from "../offline/lockbox";
import type { Me, Pack, PackVisit } from "../offline/types";

export interface Glance { me: Me; pin: boolean; packAt: string; visits: PackVisit[]; agencies: Record<string, string>; full: number; quick: number }

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
    if (g) localStorage.setItem(key, JSON.stringify({ ...g, visits: g.visits.slice(0, most) }));
    else localStorage.removeItem(key);
  } catch {
    // Full or forbidden: the next opening waits for the database instead.
  }
}

export function glanceOf(me: Me, pack: Pack, packAt: string, lock: LockState): Glance {
  const visits = pack.visits.filter((v) => v.state === "planned");
  const agencies = Object.fromEntries(pack.agencies.map((a) => [a.id, a.name]));
  return { me, pin: lock !== "none-set", packAt, visits, agencies, full: pack.checklist.items.length, quick: pack.checklist.quick.length };
}
