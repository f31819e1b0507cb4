// Two pages that write one draft. What only one of them changed is taken over; what both changed differently stands
// twice, and a person chooses: nothing is silently last.
import type { Answer, Clash, Draft, Observation } from "./types";

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
const joined = (a: readonly string[], b: readonly string[]): string[] => [...new Set([...a, ...b])];

/** merge3 joins two drafts that both began as `base`. `at` marks when the clash was seen. */
export function merge3(base: Draft, theirs: Draft, ours: Draft, at: string): Draft {
  const clashes: Clash[] = [];
  const pick = <T>(field: string, b: T, t: T, o: T): T => {
    if (same(t, b) || same(t, o)) return o;
    if (!same(o, b)) clashes.push({ field, ours: o ?? null, theirs: t ?? null, at });
    return same(o, b) ? t : o;
  };
  const out = { ...ours };
  const special = new Set<keyof Draft>(["id", "changed_at", "awaited", "answers", "observations", "photos", "officers", "supervisor_ids", "supervisor_signs", "clashes"]);
  for (const k of Object.keys(ours) as (keyof Draft)[]) if (!special.has(k)) (out as Record<string, unknown>)[k] = pick<unknown>(k, base[k], theirs[k], ours[k]);
  out.answers = answers(base, theirs, ours, pick);
  out.observations = observations(base, theirs, ours, pick);
  out.photos = { ...theirs.photos, ...ours.photos };
  out.supervisor_ids = list(base.supervisor_ids, theirs.supervisor_ids, ours.supervisor_ids, String);
  out.officers = list(base.officers, theirs.officers, ours.officers, (o) => `${o.name} ${o.credential_number}`);
  out.supervisor_signs = list(base.supervisor_signs, theirs.supervisor_signs, ours.supervisor_signs, (s) => s.account_id);
  const open = list(base.clashes ?? [], theirs.clashes ?? [], ours.clashes ?? [], (c) => c.field).filter((c) => !clashes.some((n) => n.field === c.field));
  if (open.length || clashes.length || ours.clashes) out.clashes = [...open, ...clashes];
  return out;
}

type Pick = <T>(field: string, b: T, t: T, o: T) => T;

function answers(base: Draft, theirs: Draft, ours: Draft, pick: Pick): Draft["answers"] {
  const out: Draft["answers"] = {};
  for (const code of joined(Object.keys(theirs.answers), Object.keys(ours.answers))) {
    const [b, t, o] = [base.answers[code], theirs.answers[code], ours.answers[code]];
    const a = pick(`answers.${code}`, bare(b), bare(t), bare(o));
    if (!a) continue;
    // Photos of both pages stay, whatever becomes of the words; one that was taken out on one page stays out.
    out[code] = { ...a, photos: list(b?.photos ?? [], t?.photos ?? [], o?.photos ?? [], String), at: [t?.at, o?.at].sort().pop() ?? "" };
  }
  return out;
}
/** An answer without what is joined anyway, so that a photo more is no contradiction. */
const bare = (a: Answer | undefined): Answer | undefined => a && { ...a, photos: [], at: "" };

function observations(base: Draft, theirs: Draft, ours: Draft, pick: Pick): Observation[] {
  const find = (d: Draft, id: string) => d.observations.find((o) => o.id === id);
  return joined(ours.observations.map((o) => o.id), theirs.observations.map((o) => o.id)).flatMap((id) => {
    const [b, t, o] = [find(base, id), find(theirs, id), find(ours, id)];
    const text = pick(`observations.${id}`, b?.text, t?.text, o?.text);
    const it = o ?? t!;
    // Taken out on one page and left as it was on the other: out. Changed on the other: it stays.
    return text === undefined ? [] : [{ ...it, text, photos: list(b?.photos ?? [], t?.photos ?? [], o?.photos ?? [], String) }];
  });
}

/** list joins what both added, and leaves out what one of them took out. The values of ours win over theirs. */
function list<T>(base: readonly T[], theirs: readonly T[], ours: readonly T[], key: (t: T) => string): T[] {
  const has = (l: readonly T[], k: string) => l.some((x) => key(x) === k);
  const fresh = theirs.filter((t) => !has(ours, key(t)) && !has(base, key(t)));
  return [...ours.filter((o) => has(theirs, key(o)) || !has(base, key(o))).map((o) => {
    const [t, b] = [theirs.find((x) => key(x) === key(o)), base.find((x) => key(x) === key(o))];
    return t !== undefined && same(o, b) ? t : o;
  }), ...fresh];
}

/** choose settles one clash: what was chosen stands in the draft, the other is let go by this person's hand. */
export function choose(d: Draft, field: string, keep: "ours" | "theirs"): Draft {
  const clash = d.clashes?.find((c) => c.field === field);
  if (!clash) return d;
  const value = clash[keep];
  const out: Draft = { ...d, clashes: d.clashes!.filter((c) => c !== clash) };
  const [head, id] = [field.slice(0, field.indexOf(".")), field.slice(field.indexOf(".") + 1)];
  if (head === "answers") {
    out.answers = { ...d.answers };
    if (value === null) delete out.answers[id];
    else out.answers[id] = { ...(value as Answer), photos: d.answers[id]?.photos ?? [], at: d.answers[id]?.at ?? clash.at };
  } else if (head === "observations") {
    out.observations = value === null ? d.observations.filter((o) => o.id !== id) : d.observations.map((o) => (o.id === id ? { ...o, text: value as string } : o));
  } else (out as unknown as Record<string, unknown>)[field] = value;
  return out;
}
