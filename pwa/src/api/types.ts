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
  days: DueDay[]
  calendar_version?: string | number
}

export interface PhotoRef {
  sha256: string
  name?: string
  media_type?: string
  size?: number
  taken_at?: string | null
  held?: boolean
  note?: string
}

export interface LeadCounts {
  open: number
  due_today?: number
  decided?: number
}
export interface ProblemCounts {
  open: number
  overdue: number
  near: number
  mine?: number
}
