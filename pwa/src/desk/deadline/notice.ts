import { addDays, weekday } from '../../ui/when'
import { sorted, WEEK } from './calendar'
import type { Exception } from './types'

// Reads the State Council's yearly notice as it is pasted, or lines like “2027-01-01 休 元旦”. Pure. What it cannot
// read it says; a date is never dropped without a word.

export interface Reading {
  days: Exception[]
  /** 国办发明电〔2025〕7号, '' when the text has none. */
  source: string
  /** What does not fit together: weekdays, totals, another year. */
  doubts: string[]
  /** Pieces with a date in them that were not understood. */
  unread: string[]
}

interface Stop {
  day: string
  said: string
  at: number
  end: number
}

const pad = (n: number) => String(n).padStart(2, '0')
const real = (day: string) => !Number.isNaN(Date.parse(`${day}T00:00:00Z`)) && new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10) === day
const RANGE = /^(至|到|[-–—~～]+)$/
const DATE = /(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日(?:\(([^)]*)\))?/g
const LINE = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:\s*(?:至|到|~|～)\s*(\d{4})[-/.](\d{1,2})[-/.](\d{1,2}))?[\s,，]*(休|班|放假|上班)[\s,，]*(.*)$/

/** Copied text breaks its lines in the middle of a date or a bracket; those are put together again. */
function joined(text: string): string[] {
  const out: string[] = []
  for (const line of text.split('\n').map((l) => l.trim()).filter(Boolean)) {
    const last = out[out.length - 1]
    const open = last !== undefined && last.lastIndexOf('(') > last.lastIndexOf(')')
    const broken = last !== undefined && !LINE.test(last) && !LINE.test(line) && (open || /[年月至到、，,\d]$/.test(last) || /^(?:[月日年至到、，,)]|放假|上班)/.test(line))
    if (broken) out[out.length - 1] = last + line
    else out.push(line)
  }
  return out
}

function plain(text: string): string {
  return text.replace(/[０-９]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/（/g, '(').replace(/）/g, ')').replace(/\r/g, '')
}

/** The dates of a clause; a month or year not said is that of the date before. */
function stops(clause: string, year: number): Stop[] {
  const out: Stop[] = []
  let y = year
  let m = 0
  for (const x of clause.matchAll(DATE)) {
    if (x[1]) y = Number(x[1])
    else if (x[2] && m === 12 && Number(x[2]) === 1 && y < year) y++
    if (x[2]) m = Number(x[2])
    out.push({ day: `${y}-${pad(m)}-${pad(Number(x[3]))}`, said: x[4] ?? '', at: x.index, end: x.index + x[0].length })
  }
  return out
}

function spread(clause: string, list: Stop[]): string[] {
  const days: string[] = []
  list.forEach((s, i) => {
    const before = list[i - 1]
    if (!before || !RANGE.test(clause.slice(before.end, s.at).trim())) return void days.push(s.day)
    let from = before.day
    // “12月31日至1月2日”: the notice of a year may begin in the one before.
    if (from > s.day && from.slice(5, 7) === '12' && s.day.slice(5, 7) === '01') {
      days.pop()
      from = `${Number(s.day.slice(0, 4)) - 1}${from.slice(4)}`
      days.push(from)
    }
    for (let d = addDays(from, 1), n = 0; d <= s.day && n < 40; d = addDays(d, 1), n++) days.push(d)
  })
  return days
}

class Reader {
  private found = new Map<string, Exception>()
  private doubts = new Set<string>()
  private unread: string[] = []
  private outside: string[] = []
  private odd: string[] = []
  private name = ''
  constructor(private year: number) {}

  read(text: string): Reading {
    const clean = plain(text)
    const title = /关于(\d{4})年[^。]{0,12}节假日/.exec(clean)
    if (title && Number(title[1]) !== this.year) this.doubts.add(`文字里写的是${title[1]}年的安排，这里录的是${this.year}年。`)
    for (const line of joined(clean)) {
      const m = LINE.exec(line)
      if (m) this.line(line, m)
      else for (const s of line.split(/[。；;]/)) this.sentence(s.trim())
    }
    if (this.odd.length) this.doubts.add(`${this.odd.slice(0, 3).join('；')}${this.odd.length > 3 ? `；这样对不上的有${this.odd.length}处` : ''}。会不会是别的年份的通知？`)
    if (this.outside.length) this.doubts.add(`${this.outside.join('、')}不在${this.year}年里，没有读进来。那一年的日历里要有。`)
    return { days: sorted([...this.found.values()]), source: /国办发(?:明电)?[〔[【(]\d{4}[〕\]】)]\d+号/.exec(clean)?.[0] ?? '', doubts: [...this.doubts], unread: this.unread }
  }

  private put(day: string, working: boolean, name: string) {
    if (!day.startsWith(`${this.year}-`)) return void this.outside.push(day)
    const was = this.found.get(day)
    if (was && was.working !== working) this.doubts.add(`${day}前后说法不一样，按后面的算${working ? '上班' : '放假'}。`)
    this.found.set(day, { day, working, name: name.slice(0, 20) })
  }

  private line(line: string, m: RegExpExecArray) {
    const from = `${m[1]}-${pad(Number(m[2]))}-${pad(Number(m[3]))}`
    const to = m[4] ? `${m[4]}-${pad(Number(m[5]))}-${pad(Number(m[6]))}` : from
    if (!real(from) || !real(to) || to < from || addDays(from, 40) < to) return void this.unread.push(line)
    const working = m[7] === '班' || m[7] === '上班'
    for (let d = from; d <= to; d = addDays(d, 1)) this.put(d, working, m[8]!.trim() || (working ? '调休' : '放假'))
  }

  private sentence(s: string) {
    const head = /^(?:[(]?[一二三四五六七八九十\d]+[)、.．]+)?\s*([\u4e00-\u9fa5、]{2,16})[:：]/.exec(s)
    if (head) this.name = head[1]!.replace(/节、/g, '').replace(/^(.*)节日$/, '$1节')
    // A date after a verb begins a clause of its own, with or without a comma.
    const body = (head ? s.slice(head[0].length) : s).replace(/(放假(?:调休)?|上班)(?=[^，,]*\d日)/g, '$1，')
    let off = 0
    for (const clause of body.split(/[，,]/)) {
      const list = stops(clause, this.year)
      if (!list.length) continue
      const verb = /放假|上班/.exec(clause.slice(list[list.length - 1]!.end))?.[0]
      if (!verb || list.some((x) => !real(x.day))) {
        this.unread.push(clause.trim())
        continue
      }
      for (const x of list) this.weekdayFits(x)
      const days = spread(clause, list)
      if (verb === '放假') off += days.length
      for (const d of days) this.put(d, verb === '上班', verb === '上班' ? `${this.name}调休` : this.name || '放假')
    }
    const total = /(?:共|放假)(\d+)天/.exec(body)
    if (total && off && Number(total[1]) !== off) this.doubts.add(`${this.name}写着共${total[1]}天，读出来是${off}天。`)
  }

  private weekdayFits(x: Stop) {
    const said = /(?:周|星期)([一二三四五六日天])/.exec(x.said)?.[1]?.replace('天', '日')
    const is = WEEK[weekday(x.day)]
    if (said && said !== is) this.odd.push(`${x.day}是周${is}，文字里写的是周${said}`)
  }
}

export function readNotice(text: string, year: number): Reading {
  return new Reader(year).read(text)
}
