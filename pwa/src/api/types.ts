// The wire, written from the contract. Names are the wire's.
export type Role = 'county' | 'leader' | 'office' | 'supervisor' | 'agency' | 'hotline' | 'admin' | 'auditor'
export type Severity = 'redline' | 'general' | 'minor'
export type Rung = '' | 'FBK' | 'TXH' | 'DBH' | 'YJS' | 'JDS'
export type ProblemState = 'confirmed' | 'rectifying' | 'submitted' | 'disputed' | 'closed' | 'withdrawn' | 'referred'
export type LeadState = 'open' | 'registered' | 'attached' | 'dismissed' | 'referred'

export interface Page<T> {
  items: T[]
  next: string
  total?: number
}

export interface Me {
  id: string
  username: string
  name: string
  role: Role
  office: { id: string; name: string; township: string } | null
  agency: { id: string; name: string } | null
  certificate: string
  certified: boolean
  must_change: boolean
  totp: { enabled: boolean; demanded: boolean }
  demo: boolean
  server_time: string
  idle_minutes: number
}
export interface SessionRow {
  id: string
  kind: string
  label: string
  created_at: string
  seen_at: string
  current: boolean
}
export interface TotpStart {
  secret: string
  uri: string
  qr_png: string
}

export interface DueDay {
  day: string
  working: boolean
  ordinal: number
  name: string
}
export interface DueSum {
  rule: string
  from: string
  value: number
  unit: 'wd' | 'd'
  due: string
  basis: string
  strength: string
  statutory?: boolean
  /** The day was written into the letter by a person. */
  set?: boolean
  days: DueDay[]
  /** Times in which the clock stood still: the days after `from`, up to and with `until`. */
  stops?: { from: string; until: string; why: string }[]
  calendar_version?: string | number
}

/** A piece of evidence; `deed` and `at` say with which deed it came. */
export interface PhotoRef {
  sha256: string
  deed?: string
  media_type?: string
  size?: number
  taken_at?: string | null
  for_agency?: boolean
  at?: string
  /** false: declared by a phone, not yet received. */
  held?: boolean
  note?: string
}

export interface LeadCounts {
  open: number
  due_today: number
  overdue: number
  redline: number
  by_origin: Record<string, number>
  registered: number
  attached: number
  dismissed: number
  referred: number
  decided: number
  /** Referred, and no written outcome yet. */
  awaited: number
  awaited_overdue: number
}
export interface ProblemCounts {
  open: number
  overdue: number
  near: number
  no_date: number
  /** Red lines that nobody has ordered yet: they stand first. */
  redline_waiting: number
  /** Referred, and no written outcome yet. */
  awaited: number
  awaited_overdue: number
  extension_asked: number
  by_state: Record<string, number>
  by_severity: Record<string, number>
  by_origin?: Record<string, number>
}

/** How much time is left: overdue by natural days, or working days left. */
export interface DueClock {
  overdue: boolean
  overdue_days: number
  working_days_left: number | null
  near: boolean
}
export interface ProblemRow {
  id: string
  number: string
  office_id: string | null
  office_name: string
  agency_id: string
  agency_name: string
  origin: string
  severity: Severity
  category: string
  tag: string
  nature: string
  fact: string
  found_on: string
  state: ProblemState
  rung: Rung
  due_on: string
  clock: DueClock
  extension_asked: string
  accountability: boolean
  reopened: number
  registered_at: string
  closed_at: string | null
  incomplete?: boolean
  /** What the agency calls it, from the order on. */
  agency_number: string
  queued?: boolean
  /** Said of a visit that the reader stood beside: no origin, and of the fact only what the agency reads. */
  own_visit?: boolean
  /** Of a referral: when a written outcome is due. */
  outcome_due_on: string
  outcome: string
  version: number
}
/** In whose company a problem out of a public voice leaves, while it was not ordered yet. */
export interface Release {
  queued: boolean
  rung: string
  queued_at: string | null
  businesses: number
  needed: number
  from: string
  until: string
  leaves_on: string
  long_wait: boolean
  words: string
  /** Why it could not leave with the others; empty: nothing is in the way. */
  fault: string
}
/** A line of the agency's list. */
export interface AgencyRow {
  id: string
  number: string
  state: ProblemState
  severity: Severity
  rung: Rung
  category: string
  agency_text: string
  office_name: string
  served_on: string
  due_on: string
  clock: DueClock
  extension_asked: string
  round: number
  closed_on: string
  version: number
}
export interface EventRow {
  deed: string
  state: string
  at: string
  actor_name: string
  actor_role: string
  text: string
  for_agency?: boolean
  data?: Record<string, unknown> | null
}
export interface DeedOffer {
  deed: string
  label_key: string
  fields: DeedNeed[]
}
/** One field of a deed's form, as the server asks for it. */
export interface DeedNeed {
  name: string
  kind: 'text' | 'date' | 'bool' | 'photos' | 'choice' | 'agency' | 'person'
  required: boolean
  max?: number
  choices?: string[]
}
/** A deed that something still stands in the way of. */
export interface DeedBlocked {
  deed: string
  label_key: string
  why: string
}
export interface ProblemDetail extends ProblemRow {
  common: boolean
  item: string
  basis: string
  agency_text: string
  deidentified: boolean
  served_on: string
  due_sum: DueSum | null
  original_due_on: string
  extended: boolean
  round: number
  reporter_name: string
  reporter_is_me: boolean
  verifier_name: string
  handler_name: string
  letter_number: string
  outcome_rule: string
  outcome_from: string
  submitted_at: string | null
  look_back_on: string
  release: Release | null
  sources: { lead_id: string; number: string; origin: string; origin_id: string | null; item: string; raised_at: string }[]
  events: EventRow[]
  photos: PhotoRef[]
  /** Photos of the answer that were there before, here or elsewhere. */
  reused: ReusedPhoto[]
  deeds: DeedOffer[]
  blocked: DeedBlocked[]
}
/** A photo of an answer that an earlier record or problem has too; not same: it looks alike. */
export interface ReusedPhoto {
  sha256: string
  same: boolean
  kind: 'visit' | 'problem'
  /** Null and an empty number: out of sight. */
  id: string | null
  number: string
  own: boolean
  day: string
}
/** A problem as the agency sees it: no origin, no fact as found, no names. */
export interface AgencyProblem {
  id: string
  number: string
  office_name: string
  severity: Severity
  category: string
  basis: string
  agency_text: string
  state: ProblemState
  rung: Rung
  served_on: string
  due_on: string
  due_sum: DueSum | null
  clock: DueClock
  extended: boolean
  extension_asked: string
  extension_limit: string
  round: number
  closed_on: string
  version: number
  events: AgencyEvent[]
  photos: { sha256: string; media_type: string; size: number; ours: boolean }[]
  deeds: DeedOffer[]
  blocked: DeedBlocked[]
}
export interface AgencyEvent {
  deed: string
  state: string
  at: string
  by: string
  text: string
  rung?: Rung
  served_on?: string
  due_on?: string
  until?: string
  round?: number
  measures?: string
  result?: string
  responsible?: string
}
/** What the deed forms need of a problem, whoever looks at it. */
export type Deedable = Pick<ProblemDetail, 'id' | 'number' | 'version' | 'severity' | 'deeds' | 'rung'> & { events: { deed: string; state: string; at: string; actor_name?: string; actor_role?: string; by?: string }[]; fact?: string; photos?: PhotoRef[]; release?: Release | null }

export interface LeadRow {
  id: string
  number: string
  origin: string
  origin_id: string | null
  origin_item: string
  office_id: string | null
  office_name: string
  agency_id: string | null
  agency_name: string
  severity: Severity
  category: string
  fact: string
  happened_on: string
  raised_at: string
  state: LeadState
  due_on: string
  /** The rule it was counted by, from the day of raising. */
  due_rule: string
  /** Of the organ it was referred to. */
  outcome: string
  overdue: boolean
  problem_id: string | null
  problem_number: string
  /** Photos of the record behind it have not all arrived. */
  incomplete?: boolean
  version: number
}
/** What looks like the same matter; `same` says in what: agency, item, category, day. */
export interface Duplicate {
  kind: 'problem' | 'lead'
  id: string
  number: string
  fact: string
  state: string
  agency_name: string
  happened_on: string
  same: string[]
}
export interface LeadDetail extends LeadRow {
  origin_number: string
  sheet_id: string | null
  reporter_name: string
  reason: string
  referred_to: string
  letter_number: string
  /** The day the date runs from. */
  due_from: string
  decided_at: string | null
  basis: string
  photos: (PhotoRef & { for_item: boolean })[]
  duplicates: Duplicate[]
  seconds: { id: string; name: string; role: string }[]
  deeds: DeedOffer[]
  blocked: DeedBlocked[]
  events: EventRow[]
}
export interface DirectoryAnswer {
  bureau: { name: string }
  offices: { id: string; name: string; township?: string }[]
  agencies: { id: string; name: string; kind?: string; office_id?: string | null; active?: boolean }[]
}
