// What a careful colleague would point out before a sheet is sealed. Nothing here blocks: the person decides.
import type { Draft } from "../offline/types";

export type Point = "few_officers" | "alone" | "bad_card" | "clock" | "no_code" | "on_spot";
export interface Noticed { kind: Point; code: string }

/** fewOfficers: A02 says that at least two officers came, and the sheet itself names fewer, without a word on why. */
export function fewOfficers(d: Draft): boolean {
  const a = d.answers.A02;
  return a?.result === "yes" && d.officers.length < 2 && !a.note.trim();
}

/** badCard: a card that the list in the phone calls expired or withdrawn, while A03 says that all were in order. */
function badCard(d: Draft): boolean {
  const a = d.answers.A03;
  return a?.result === "yes" && !a.note.trim() && d.officers.some((o) => o.standing === "expired" || o.standing === "suspended");
}

/** points lists everything to look at once more. `skewMs` is how far this phone's clock is from the server's. */
export function points(d: Draft, skewMs = 0): Noticed[] {
  const out: Noticed[] = [];
  if (d.officers.length && fewOfficers(d)) out.push({ kind: "few_officers", code: "A02" });
  if (badCard(d)) out.push({ kind: "bad_card", code: "A03" });
  if (d.supervisor_ids.length < 2) out.push({ kind: "alone", code: "" });
  // The first version only: a correction has the code of the one it corrects, or none can be added any more.
  if (d.version === 1 && !d.ticket_id) out.push({ kind: "no_code", code: "" });
  if (d.officer_sign.stance && d.officer_sign.stance !== "accept" && Object.values(d.answers).some((a) => a.corrected)) out.push({ kind: "on_spot", code: "" });
  if (Math.abs(skewMs) > 10 * 60_000) out.push({ kind: "clock", code: "" });
  return out;
}
