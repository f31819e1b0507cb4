import type { EventRow, PhotoRef, ProblemRow } from '../../api/types'
import type { ChipShape } from '../../ui/shapes'
import { dueWords } from '../../ui/due'
import { dayText } from '../../ui/when'

// Pure readings of a problem: its title, its rounds of rectification, what changed meanwhile.

const CLOSED = ['closed', 'withdrawn', 'referred']

/** A row title of at most 28 characters out of the fact: its first sentence, cut at a clause where it is longer. */
export function titleOf(fact: string, limit = 28): string {
  // Whom a complaint is against, the day and the place are facts of their own beside the title.
  const first = fact.trim().replace(/^投诉[^：。]{1,120}：(?=.)/, '').replace(/^(?:\d{4}年)?\d{1,2}月\d{1,2}日[^，。]{0,12}，/, '').split(/[。；！？\n]/)[0]!.trim()
  if (first.length <= limit) return first
  const clauses = first.split('，')
  let out = ''
  for (const c of clauses) {
    const longer = out ? `${out}，${c}` : c
    if (longer.length > limit) break
    out = longer
  }
  return out.length >= 12 ? out : `${first.slice(0, limit - 1)}…`
}

/** The due chip of a row, out of the server's clock; nothing once it is closed. */
export function dueOf(p: Pick<ProblemRow, 'due_on' | 'state' | 'clock'> & { outcome_due_on?: string }, today: string): { text: string; shape: ChipShape } | null {
  if (p.state === 'referred' && p.outcome_due_on) return dueWords(p.outcome_due_on, today)
  if (CLOSED.includes(p.state) || !p.due_on) return null
  const { overdue, overdue_days, near, working_days_left: left } = p.clock
  if (overdue) return { text: `逾期${overdue_days}日`, shape: 'late' }
  if (p.due_on === today) return { text: '今天到期', shape: 'near' }
  if (near && left !== null) return { text: `还剩${left}个工作日`, shape: 'near' }
  return { text: `${dayText(p.due_on, today)}到期`, shape: near ? 'near' : '' }
}

export interface Round {
  n: number
  asked: string
  submit: EventRow | null
  returned: EventRow | null
  closed: EventRow | null
}

/** What was asked, reported and answered, round by round, newest first; events come oldest first. */
export function roundsOf(events: readonly EventRow[]): Round[] {
    const rounds: Round[] = []
  let asked = ''
  for (const e of events) {
    if (e.deed === 'order' || e.deed === 'escalate') asked = e.text || asked
    else if (e.deed === 'amend') asked = e.text || asked
    else if (e.deed === 'submit' || e.deed === 'correct-on-spot') rounds.push({ n: rounds.length + 1, asked, submit: e, returned: null, closed: null })
    const last = rounds[rounds.length - 1]
    if (last && e.deed === 'return') {
      last.returned = e
      asked = e.text || asked
    }
    if (last && e.deed === 'close') last.closed = e
  }
  return rounds.reverse()
}

/** The photos that came with one event: same deed, same moment (they are written in one transaction). */
export function photosOf(e: EventRow | null, all: readonly PhotoRef[]): PhotoRef[] {
  if (!e) return []
  const at = Date.parse(e.at)
  return all.filter((p) => p.deed === e.deed && p.at && Date.parse(p.at) === at)
}

/** What happened since the person opened the record; for the 409. Newest first. Events are only ever appended. */
export function changesSince<E>(before: { events: readonly E[] }, after: { events: readonly E[] }): E[] {
  return after.events.slice(before.events.length).reverse()
}

const START: Record<string, string> = { order: '送达', escalate: '送达', return: '退回', amend: '变更', reopen: '重新打开', extend: '送达' }
/** What the deadline in force runs from, as a word for its sum. */
export function startOf(events: readonly { deed: string }[]): string {
  for (let i = events.length - 1; i >= 0; i--) {
    const w = START[events[i]!.deed]
    if (w) return w
  }
  return '送达'
}
