import { describe, expect, test } from 'vitest'
import { changesSince, dueOf, photosOf, roundsOf, titleOf } from '../../src/desk/problem/facts'
import { giveaways } from '../../src/desk/problem/giveaway'
import { dueSentence, dueWeeks, dueWords } from '../../src/ui/due'
import { addDays, dayText, stamp, weekday } from '../../src/ui/when'
import type { DueSum, EventRow } from '../../src/api/types'

const ev = (id: number, deed: string, text = '', data: Record<string, unknown> = {}): EventRow => ({ deed, state: String(id), at: `2026-05-0${id}T00:00:00Z`, actor_name: '', actor_role: 'office', text, data })

describe('title', () => {
  test('a short first sentence stands as it is', () => expect(titleOf('进店检查未主动出示执法证。店主问后才出示。')).toBe('进店检查未主动出示执法证'))
  test('a long one is cut at a clause', () => expect(titleOf('2026年5月6日上午，示例镇A综合执法大队三人对某制造企业开展安全检查，要求停机')).toBe('示例镇A综合执法大队三人对某制造企业开展安全检查'))
  test('a complaint is called by what happened', () => expect(titleOf('投诉示例镇A综合执法大队，2026-11-20，示例路10号：收了五百元没有开票，说是押金。')).toBe('收了五百元没有开票，说是押金'))
  test('no comma: an ellipsis', () => expect(titleOf('一'.repeat(40))).toHaveLength(28))
})

describe('rounds', () => {
  const events = [ev(1, 'register'), ev(2, 'order', '亮证'), ev(3, 'submit'), ev(4, 'return', '没有签到'), ev(5, 'submit'), ev(6, 'close')]
  test('newest first, each with what was asked of it', () => {
    const r = roundsOf(events)
    expect(r.map((x) => [x.n, x.asked, x.returned?.state, x.closed?.state])).toEqual([[2, '没有签到', undefined, '6'], [1, '亮证', '4', undefined]])
  })
  test('what changed since', () => expect(changesSince({ events: events.slice(0, 4) }, { events }).map((e) => e.state)).toEqual(['6', '5']))
  test('photos belong to the deed they came with', () => {
    const photos = [{ sha256: 'a', deed: 'submit', at: '2026-05-03T08:00:00+08:00' }, { sha256: 'b', deed: 'submit', at: '2026-05-05T00:00:00Z' }]
    expect(photosOf(events[2]!, photos).map((p) => p.sha256)).toEqual(['a'])
    expect(photosOf(null, photos)).toEqual([])
  })
})

// DOMAIN K 14: served 2026-05-06, 7 working days, Saturday 05-09 is worked: due 05-14.
const sum: DueSum = { rule: 'DL11', from: '2026-05-06', value: 7, unit: 'wd', due: '2026-05-14', basis: '本县做法', strength: 'inferred',
  days: ([['2026-05-07', 1], ['2026-05-08', 2], ['2026-05-09', 3], ['2026-05-10', 0], ['2026-05-11', 4], ['2026-05-12', 5], ['2026-05-13', 6], ['2026-05-14', 7]] as const).map(([day, ordinal]) => ({ day, ordinal, working: ordinal > 0, name: '' })) }

const clock = { overdue: false, overdue_days: 0, working_days_left: 2, near: false }
describe('due', () => {
  test('what was referred is due by the outcome it waits for', () => {
    const p = { due_on: '2026-05-14', state: 'referred' as const, clock }
    expect(dueOf({ ...p, outcome_due_on: '2026-05-19' }, '2026-05-20')).toEqual({ text: '逾期1日', shape: 'late' })
    expect(dueOf({ ...p, outcome_due_on: '' }, '2026-05-20')).toBeNull()
  })
  test('words', () => {
    expect(dueWords('2026-05-14', '2026-05-12', 2)).toEqual({ text: '还剩2个工作日', shape: 'near' })
    expect(dueWords('2026-05-14', '2026-05-14')!.text).toBe('今天到期')
    expect(dueWords('2026-05-14', '2026-05-18')).toEqual({ text: '逾期4日', shape: 'late' })
    expect(dueWords('2026-05-24', '2026-05-14', 6)).toEqual({ text: '5月24日到期', shape: '' })
    expect(dueWords(null, '2026-05-14')).toBeNull()
  })
  test('a closed problem has no due chip', () => expect(dueOf({ due_on: '2026-05-01', state: 'closed', clock }, '2026-05-14')).toBeNull())
  test('the chip follows the clock of the server', () => {
    expect(dueOf({ due_on: '2026-05-14', state: 'rectifying', clock: { ...clock, near: true } }, '2026-05-12')).toEqual({ text: '还剩2个工作日', shape: 'near' })
    expect(dueOf({ due_on: '2026-05-10', state: 'rectifying', clock: { ...clock, overdue: true, overdue_days: 4 } }, '2026-05-14')).toEqual({ text: '逾期4日', shape: 'late' })
    expect(dueOf({ due_on: '2026-05-30', state: 'rectifying', clock }, '2026-05-14')).toEqual({ text: '5月30日到期', shape: '' })
  })
  test('the week grid marks 班, 休, today and the due day', () => {
    const weeks = dueWeeks(sum, '2026-05-12')
    expect(weeks).toHaveLength(2)
    const cell = (d: string) => weeks.flat().find((c) => c.day === d)!
    expect(cell('2026-05-09')).toMatchObject({ label: '9 班', ordinal: 3, cls: ['work'] })
    expect(cell('2026-05-10')).toMatchObject({ mark: '休', ordinal: 0, cls: ['off'] })
    expect(cell('2026-05-12').cls).toEqual(['today'])
    expect(cell('2026-05-14')).toMatchObject({ ordinal: 7, cls: ['due'] })
    expect(cell('2026-05-15').cls).toEqual(['past'])
  })
  test('the sentence tells how it was counted', () => {
    expect(dueSentence(sum, '2026-05-14', '2026-05-12', '送达')).toBe('5月6日送达，次日起算，第7个工作日。今天5月12日，还剩2个工作日。')
    expect(dueSentence(sum, '2026-05-22', '2026-05-12', '送达')).toContain('原定5月14日，改到5月22日')
  })
})

describe('giveaways', () => {
  test('the fact of the reference points at what must go', () => {
    const found = giveaways('2026年5月6日上午9时33分，示例小吃店店主说“没看见证”，电话13800138000', ['示例小吃店']).map((g) => g.why)
    expect(found).toEqual(['名称', '电话号码', '具体日期', '原话', '能看出是谁说的'])
  })
  test('the rewritten one is clean', () => expect(giveaways('5月上旬一次安全检查中，要求企业两条生产线停机接受询问约两小时。', ['示例制造公司'])).toEqual([]))
})

describe('when', () => {
  test('Shanghai, whatever the machine', () => expect(stamp('2026-05-11T17:30:00Z')).toBe('05-12 01:30'))
  test('days', () => {
    expect(dayText('2026-05-14', '2026-01-01')).toBe('5月14日')
    expect(dayText('2025-12-31', '2026-01-01')).toBe('2025年12月31日')
    expect(addDays('2026-02-28', 1)).toBe('2026-03-01')
    expect(weekday('2026-05-06')).toBe(2)
  })
})
