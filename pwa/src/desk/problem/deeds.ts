import type { DeedBlocked, DeedOffer } from '../../api/types'
import { DEED, FIELD_WORD, ORDER_ALONE, type DeedWords, type FieldSpec } from '../../words/desk'

// Which deeds are offered is the server's word (its life-cycle table and its guards); here only their order,
// their forms and what is checked before anything is sent. Pure.

/** The rule a letter's term is counted by (DOMAIN B.3). */
export const RULE_OF_RUNG: Record<string, string> = { FBK: 'DL11', TXH: 'DL11', DBH: 'DL12', YJS: 'DL06', JDS: 'DL07' }

// Most likely next step first: the first one offered is the solid button.
const ORDER = ['outcome', 'press', 'deidentify', 'queue', 'hasten', 'order', 'submit', 'close', 'extend', 'uphold', 'return', 'decline-extension', 'amend', 'ask-extension', 'object', 'correct-on-spot', 'escalate', 'reopen', 'withdraw', 'accountability', 'refer']

/** The offered deeds, the most likely first; rewriting a text that is already free of identity comes late. */
export function offered(deeds: readonly DeedOffer[], deidentified = false): DeedOffer[] {
  const rank = (deed: string) => {
    const i = ORDER.indexOf(deed)
    return i < 0 ? 90 : deed === 'deidentify' && deidentified ? 80 : i
  }
  return [...deeds].sort((a, b) => rank(a.deed) - rank(b.deed))
}

// Blocked deeds worth saying why; an extension nobody asked for is not one.
const SAY = ['queue', 'order', 'close', 'return', 'escalate', 'ask-extension', 'reopen', 'submit', 'deidentify']
export function worthSaying(blocked: readonly DeedBlocked[]): DeedBlocked[] {
  return blocked.filter((b) => SAY.includes(b.deed))
}

/** The leader's way past the ladder: never the obvious step. */
export function overrides(o: DeedOffer): boolean {
  return o.deed === 'escalate' && o.fields.some((f) => f.name === 'override_reason')
}

/** Deeds that carry the matter on; the rest are never the solid button. */
const FORWARD = ['outcome', 'queue', 'order', 'submit', 'close', 'extend', 'uphold', 'return', 'escalate']
export function mainOf(deeds: readonly DeedOffer[], deidentified = false): DeedOffer | undefined {
  const first = offered(deeds, deidentified)[0]
  if (!first || overrides(first) || alone(first)) return undefined
  return FORWARD.includes(first.deed) || (first.deed === 'deidentify' && !deidentified) ? first : undefined
}
/** A letter that the server wants a reason for, because it would leave alone. */
export function alone(o: DeedOffer): boolean {
  return o.deed === 'order' && o.fields.some((f) => f.name === 'urgent_reason')
}
/** The words of an offered deed; why is what the server says against sending a letter alone. */
export function wordsFor(o: DeedOffer, why = ''): DeedWords {
  const w = wordsOf(o.deed)
  return alone(o) ? { ...w, ...ORDER_ALONE, final: why + ORDER_ALONE.final } : w
}
export function wordsOf(deed: string): DeedWords {
  return DEED[deed] ?? { button: deed, title: deed, done: '已办', past: deed, fields: [] }
}

export type Draft = Record<string, string | boolean | string[]>

/** The form of an offered deed: which fields, required or not, how long, which choices is the server's word; labels are ours. */
export function fieldsFor(offer: DeedOffer, known: readonly FieldSpec[] = wordsOf(offer.deed).fields): FieldSpec[] {
  return offer.fields.map((n) => {
    const own = known.find((f) => f.name === n.name)
    const kind = n.kind === 'text' ? (own?.kind === 'line' ? 'line' : 'area') : KIND[n.kind]!
    return { label: FIELD_WORD[n.name] ?? n.name, ...own, name: n.name, kind, required: n.required, max: n.max || undefined, choices: n.choices }
  })
}
const KIND: Record<string, FieldSpec['kind']> = { date: 'date', bool: 'check', photos: 'photos', choice: 'choice', agency: 'agency', person: 'person' }
const MISSING: Record<string, string> = { date: '选一个日期', choice: '选一项', agency: '选一个单位', person: '选一个人' }

export function emptyDraft(fields: readonly FieldSpec[], preset: Draft = {}): Draft {
  const d: Draft = {}
  for (const f of fields) d[f.name] = f.kind === 'photos' ? [] : f.kind === 'check' ? false : ''
  return { ...d, ...preset }
}

/** What is still to be written, by field; empty when the form can go. */
export function faultsOf(fields: readonly FieldSpec[], draft: Draft): Record<string, string> {
  const out: Record<string, string> = {}
  for (const f of fields) {
    const v = draft[f.name]
    if (f.kind === 'photos') {
      if (f.required && !(v as string[]).length) out[f.name] = '至少附1件'
    } else if (f.kind === 'check') {
      if (f.required && !v) out[f.name] = '要先确认这一条'
    } else {
      const s = String(v ?? '').trim()
      if (f.required && !s) out[f.name] = MISSING[f.kind] ?? '要写这一栏'
      else if (s && f.min && s.length < f.min) out[f.name] = `至少${f.min}个字`
      else if (s && f.max && s.length > f.max) out[f.name] = `最多${f.max}个字，现在${s.length}个`
    }
  }
  return out
}

/** The body to send: texts trimmed, what is empty and optional left out. */
export function bodyOf(fields: readonly FieldSpec[], draft: Draft, version: number): Record<string, unknown> {
  const body: Record<string, unknown> = { version }
  for (const f of fields) {
    const v = draft[f.name]
    if (typeof v === 'string') {
      if (v.trim()) body[f.name] = v.trim()
    } else body[f.name] = v
  }
  return body
}
