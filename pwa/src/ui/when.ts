// Dates and times as the office reads them, always in Shanghai time. Pure; "now" comes in from outside.
const zone = 'Asia/Shanghai'
const parts = new Intl.DateTimeFormat('en-CA', {
  timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
})

function split(t: Date) {
  const o: Record<string, string> = {}
  for (const p of parts.formatToParts(t)) o[p.type] = p.value
  return o
}

/** 2026-05-14, the day in Shanghai. */
export function dayOf(t: Date | string | number): string {
  const o = split(new Date(t))
  return `${o.year}-${o.month}-${o.day}`
}

/** 05-12 09:10 in time lines; the year stands before it when it is not this one. */
export function stamp(t: string, now?: Date): string {
  const d = new Date(t)
  if (Number.isNaN(d.getTime())) return ''
  const o = split(d)
  const year = now && split(now).year !== o.year ? `${o.year}-` : ''
  return `${year}${o.month}-${o.day} ${o.hour}:${o.minute}`
}

/** 09:12 */
export function clockText(t: Date | number): string {
  const o = split(new Date(t))
  return `${o.hour}:${o.minute}`
}

/** 5月14日 in text; the year stands before it when it is not the year of `today`. */
export function dayText(day: string, today?: string): string {
  const m = /^(\d{4})-(\d{2})-(\d{2})/.exec(day)
  if (!m) return ''
  const year = today && !today.startsWith(m[1]!) ? `${m[1]}年` : ''
  return `${year}${Number(m[2])}月${Number(m[3])}日`
}

/** Whole days from a to b (b - a), by the calendar. */
export function daysBetween(a: string, b: string): number {
  return Math.round((Date.parse(`${b.slice(0, 10)}T00:00:00Z`) - Date.parse(`${a.slice(0, 10)}T00:00:00Z`)) / 86_400_000)
}

/** The day n days after. */
export function addDays(day: string, n: number): string {
  return new Date(Date.parse(`${day.slice(0, 10)}T00:00:00Z`) + n * 86_400_000).toISOString().slice(0, 10)
}

/** 0 Monday … 6 Sunday. */
export function weekday(day: string): number {
  return (new Date(`${day.slice(0, 10)}T00:00:00Z`).getUTCDay() + 6) % 7
}
