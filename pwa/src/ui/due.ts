import type { DueSum } from '../api/types'
import type { ChipShape } from './shapes'
import { addDays, dayText, daysBetween, weekday } from './when'

// Pure sums behind the due chips and the week grid.

export interface DueCell {
  day: string
  label: string
  ordinal: number
  mark: string
  cls: string[]
}

/** Days that lie in one Monday-to-Sunday grid; a long term shows its first and last weeks only by not being called. */
export function dueWeeks(sum: DueSum, today: string, start = '起'): DueCell[][] {
  const last = sum.due > today || daysBetween(sum.due, today) > 14 ? sum.due : today
  const first = addDays(sum.from, -weekday(sum.from))
  const end = addDays(last, 6 - weekday(last))
  if (!sum.days.length || daysBetween(first, end) > 70) return []
  const known = new Map(sum.days.map((d) => [d.day, d]))
  const weeks: DueCell[][] = []
  for (let day = first; day <= end; day = addDays(day, 1)) {
    if (weekday(day) === 0) weeks.push([])
    const d = known.get(day)
    const off = d ? !d.working : weekday(day) > 4
    const counted = day > sum.from && day <= sum.due
    const shift = !!d && d.working && weekday(day) > 4
    const cls: string[] = []
    if (off) cls.push('off')
    else if (!counted) cls.push('past')
    if (shift) cls.push('work')
    if (day === sum.due) cls.push('due')
    if (day === today) cls.push('today')
    weeks[weeks.length - 1]!.push({
      day, cls,
      label: `${Number(day.slice(8))}${shift ? ' 班' : ''}`,
      ordinal: counted ? (d?.ordinal ?? 0) : 0,
      mark: day === sum.from ? start : stood(sum, day) ? '停' : off && sum.unit === 'wd' ? '休' : '',
    })
  }
  return weeks
}

/** Did the clock stand still on this day? */
function stood(sum: DueSum, day: string): boolean {
  return (sum.stops ?? []).some((s) => day > s.from && day <= s.until)
}

/** What the marks of the grid mean; only of those it shows. `due` is the day that counts now, after an extension not the sum's. */
export function dueLegend(weeks: readonly (readonly DueCell[])[], sum: DueSum, today: string, due: string): string {
  const cells = weeks.flat()
  const words: string[] = []
  if (cells.some((c) => c.ordinal)) words.push(`粗字是第几${sum.unit === 'wd' ? '个工作日' : '日'}`)
  const has = (day: string) => cells.some((c) => c.day === day)
  if (cells.some((c) => c.mark === '停')) words.push('停是没有计算的日子')
  if (has(today) && today !== sum.due) words.push('方框是今天')
  if (has(sum.due)) words.push(`黄底是${due === sum.due ? '' : '原定'}到期日${today === sum.due ? '，就是今天' : ''}`)
  return words.length ? `${words.join('，')}。` : ''
}

/** 还剩2个工作日 / 今天到期 / 逾期4日; '' when there is no date. workLeft is the server's count of working days, when it gives one. */
export function dueWords(due: string | undefined | null, today: string, workLeft?: number | null): { text: string; shape: ChipShape } | null {
  if (!due) return null
  const n = daysBetween(today, due)
  if (n < 0) return { text: `逾期${-n}日`, shape: 'late' }
  if (n === 0) return { text: '今天到期', shape: 'near' }
  if (workLeft != null && workLeft <= 3) return { text: `还剩${workLeft}个工作日`, shape: 'near' }
  if (workLeft == null && n <= 3) return { text: `还剩${n}日`, shape: 'near' }
  return { text: `${dayText(due, today)}到期`, shape: '' }
}

/** How the day was counted, as a sentence. */
export function dueSentence(sum: DueSum, due: string, today: string, start: string): string {
  const unit = sum.unit === 'wd' ? '个工作日' : '日'
  const n = daysBetween(today, due)
  const from = sum.set
    ? `${dayText(sum.from, today)}${start}，期限当时写定，合${sum.value}${unit}。`
    : `${dayText(sum.from, today)}${start}，次日起算，第${sum.value}${unit}。`
  const moved = due === sum.due ? '' : `原定${dayText(sum.due, today)}，改到${dayText(due, today)}。`
  const left = n < 0 ? `已过${-n}日。` : n === 0 ? '就是今天。' : `今天${dayText(today)}，还剩${workLeft(sum, today, due)}。`
  return from + stopWords(sum, today) + moved + left
}

function stopWords(sum: DueSum, today: string): string {
  return (sum.stops ?? []).filter((s) => s.until > s.from).map((s) => `${dayText(s.from, today)}到${dayText(s.until, today)}停了${daysBetween(s.from, s.until)}日。`).join('')
}

function workLeft(sum: DueSum, today: string, due: string): string {
  if (sum.unit !== 'wd' || due !== sum.due) return `${daysBetween(today, due)}日`
  return `${sum.days.filter((d) => d.ordinal > 0 && d.day > today && d.day <= due).length}个工作日`
}
