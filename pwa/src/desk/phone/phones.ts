import { daysBetween, dayOf } from '../../ui/when'
import type { Device, Phone } from './types'

// Pure readings of the radar: one line a phone, the ones that hold something first.

export interface Line {
  id: string
  name: string
  who: string
  phone: Phone | null
  device: Device | null
  sheets: number
  photos: number
}

/** Phones and devices are two tellings of the same thing: what it said it holds, and whether it may submit. */
export function lines(phones: readonly Phone[], devices: readonly Device[]): Line[] {
  const by = new Map(devices.map((d) => [d.id, d]))
  const out: Line[] = phones.map((p) => ({
    id: p.device_id, name: p.name, who: p.account.name, phone: p, device: by.get(p.device_id) ?? null,
    sheets: p.items.filter((i) => i.kind === 'sheet').length, photos: p.photos,
  }))
  for (const d of devices) if (!phones.some((p) => p.device_id === d.id)) out.push({ id: d.id, name: d.name, who: d.account.name, phone: null, device: d, sheets: 0, photos: 0 })
  const rank = (l: Line) => (l.phone?.items.length ? 0 : revoked(l) ? 2 : 1)
  return out.sort((a, b) => rank(a) - rank(b) || old(a).localeCompare(old(b)) || seen(b).localeCompare(seen(a)))
}

export const revoked = (l: Line) => !!(l.device?.revoked_at ?? l.phone?.revoked_at)
const old = (l: Line) => l.phone?.oldest ?? '9'
export const seen = (l: Line) => l.phone?.seen_at ?? l.device?.seen_at ?? ''

/** 今天09:12 is for the page; here only how many whole days a phone has been silent. */
export function silentDays(l: Line, now: Date): number {
  return seen(l) ? daysBetween(dayOf(seen(l)), dayOf(now)) : 0
}

/** A phone that holds records and has not been heard of for three days wants a call. */
export const SILENT = 3
export const wantsCall = (l: Line, now: Date) => !!l.phone?.items.length && silentDays(l, now) >= SILENT
