// What the server tells of a drawn visit. Nothing in it comes from an answer.
export interface CallbackRow {
  id: string
  month: string
  visit_number: string
  checked_on: string
  agency_id: string
  agency: string
  business: string
  address: string
  state: string
  tries: number
  tried_on: string
  contact: string
  seen: string
  filled: string
  beside: string
  version: number
}
export interface CallbackEvent {
  deed: string
  result: string
  seen: string
  filled: string
  beside: string
  reason: string
  on: string
  by: string
}
export interface CallbackDetail extends CallbackRow {
  history: CallbackEvent[]
  may_call: boolean
  may_undo: boolean
}
export interface CallbackFigures {
  agency_id: string
  agency: string
  drawn: number
  open: number
  reached: number
  unreached: number
  declined: number
  no_code: number
  by_officer: number
  by_other: number
  beside: number
  against?: { unmarked: number; marked: number; unknown: number }
}
export interface CallbackRound {
  month: string
  drawn_on: string
  share: number
  least: number
  pool: number
  drawn: number
}
export interface CallbackReport {
  agencies: CallbackFigures[]
  rounds: CallbackRound[]
}
export interface CallbackSettings {
  share: number
  least: number
  version: number
}
