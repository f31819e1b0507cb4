// What the server tells of feedback. None of it says who spoke: that takes a reveal.
export interface FeedbackRow {
  id: string
  channel: string
  agency_id: string | null
  agency: string
  office: string
  checked_on: string
  matter: string
  kind: string
  overall: number
  bad: boolean
  counted: boolean
  /** 疑似代评: told to county and leader only. */
  suspect: boolean
  quarantined: boolean
  more: boolean
  has_contact: boolean
  state: string
  received_hour: string
}
export interface Picture {
  sha256: string
  size: number
}
export interface FeedbackDetail extends FeedbackRow {
  scale: number
  business_name: string
  facts: Record<string, string>
  ratings: Record<string, number>
  problem_text: string
  advice: string
  reply_wanted: boolean
  reply: string
  replied_at: string | null
  agency_text: string
  more_overall: number | null
  more_text: string
  twin_of: string | null
  visit_id: string | null
  visit_number: string
  lead_id: string | null
  lead_number: string
  lead_state: string
  photos: Picture[]
  /** The other answers of the same ticket. */
  beside: Beside[]
  /** Who looked at who spoke, newest first. */
  looks: { by: string; role: string; reason: string; at: string; read_by: string; read_at: string | null }[]
  may_answer: boolean
  may_reveal: boolean
}
export interface Beside {
  id: string
  counted: boolean
  suspect: boolean
  overall: number
  scale: number
  facts: Record<string, string>
  ratings: Record<string, number>
  problem_text: string
  received_hour: string
}
export interface Sums {
  n: number
  score: number
  satisfied: number
  poor: number
  r1: number
  r2: number
  r3: number
  r4: number
  r5: number
}
export interface MonthSum extends Sums {
  agency_id: string
  agency: string
  month: string
  until: string
  flagged?: Sums
  later?: number
  words?: string[]
}
export interface Rate {
  id: string
  name: string
  visits: number
  handed: number
  answered: number
  rate: number
}
export interface Rates {
  from: string
  to: string
  agencies: Rate[]
  supervisors: Rate[]
}
export interface Wall {
  id: string
  business_id: string
  business: string
  office: string
  created_on: string
  revoked_at: string | null
  url?: string
  short?: string
}
export interface PhoneStock {
  holder_id: string
  holder: string
  device_id: string | null
  device: string
  unused: number
}
export interface Stock {
  unused: number
  revoked: number
  phones: PhoneStock[]
}
