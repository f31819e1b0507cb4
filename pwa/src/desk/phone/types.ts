import type { SheetBody } from '../visit/types'

// The wire of what phones hold (GET /api/phones), of phones that may submit, and of sheets held for the office.
export interface Named {
  id: string
  name: string
}
export interface PhoneItem {
  id: string
  kind: string
  visit_id: string
  visit_number: string
  title: string
  day: string
  version: number
  photos: number
  photos_here: number
  bytes: number
  state: string
  why: string
  since: string
}
export interface Phone {
  device_id: string
  name: string
  account: Named
  office: Named | null
  app_version: string
  persisted: boolean | null
  installed: boolean
  seen_at: string
  revoked_at: string | null
  drafts: number
  photos: number
  /** Since when the oldest of them is known to wait. */
  oldest: string | null
  items: PhoneItem[]
}
export interface LostItem {
  id: string
  visit_id: string
  visit_number: string
  title: string
  day: string
  version: number
  photos: number
}
export interface Loss {
  id: string
  device: Named
  account: Named
  cause: string
  items: LostItem[]
  noticed_at: string
  settled_at: string | null
  reason: string
  found: boolean
}
export interface Radar {
  items: Phone[]
  losses: Loss[]
  discards: Discard[]
}
/** A record that a person gave up on the phone. */
export interface Discard {
  id: string
  account_name: string
  visit_number: string
  day: string
  at: string | null
  reason: string
  noted_at: string
}
export interface Device {
  id: string
  account: Named
  name: string
  created_at: string
  seen_at: string
  revoked_at: string | null
  revoked_reason: string
  unused_tickets: number
}
/** What became of one record of a rescue file. */
export interface Rescued {
  id: string
  author_name: string
  business_name: string
  version: number
  state: string
  why: string
  missing: number
  receipt_code: string
}
export interface HeldSheet {
  id: string
  sheet_id: string
  visit_id: string
  visit_number: string
  version: number
  account_name: string
  device_name: string
  why: string
  /** Which rules of a record it breaks, in words. */
  faults: string
  /** Its author has sent a correction instead. */
  corrected: boolean
  business_name: string
  happened_at: string
  received_at: string
  photos: number
  photos_here: number
  settled_at: string | null
  settled_by: string
  kept: boolean | null
  reason: string
  outcome: string
  /** With one of them asked for alone: what was sealed. */
  body?: SheetBody & { visit?: { notice_number?: string; matter?: string } }
}
