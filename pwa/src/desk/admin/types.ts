import type { Role } from '../../api/types'

// The wire shapes of accounts, the directory, imports and the trail.
export interface Account {
  id: string
  username: string
  name: string
  role: Role
  office_id: string | null
  office_name: string
  agency_id: string | null
  agency_name: string
  certificate: string
  certificate_until: string | null
  must_change: boolean
  totp: boolean
  active: boolean
  left_on: string | null
  successor_name: string
  last_login_at: string | null
  version: number
}
export interface Work {
  id: string
  number: string
  due_on: string | null
}
export interface OpenWork {
  visits: Work[]
  leads: Work[]
  problems: Work[]
  complaints: Work[]
  /** Complaints begun and not filed; only how many. */
  drafts: number
}
export interface Bureau {
  id: string
  name: string
  county: string
  prefix: string
  hotline: string
  version: number
}
export interface Office {
  id: string
  name: string
  township: string
  prefix: string
  phone: string
  plaque_on: string | null
  active: boolean
  version: number
}
export interface Agency {
  id: string
  name: string
  kind: 'township' | 'county'
  office_id: string | null
  phone: string
  active: boolean
  version: number
}
export interface Places {
  bureau: Bureau | null
  offices: Office[]
  agencies: Agency[]
}
export interface Officer {
  id: string
  agency_id: string
  agency_name: string
  name: string
  credential_number: string
  valid_from: string
  valid_to: string
  status: 'active' | 'suspended' | 'revoked'
  standing: 'valid' | 'expired' | 'suspended' | 'revoked'
  version: number
}
export interface Business {
  id: string
  name: string
  uscc: string
  address: string
  kind: string
  industry: string
  office_id: string | null
  active: boolean
  confirmed: boolean
  version: number
}
export interface Security {
  totp_roles: Role[]
  idle_minutes: number
  absolute_hours: number
}
export interface TrailRow {
  id: number
  at: string
  actor_id: string | null
  actor_name: string
  actor_username: string
  actor_role: string
  deed: string
  subject_kind: string
  subject_id: string | null
  detail: Record<string, unknown>
  sealed: boolean
}
export interface TrailHead {
  seal: number
  last_id: number
  head: string
  sealed_at: string
}
/** A key under which a 12345 platform signs; `secret` comes once, in the answer that makes it. */
export interface OuterKey {
  id: string
  source_id: string
  source: string
  created_at: string
  used_at: string | null
  revoked_at: string | null
  secret?: string
}
/** A key of the vault and how many identities lie under it; one without algorithm is named by rows and lacking in the file. */
export interface VaultKey {
  id: string
  algorithm: string
  current: boolean
  retired_on: string
  held: number
}
