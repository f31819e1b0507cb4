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
