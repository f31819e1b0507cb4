// The wire of visits as the desk reads it.
import type { MyFinding } from '../../words/fate'

export type Verdict = 'yes' | 'no' | 'na' | 'unseen'
export type VisitState = 'planned' | 'recorded' | 'cancelled'

export interface Person {
  id: string
  name: string
  role: string
  certificate: string
}
export interface Visit {
  id: string
  number: string
  origin: string
  method: string
  state: VisitState
  flagged: boolean
  office_id: string
  office_name: string
  agency_id: string
  agency_name: string
  business_id: string | null
  business_name: string
  business_uscc: string
  business_address: string
  business_kind: string
  matter: string
  notice_number: string
  external_code: string
  planned_on: string | null
  cancel_reason: string
  happened_at: string | null
  recorded_at: string | null
  received_at: string | null
  late_reason: string
  photos_total: number
  photos_due: number
  overall: string
  supervisors: Person[]
  sheets: number
  waiting: number
  redlines: number
  failed: number
  offered: number
  warnings: string[]
  /** Photos of its paper sheet. */
  papers?: { sha256: string; at: string; by: string }[]
  deeds?: string[]
  events?: { deed: string; state: string; at: string; by: string; role: string; text: string }[]
  created_at: string
  version: number
}
export interface VisitCounts {
  planned: number
  recorded: number
  cancelled: number
  flagged: number
  offered: number
  conflicts: number
  late: number
  waiting: number
  held: number
}
export interface Item {
  code: string
  cat: string
  sev: 'redline' | 'general' | 'minor'
  text: string
  fail: string
  basis: string
}
export interface Answer {
  code: string
  result: Verdict
  note: string
  no_photo_reason?: string
  photos: string[] | null
  corrected?: boolean
}
export interface SheetBody {
  opinion: string
  overall: string
  mode: string
  method: string
  helpers: number
  started_at: string
  ended_at: string
  sealed_at: string
  answers: Answer[]
  observations: { text: string; photos: string[] | null; at: string }[] | null
  stop: { reason: string; at: string } | null
  recusal: { declared: boolean; at: string }
  officers: { name: string; credential_number: string; standing: string }[] | null
  officer_sign: { name: string; credential_number: string; stance: string; text: string; signature: string }
  supervisor_signs: { account_id: string; name: string; signature: string }[]
  photos: { sha256: string }[] | null
}
export interface Attachment {
  item: string
  position: number
  sha256: string
  size: number
  source: string
  taken_at: string | null
  held: boolean
}
export interface Standing {
  name: string
  credential_number: string
  claimed: string
  found: string
  valid_to?: string
  other_agency?: boolean
  other_name?: boolean
}
export interface Finding extends MyFinding {
  visit_id: string
  agency_name: string
  on_spot: boolean
  in_force: boolean
  lead_id: string | null
  problem_id: string | null
  received_at: string
}
export interface SheetRow {
  id: string
  visit_id: string
  author_name: string
  version: number
  supersedes: string | null
  superseded_by: string | null
  reason: string
  mode: string
  overall: string
  stopped: boolean
  late_reason: string
  digest: string
  standings: Standing[]
  remarks: string[]
  happened_at: string
  ended_at: string
  sealed_at: string
  received_at: string
  complete_at: string | null
  declared: number
  held: number
  receipt_code: string
}
/** A photo of this record that stands in another one too, or one that looks like it. */
export interface Twin {
  sha256: string
  same: boolean
  visit_id: string | null
  number: string
  day: string
}
export interface SheetFull extends SheetRow {
  body: SheetBody
  items: Item[]
  quick: string[]
  photos?: Attachment[]
  findings?: Finding[]
  twins?: Twin[]
}
export interface Conflict {
  id: string
  kind: string
  sheet_id: string
  visit_id: string
  visit_number: string
  author_name: string
  version: number
  first_at: string
  received_at: string
  first: SheetBody
  other: SheetBody
}
export interface Companion extends Person {
  office_id: string
  office_name: string
}
export interface BusinessRow {
  id: string
  name: string
  uscc: string
  address: string
  kind: string
}
