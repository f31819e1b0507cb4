import type { FieldSpec } from '../../words/desk'
import { emptyDraft, type Draft } from './deeds'

// What was typed into a deed's form outlives closing its window, until it is sent or the page is left.
const kept = new Map<string, Draft>()

export function draftFor(id: string, deed: string, fields: readonly FieldSpec[], preset?: Draft): Draft {
  const key = `${id}/${deed}`
  let d = kept.get(key)
  if (!d) kept.set(key, (d = emptyDraft(fields, preset)))
  return d
}
export function dropDraft(id: string, deed: string) {
  kept.delete(`${id}/${deed}`)
}
export function dropAllDrafts() {
  kept.clear()
}
