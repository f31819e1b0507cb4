import type { DeedOffer } from '../../api/types'
import { CHOICE, CLASSES, COMPLAINT_DEED, RIGHTS } from '../../words/complaint'
import type { DeedWords, FieldSpec } from '../../words/desk'
import type { Option } from '../FormField.vue'
import type { ComplaintDetail } from './types'

// Which deeds are offered is the server's word; here only their order, the words of their choices, and what date follows. Pure.
const ORDER = ['run-on', 'approve', 'accept', 'assign', 'decide', 'answer', 'outcome', 'press', 'follow-up', 'extend', 'close', 'classify', 'supplement', 'send-back', 'ask-completion', 'stop-clock', 'refuse', 'transfer', 'decline-extension', 'ask-extension', 'recuse', 'reopen']
/** The deeds that carry the matter on, one a state: the solid button. */
const FORWARD = ['run-on', 'approve', 'accept', 'assign', 'decide', 'answer', 'outcome', 'follow-up', 'extend', 'close']

export function wordsOf(deed: string): DeedWords {
  return COMPLAINT_DEED[deed] ?? { button: deed, title: deed, done: '已办', past: deed, fields: [] }
}
const rank = (deed: string) => (ORDER.indexOf(deed) + 1 || 90)
/** The work on the matter, the most likely first. */
export function work(deeds: readonly DeedOffer[], c: Pick<ComplaintDetail, 'state' | 'investigators'>): DeedOffer[] {
  // Once two are on the case, writing what was found comes before naming others.
  const later = (deed: string) => (deed === 'assign' && c.investigators.length > 1 ? 80 : deed === 'close' && c.state === 'answered' ? 5.5 : rank(deed))
  return deeds.filter((d) => !RIGHTS.includes(d.deed)).sort((a, b) => later(a.deed) - later(b.deed))
}
export function mainOf(deeds: readonly DeedOffer[], c: Pick<ComplaintDetail, 'state' | 'investigators'>): DeedOffer | undefined {
  const first = work(deeds, c)[0]
  return first && FORWARD.includes(first.deed) ? first : undefined
}
export const rights = (deeds: readonly DeedOffer[]) => deeds.filter((d) => RIGHTS.includes(d.deed))

/** The rule that counts what is due after a deed, and the day it starts from. */
export function dueAfter(deed: string, c: Pick<ComplaintDetail, 'channel' | 'due_on' | 'has_contact'>, today: string): { rule: string; from: string; start: string } | null {
  if (deed === 'accept' || deed === 'reopen') return { rule: 'DL02', from: today, start: '受理' }
  if (deed === 'approve') return { rule: c.channel === 'superior' ? 'DL05' : 'DL04', from: today, start: '批准' }
  if (deed === 'ask-completion') return { rule: 'DL24', from: today, start: '告知' }
  if (deed === 'stop-clock') return { rule: 'DL25', from: today, start: '停止' }
  if (deed === 'transfer' || deed === 'press') return { rule: 'DL26', from: today, start: deed === 'press' ? '催问' : '转送' }
  if (deed === 'answer') return !c.has_contact ? null : { rule: 'DL23', from: today, start: '告知' }
  if (deed === 'extend' && c.due_on) return { rule: 'DL03', from: c.due_on, start: '原期限' }
  return null
}

/** The second level of a class, for a choice; empty when the class has none. */
export function under(category: string): Option[] {
  return (CLASSES.find((c) => c.code === category)?.under ?? []).map(([value, label]) => ({ value, label }))
}
export function optionsOf(spec: FieldSpec): Option[] {
  const words = CHOICE[spec.name] ?? {}
  return (spec.choices ?? []).map((value) => ({ value, label: words[value] ?? value }))
}
