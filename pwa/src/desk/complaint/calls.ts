import { today } from '../session'
import type { CallForm } from './types'

// What a call's form begins with, what it still lacks, and what is sent. Pure, but for the day.

export function blank(channel: string): CallForm {
  return {
    channel, agency_id: '', target: '', officer: '', happened: '', place: '', fact: '', request: '', category: '', subcategory: '', already: 'none', urgency: 'normal',
    anonymous: null, name: '', phone: '', address: '', not_confidential: false, reply_wanted: true, outer_number: '', photos: [],
  }
}
/** Has anything been typed that is worth keeping? */
export function started(f: CallForm): boolean {
  return [f.target, f.officer, f.happened, f.place, f.fact, f.request, f.name, f.phone, f.address, f.outer_number, f.category].some((v) => v.trim()) || f.photos.length > 0 || f.anonymous !== null
}
/** What is still to be asked, by field, in the order of the form. */
export function lacking(f: CallForm): Record<string, string> {
  const out: Record<string, string> = {}
  if (!f.channel) out.channel = '选来源'
  if (f.fact.trim().length < 10) out.fact = '写清谁、做了什么，至少10个字'
  if (!f.happened.trim()) out.happened = '问清是哪一天，记不清写大概'
  if (!f.place.trim()) out.place = '问清在哪里'
  if (!f.target.trim()) out.target = '写明是哪个单位'
  if (f.anonymous === null) out.who = '问一句要不要留名'
  if (f.anonymous === false && !f.name.trim()) out.name = '写姓名'
  if (f.anonymous === false && f.phone.replace(/\D/g, '').length < 7) out.phone = '电话不对，请核对'
  return out
}
/** What is left out when empty; who is anonymous has neither name nor wishes about it. */
export function draftOf(f: CallForm): Record<string, unknown> {
  return Object.fromEntries(Object.entries(f).filter(([, v]) => v !== '' && v !== null && !(Array.isArray(v) && !v.length)))
}
export function takenOf(id: string, f: CallForm): Record<string, unknown> {
  const { anonymous, name, phone, address, not_confidential, reply_wanted, photos, ...rest } = f
  return { id, ...Object.fromEntries(Object.entries(rest).map(([k, v]) => [k, v.trim()]).filter(([, v]) => v)), anonymous: anonymous !== false, ...(photos.length ? { photos } : {}), ...(anonymous === false ? { name, phone, address, not_confidential, reply_wanted } : {}) }
}
/** 昨天, 前天 and the like as days, so that two calls about one day meet. */
export const QUICK_DAYS = ['今天', '昨天', '前天'] as const
export function quickDay(n: number): string {
  return new Date(Date.parse(`${today.value}T00:00:00Z`) - n * 86_400_000).toISOString().slice(0, 10)
}
export function elapsed(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000))
  return `${String(Math.floor(s / 60)).padStart(2, '0')}:${String(s % 60).padStart(2, '0')}`
}
