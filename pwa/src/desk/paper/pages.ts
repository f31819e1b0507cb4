import type { Item } from '../visit/types'

// How a checklist falls on pages of A4, so that each page carries the code and its photo finds the visit. Pure.
export interface PaperCut {
  items: Item[]
  /** Head with unit, place and people: the first page. */
  head: boolean
  /** Remarks and signatures: the last page. */
  foot: boolean
}
const FIRST = 20

export function cut(all: readonly Item[], quick: readonly string[], mode: 'quick' | 'full'): PaperCut[] {
  if (mode === 'quick') return [{ items: all.filter((i) => quick.includes(i.code)), head: true, foot: true }]
  return [
    { items: all.slice(0, FIRST), head: true, foot: false },
    { items: all.slice(FIRST), head: false, foot: true },
  ]
}
/** The lines of a page under their categories. */
export function grouped(items: readonly Item[]): { cat: string; items: Item[] }[] {
  const out: { cat: string; items: Item[] }[] = []
  for (const i of items) {
    const last = out[out.length - 1]
    if (last?.cat === i.cat) last.items.push(i)
    else out.push({ cat: i.cat, items: [i] })
  }
  return out
}
