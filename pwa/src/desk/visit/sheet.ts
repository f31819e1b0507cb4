import type { Shot } from '../../ui/PhotoZoom.vue'
import { OVERALL, VERDICT } from '../../words/common'
import { STANCE } from '../../words/visit'
import type { Answer, Attachment, Item, SheetBody, SheetFull, Verdict } from './types'

// Pure readings of a record sheet: its categories, its sums, its photos by place, what two sheets differ in.

export interface Line {
  item: Item
  answer: Answer
}
export interface Category {
  cat: string
  lines: Line[]
  count: Record<Verdict, number>
}

const none = (): Record<Verdict, number> => ({ yes: 0, no: 0, na: 0, unseen: 0 })

/** The answered lines in the order of the checklist, under their categories. */
export function categories(items: readonly Item[], answers: readonly Answer[]): Category[] {
  const by = new Map(answers.map((a) => [a.code, a]))
  const out: Category[] = []
  for (const item of items) {
    const answer = by.get(item.code)
    if (!answer) continue
    let c = out.find((x) => x.cat === item.cat)
    if (!c) out.push((c = { cat: item.cat, lines: [], count: none() }))
    c.lines.push({ item, answer })
    c.count[answer.result]++
  }
  return out
}

/** How many of each verdict; rate is 符合/(符合+不符合) in percent, null when nothing counts. */
export function sums(answers: readonly Answer[]): { count: Record<Verdict, number>; rate: number | null } {
  const count = none()
  for (const a of answers) count[a.result]++
  const base = count.yes + count.no
  return { count, rate: base ? Math.round((count.yes / base) * 1000) / 10 : null }
}

const SOURCE: Record<string, string> = { camera: '现场拍摄', album: '从相册选' }

/** The photos that hang at a place of the sheet: an item's code, obs.1, sign.officer, or '' for the whole scene. */
export function shotsAt(photos: readonly Attachment[] | undefined, place: string, name: string, when: (t: string) => string): Shot[] {
  return (photos ?? [])
    .filter((p) => p.item === place)
    .sort((a, b) => a.position - b.position)
    .map((p, i) => ({
      sha256: p.sha256,
      name: `${name}${i + 1}`,
      meta: [SOURCE[p.source] ?? '', p.taken_at ? when(p.taken_at) : ''].filter(Boolean).join(' · '),
      held: p.held,
    }))
}

export interface Difference {
  what: string
  first: string
  other: string
}

/** What two sealed sheets say differently, line by line, in words. */
export function differences(first: SheetBody, other: SheetBody): Difference[] {
  const out: Difference[] = []
  const put = (what: string, a: string, b: string) => a !== b && out.push({ what, first: a || '没有', other: b || '没有' })
  const said = (a?: Answer) => (a ? `${VERDICT[a.result] ?? a.result}${a.note ? `：${a.note}` : ''}${a.photos?.length ? `（照片${a.photos.length}张）` : ''}` : '')
  const left = new Map(first.answers.map((a) => [a.code, a]))
  const right = new Map(other.answers.map((a) => [a.code, a]))
  for (const code of [...new Set([...left.keys(), ...right.keys()])].sort()) put(code, said(left.get(code)), said(right.get(code)))
  put('总体评价', OVERALL[first.overall] ?? '', OVERALL[other.overall] ?? '')
  put('现场意见', first.opinion, other.opinion)
  put('当场制止', first.stop?.reason ?? '', other.stop?.reason ?? '')
  put('其他情况', (first.observations ?? []).map((o) => o.text).join('；'), (other.observations ?? []).map((o) => o.text).join('；'))
  put('执法人员', (first.officers ?? []).map((o) => o.name).join('、'), (other.officers ?? []).map((o) => o.name).join('、'))
  put('执法人员的意见', STANCE[first.officer_sign.stance] ?? '', STANCE[other.officer_sign.stance] ?? '')
  put('照片', `${first.photos?.length ?? 0}张`, `${other.photos?.length ?? 0}张`)
  return out
}

/** Which version the desk shows: the one asked for, else the newest in force, else the newest. */
export function shownSheet<T extends Pick<SheetFull, 'id' | 'superseded_by'>>(rows: readonly T[], asked: string): T | undefined {
  return rows.find((r) => r.id === asked) ?? rows.find((r) => !r.superseded_by) ?? rows[0]
}
