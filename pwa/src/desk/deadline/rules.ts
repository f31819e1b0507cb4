import type { Rule } from './types'

/** A rule with its versions sorted by time: the one in force, those that come, those that were. */
export interface RuleLine {
  code: string
  event: string
  /** Absent when the first version is still to come. */
  now: Rule | undefined
  coming: Rule[]
  past: Rule[]
}

/** One line a rule out of all versions, by code. */
export function linesOf(all: readonly Rule[], today: string): RuleLine[] {
  const codes = [...new Set(all.map((r) => r.code))].sort()
  return codes.map((code) => {
    const versions = all.filter((r) => r.code === code).sort((a, b) => (a.effective_from < b.effective_from ? 1 : -1))
    const begun = versions.filter((r) => r.effective_from <= today)
    return { code, event: versions[0]!.event, now: begun[0], coming: versions.filter((r) => r.effective_from > today).reverse(), past: begun.slice(1) }
  })
}

/** 7个工作日, 30日, 当日 */
export function termWords(r: { value: number; unit: string }): string {
  if (!r.value) return '当日'
  return `${r.value}${r.unit === 'wd' ? '个工作日' : '日'}`
}

/** Whether a rule changed between the look and the save: the server keeps no version of a rule, so the page compares. */
export function changedSince(seen: readonly Rule[], fresh: readonly Rule[], code: string): boolean {
  const print = (rs: readonly Rule[]) =>
    JSON.stringify(rs.filter((r) => r.code === code).map((r) => [r.effective_from, r.value, r.unit, r.basis, r.strength]).sort())
  return print(seen) !== print(fresh)
}
