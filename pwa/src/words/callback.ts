// Words of the random call-back. The questions are read out as they stand: neutral, and nothing about what was answered.
import type { StateWord } from './common'

export const CALL_STATE: Record<string, StateWord> = {
  open: { word: '待打', shape: '' }, reached: { word: '已接通', shape: 'done' }, unreached: { word: '三次没打通', shape: 'moved' }, declined: { word: '不愿回答', shape: 'moved' },
}
export const CALL_RESULT = [{ value: 'reached', label: '接通了' }, { value: 'unreached', label: '没打通' }, { value: 'declined', label: '不愿回答' }] as const
export const CALL_PAST: Record<string, string> = { reached: '打了电话，接通', unreached: '打了电话，没打通', declined: '打了电话，对方不愿回答' }
export const SEEN = { ask: '检查时有没有看到二维码？', said: [{ value: 'yes', label: '看到了' }, { value: 'no', label: '没有看到' }, { value: 'unsure', label: '记不清' }] } as const
export const FILLED = { ask: '是谁填写的？', said: [{ value: 'own', label: '本单位的人' }, { value: 'officer', label: '执法人员' }, { value: 'other', label: '别人' }, { value: 'nobody', label: '没有填' }] } as const
export const BESIDE = { ask: '填写时执法人员在旁边吗？', said: [{ value: 'yes', label: '在' }, { value: 'no', label: '不在' }, { value: 'unsure', label: '记不清' }] } as const
export const HELLO = '您好，这里是县司法局。随机抽到您这里，想问三个小问题，是关于上次检查时的评价二维码的。怎样评价的不问，也不告诉检查的单位。'

/** What was said to a question; nothing when it was left out. */
export function said(q: { said: readonly { value: string; label: string }[] }, value: string): string {
  return q.said.find((o) => o.value === value)?.label ?? ''
}
