import { reactive } from 'vue'
import type { CalendarYear, Exception } from './types'

/** What was pasted and tapped for a year outlives leaving the page, until it is saved or given up. */
export interface YearDraft {
  days: Exception[]
  source: string
  text: string
  touched: boolean
  /** The year as it was looked at when the writing began; null for one that was not there. Saving is held to its version. */
  base: CalendarYear | null
}
const kept = new Map<number, YearDraft>()

export function draftOf(year: number): YearDraft {
  let d = kept.get(year)
  if (!d) kept.set(year, (d = reactive({ days: [], source: '', text: '', touched: false, base: null })))
  return d
}
export function dropDraft(year: number) {
  kept.delete(year)
}
