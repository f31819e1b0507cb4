import { addDays, weekday } from '../../ui/when'
import type { Exception } from './types'

// Pure parts of the year: its months as grids, its days as runs, and what a change changes.

const pad = (n: number) => String(n).padStart(2, '0')
export const WEEK = ['一', '二', '三', '四', '五', '六', '日'] as const

/** The weeks of a month, Monday first; '' where a cell belongs to another month. */
export function monthWeeks(year: number, month: number): string[][] {
  const first = `${year}-${pad(month)}-01`
  const next = month === 12 ? `${year + 1}-01-01` : `${year}-${pad(month + 1)}-01`
  const cells: string[] = Array.from({ length: weekday(first) }, () => '')
  for (let d = first; d < next; d = addDays(d, 1)) cells.push(d)
  while (cells.length % 7) cells.push('')
  return Array.from({ length: cells.length / 7 }, (_, i) => cells.slice(i * 7, i * 7 + 7))
}

export const byDay = (days: readonly Exception[]): Map<string, Exception> => new Map(days.map((d) => [d.day, d]))
export const sorted = (days: readonly Exception[]): Exception[] => [...days].sort((a, b) => (a.day < b.day ? -1 : 1))

/** Whether people work on the day. */
export function works(day: string, known: Map<string, Exception>): boolean {
  return known.get(day)?.working ?? weekday(day) < 5
}

/** Working days of a whole year. */
export function workingDays(year: number, days: readonly Exception[]): number {
  const known = byDay(days)
  let n = 0
  for (let d = `${year}-01-01`; d.startsWith(String(year)); d = addDays(d, 1)) if (works(d, known)) n++
  return n
}

/** Days that follow one another and say the same. */
export interface Run {
  from: string
  to: string
  working: boolean
  name: string
}
export function runsOf(days: readonly Exception[]): Run[] {
  const runs: Run[] = []
  for (const d of sorted(days)) {
    const last = runs[runs.length - 1]
    if (last && last.working === d.working && last.name === d.name && addDays(last.to, 1) === d.day) last.to = d.day
    else runs.push({ from: d.day, to: d.day, working: d.working, name: d.name })
  }
  return runs
}

const short = (day: string) => `${Number(day.slice(5, 7))}月${Number(day.slice(8))}日`
/** 2月15日（周日）至23日（周一） */
export function spanWords(r: { from: string; to: string }): string {
  const start = `${short(r.from)}（周${WEEK[weekday(r.from)]}）`
  if (r.from === r.to) return start
  const end = r.from.slice(0, 7) === r.to.slice(0, 7) ? `${Number(r.to.slice(8))}日` : short(r.to)
  return `${start}至${end}（周${WEEK[weekday(r.to)]}）`
}

export interface Change {
  kind: 'added' | 'removed' | 'changed'
  from: string
  to: string
  working: boolean
  name: string
  /** What stood there before, for a changed day. */
  was: string
}

/** What saving would change, neighbours together. */
export function changesOf(before: readonly Exception[], after: readonly Exception[]): Change[] {
  const old = byDay(before)
  const now = byDay(after)
  const all: Change[] = []
  for (const day of [...new Set([...old.keys(), ...now.keys()])].sort()) {
    const a = old.get(day)
    const b = now.get(day)
    if (a && b && a.working === b.working && a.name === b.name) continue
    const x = b ?? a!
    all.push({ kind: !a ? 'added' : !b ? 'removed' : 'changed', from: day, to: day, working: x.working, name: x.name, was: a && b ? `${a.working ? '班' : '休'} ${a.name}` : '' })
  }
  return all.reduce<Change[]>((out, c) => {
    const last = out[out.length - 1]
    if (last && last.kind === c.kind && last.working === c.working && last.name === c.name && last.was === c.was && addDays(last.to, 1) === c.from) last.to = c.to
    else out.push(c)
    return out
  }, [])
}

/** What was written over `base`, put onto what stands there now: days this person did not touch are the other's. */
export function rebased(base: readonly Exception[], mine: readonly Exception[], fresh: readonly Exception[]): Exception[] {
  const [was, now] = [byDay(base), byDay(mine)]
  const out = byDay(fresh)
  for (const day of new Set([...was.keys(), ...now.keys()])) {
    const [a, b] = [was.get(day), now.get(day)]
    if (a?.working === b?.working && a?.name === b?.name) continue
    if (b) out.set(day, b)
    else out.delete(day)
  }
  return sorted([...out.values()])
}

/** A tap on a day: plain → 休 → plain on a weekday; plain → 班 → 休 → plain on a weekend. */
export function tapped(days: readonly Exception[], day: string, name: string): Exception[] {
  const at = days.find((d) => d.day === day)
  const rest = days.filter((d) => d.day !== day)
  const weekend = weekday(day) > 4
  const put = (working: boolean) => sorted([...rest, { day, working, name: working ? `${name}调休` : name }])
  if (!at) return put(weekend)
  return at.working && weekend ? put(false) : sorted(rest)
}

const FESTIVALS = ['元旦', '春节', '清明', '劳动', '端午', '中秋', '国庆']
/** What looks wrong in a year; none of it stops the saving, the notice decides. */
export function doubts(days: readonly Exception[]): string[] {
  const out: string[] = []
  const off = days.filter((d) => !d.working)
  const none = FESTIVALS.filter((f) => !off.some((d) => d.name.includes(f)))
  if (none.length) out.push(`没有看到${none.join('、')}的放假日。`)
  const idle = days.filter((d) => d.working && weekday(d.day) < 5)
  if (idle.length) out.push(`${idle.map((d) => short(d.day)).join('、')}本来就是工作日，不用写成上班。`)
  return out
}
