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

/** The newest version of a code: what a change must say it has seen. */
export function versionOf(all: readonly Rule[], code: string): number {
  return Math.max(0, ...all.filter((r) => r.code === code).map((r) => r.version))
}
