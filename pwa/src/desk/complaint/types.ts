// What the server tells of complaints. None of it says who spoke: that takes a reveal.
import type { DeedBlocked, DeedOffer, DueSum } from '../../api/types'

export interface ComplaintRow {
  id: string
  number: string
  channel: string
  office: string
  agency_id: string | null
  target: string
  category: string
  subcategory: string
  urgency: string
  fact: string
  anonymous: boolean
  has_contact: boolean
  suspect: boolean
  state: string
  received_at: string
  due_rule: string
  due_on: string
  platform_due_on: string
  clock: 'none' | 'running' | 'near' | 'overdue'
  handler: string
  unsettled: number
  retaliation: boolean
  reopened: number
  version: number
  lead_id: string | null
  lead_number: string
  lead_state: string
}
export interface CasePerson {
  id: string
  name: string
  role: string
  reason?: string
  at?: string
}
export interface CaseEvent {
  deed: string
  state: string
  at: string
  actor_name: string
  actor_role: string
  text: string
  data: Record<string, unknown> | null
}
/** What came in under the same number with other words; `settled` empty: it waits for a person. */
export interface CaseVersion {
  id: string
  way: string
  body: Record<string, string | null>
  has_contact: boolean
  at: string
  by_name: string
  settled: '' | 'first' | 'other' | 'both'
}
export interface Revealed {
  name: string
  phone: string
  address?: string
  id_number?: string
  confidential: boolean
  viewed_by: string
  viewed_at: string
  approved_by?: string
  reason?: string
  mark?: string
  earlier?: { name: string; phone: string; address?: string; id_number?: string }[]
}
/** A wish to see who spoke, at county level: another person agrees first. */
export interface RevealRequest {
  id: string
  case_kind: 'feedback' | 'complaint'
  case_id: string
  number: string
  asked_by: string
  reason: string
  asked_at: string
  expires_at: string
  decided_by: string
  decided_at: string | null
  why: string
  state: 'pending' | 'approved' | 'declined' | 'expired'
  mine: boolean
  may_decide: boolean
}
export interface ComplaintDetail extends ComplaintRow {
  officer: string
  happened: string
  place: string
  request: string
  already: string
  confidential: boolean
  reply_wanted: boolean
  outer_number: string
  taken_by: string
  about: string
  finding: string
  refused_ground: string
  referred_to: string
  answer: string
  answered_at: string | null
  extended: boolean
  extension_asked: boolean
  paused_on: string
  pause_ground: string
  asks: string
  outcome: string
  shredded_on: string
  problem_id: string | null
  problem_number: string
  due_sum: DueSum | null
  photos: { sha256: string; size: number; media_type: string }[]
  events: CaseEvent[]
  investigators: CasePerson[]
  recused: CasePerson[]
  people: CasePerson[]
  versions: CaseVersion[]
  deeds: DeedOffer[]
  blocked: DeedBlocked[]
  may_reveal: boolean
  may_release: boolean
  identity?: Revealed
}
export interface CaseCounts {
  received: number
  accepted: number
  investigating: number
  proposed: number
  paused: number
  decided: number
  answered: number
  overdue: number
  near: number
  suspect: number
  extension: number
  unsettled: number
}
/** What is typed while a person speaks; each field may still be missing. */
export interface CallForm {
  channel: string
  agency_id: string
  target: string
  officer: string
  happened: string
  place: string
  fact: string
  request: string
  category: string
  subcategory: string
  already: string
  urgency: string
  anonymous: boolean | null
  name: string
  phone: string
  address: string
  not_confidential: boolean
  reply_wanted: boolean
  outer_number: string
  photos: string[]
}
export interface DraftItem {
  id: string
  title: string
  saved_at: string
}
export interface Target {
  kind: 'agency' | 'officer' | 'office'
  id: string
  agency_id: string | null
  name: string
  note: string
}
export interface Similar {
  id: string
  number: string
  target: string
  happened: string
  state: string
  received_on: string
  fact: string
  score: number
  why: string[]
}
