// Saving a draft: whole, at once, in turn. Two pages that write the same draft lose no answer and no photo of each other.
import type { Store } from "./db";
import type { Answer, Draft } from "./types";

/** The draft was sealed or given up on another page: it must not rise again. */
export class DraftGone extends Error {
  override name = "DraftGone";
}

/** saveDraft writes the draft; `seen` is the change this page knew. The result is what is stored now. */
export async function saveDraft(store: Store, draft: Draft, seen: string, now: Date): Promise<Draft> {
  let kept = draft;
  await store.write(["drafts"], async (w) => {
    const there = await w.get("drafts", draft.id);
    if (!there) throw new DraftGone("draft gone");
    kept = { ...(there.changed_at === seen ? draft : merge(there, draft)), changed_at: stampAfter(there.changed_at, now) };
    await w.put("drafts", kept);
  });
  return kept;
}

/** A stamp that moves forward even when the phone's clock does not. */
function stampAfter(last: string, now: Date): string {
  return new Date(Math.max(now.getTime(), Date.parse(last) + 1)).toISOString();
}

/** merge: ours wins field by field, answers by their time, and lists of things seen are joined. */
export function merge(theirs: Draft, ours: Draft): Draft {
  const answers: Record<string, Answer> = { ...theirs.answers };
  for (const a of Object.values(ours.answers)) if (!answers[a.code] || answers[a.code]!.at <= a.at) answers[a.code] = a;
  const seen = new Set(ours.observations.map((o) => o.id));
  return {
    ...theirs, ...ours, answers, observations: [...ours.observations, ...theirs.observations.filter((o) => !seen.has(o.id))],
    photos: { ...theirs.photos, ...ours.photos }, officers: ours.officers.length ? ours.officers : theirs.officers,
  };
}
