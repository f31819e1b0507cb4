// What the server tells of feedback and complaints. None of it says who spoke: that takes a reveal.
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
  suspect: boolean
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
  visit_id: string | null
  visit_number: string
  lead_id: string | null
  lead_number: string
  lead_state: string
  photos: Picture[]
  may_answer: boolean
  may_reveal: boolean
}
export interface ComplaintRow {
  id: string
  number: string
  channel: string
  office: string
  target: string
  category: string
  urgency: string
  fact: string
  anonymous: boolean
  has_contact: boolean
  suspect: boolean
  state: string
  received_at: string
  lead_id: string | null
  lead_number: string
  lead_state: string
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
  photos: Picture[]
  may_reveal: boolean
  may_release: boolean
}
export interface Revealed {
  name: string
  phone: string
  address?: string
  id_number?: string
  confidential: boolean
  viewed_by: string
  viewed_at: string
}
export interface MonthSum {
  agency_id: string
  agency: string
  month: string
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
