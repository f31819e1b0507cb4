// Everything between a draft and sealing. What the server would refuse is said here, while it can still be changed.
import { sheetBody } from "./body";
import { answerGaps, bounds, count, itemsOf, late, reasonMin, usedPhotos, type AnswerGap } from "./draft";
import { ruleFaults, type Body } from "./rules";
import type { Checklist, Draft } from "./types";

export type Gap =
  | { kind: "unanswered"; codes: string[] } | { kind: "answer"; code: string; needs: AnswerGap[] }
  | { kind: "officers" | "overall" | "stance" | "objection" | "officer_signature" | "my_signature" | "late_reason" | "reason" | "stop_reason" | "observation" | "clash" | "too_much" }
  | { kind: "rule"; field: string; words: string };

/** tooMuch: two pages that wrote at once may have brought more than either would have let in. */
const tooMuch = (d: Draft): boolean =>
  [...Object.values(d.answers), ...d.observations].some((x) => x.photos.length > bounds.slot) || usedPhotos(d).length > bounds.photos || d.observations.length > bounds.notes || d.officers.length > bounds.people;

/** gaps: everything between this draft and sealing, in the order of the page. Empty means it can be sealed. */
export function gaps(d: Draft, checklist: Checklist, now: Date): Gap[] {
  const out: Gap[] = [];
  if (d.clashes?.length) out.push({ kind: "clash" });
  const open = itemsOf(checklist, d.mode).filter((i) => !d.answers[i.code]).map((i) => i.code);
  if (open.length) out.push({ kind: "unanswered", codes: open });
  for (const i of checklist.items) {
    const a = d.answers[i.code];
    const needs = a ? answerGaps(a) : [];
    if (needs.length) out.push({ kind: "answer", code: i.code, needs });
  }
  if (tooMuch(d)) out.push({ kind: "too_much" });
  if (d.observations.some((o) => !o.text.trim())) out.push({ kind: "observation" });
  if (!d.officers.length) out.push({ kind: "officers" });
  if (d.stop && count(d.stop.reason) < reasonMin) out.push({ kind: "stop_reason" });
  if (d.version > 1 && count(d.reason) < reasonMin) out.push({ kind: "reason" });
  if (late(d, now) && !d.late_reason.trim()) out.push({ kind: "late_reason" });
  if (!d.overall) out.push({ kind: "overall" });
  const s = d.officer_sign;
  if (!s.stance) out.push({ kind: "stance" });
  else {
    if (s.stance === "object" && !s.text.trim()) out.push({ kind: "objection" });
    if (s.stance !== "refused" && !s.signature) out.push({ kind: "officer_signature" });
  }
  if (!d.supervisor_signs.some((x) => x.account_id === d.account_id && x.signature)) out.push({ kind: "my_signature" });
  return [...out, ...ruleGaps(d, checklist, now, out)];
}

/** Which gap above says already what a rule would say again. */
const said: [RegExp, Gap["kind"][]][] = [
  [/^answers$/, ["unanswered"]], [/^answers\[\d+\]\.(note|photos)$/, ["answer"]], [/^observations\[\d+\]\.text$/, ["observation"]], [/^stop\.reason$/, ["stop_reason"]], [/^reason$/, ["reason"]],
  [/^overall$/, ["overall"]], [/^officer_sign\.stance$/, ["stance"]], [/^officer_sign\.signature$/, ["stance", "officer_signature"]], [/^supervisor_signs$/, ["my_signature"]], [/^(photos|officers|observations|.*\.photos)$/, ["too_much"]],
];
/** Ids and sums are the app's own: no person can mend them here, and a record that has a bad one is held by the server, not lost. */
const ours = /(^|[._\]])(id|ids\[\d+\]|visit_id|supersedes|sha256)$/;

/** ruleGaps: what the server would find wrong once this is sealed. */
function ruleGaps(d: Draft, checklist: Checklist, now: Date, found: readonly Gap[]): Gap[] {
  const body = sheetBody(d, "", now.toISOString()) as unknown as Body;
  const covered = (field: string) => said.some(([at, kinds]) => at.test(field) && found.some((g) => kinds.includes(g.kind)));
  return ruleFaults(body, checklist).filter((f) => !ours.test(f.field) && !covered(f.field)).map((f) => ({ kind: "rule", ...f }));
}

