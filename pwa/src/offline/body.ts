// What is sealed: a draft in the words of the server, with everything it does not need left out.
import { endOf, usedPhotos } from "./draft";
import type { Draft } from "./types";

/** sheetBody is what goes to the server: the words of the contract, in a fixed order. */
export function sheetBody(d: Draft, appVersion: string, sealedAt: string): Record<string, unknown> {
  const { officer_sign: s } = d;
  return {
    id: d.id, visit_id: d.visit_id, version: d.version, ...(d.supersedes ? { supersedes: d.supersedes, reason: d.reason } : {}),
    app_version: appVersion, checklist_version: d.checklist_version, mode: d.mode, method: d.method,
    visit: {
      agency_id: d.agency_id, ...(d.business_id ? { business_id: d.business_id } : {}), business: d.business, matter: d.matter,
      notice_number: d.notice_number, external_code: d.external_code, supervisor_ids: d.supervisor_ids,
    },
    recusal: { declared: true, at: d.recused_at }, started_at: d.started_at, ended_at: endOf(d), sealed_at: sealedAt,
    ...(d.late_reason.trim() ? { late_reason: d.late_reason.trim() } : {}),
    officers: d.officers.map((o) => ({ ...(o.id ? { id: o.id } : {}), name: o.name, credential_number: o.credential_number, standing: o.standing })),
    helpers: d.helpers,
    answers: Object.values(d.answers).sort((a, b) => (a.code < b.code ? -1 : 1)).map((a) => ({
      code: a.code, result: a.result, note: a.note.trim(), ...(a.no_photo_reason.trim() && !a.photos.length ? { no_photo_reason: a.no_photo_reason.trim() } : {}),
      photos: a.photos, ...(a.corrected ? { corrected: true } : {}), at: a.at,
    })),
    observations: d.observations.map((o) => ({ text: o.text.trim(), photos: o.photos, at: o.at })),
    stop: d.stop, opinion: d.opinion.trim(), overall: d.overall,
    officer_sign: { name: s.name, credential_number: s.credential_number, stance: s.stance, text: s.text.trim(), signature: s.stance === "refused" ? "" : s.signature },
    supervisor_signs: d.supervisor_signs.filter((x) => x.signature), place: d.place, ...(d.ticket_id ? { ticket_id: d.ticket_id } : {}),
    photos: usedPhotos(d),
  };
}
