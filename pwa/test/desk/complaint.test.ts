import { describe, expect, it } from 'vitest'
import { blank, draftOf, elapsed, lacking, started, takenOf } from '../../src/desk/complaint/calls'
import { dueAfter, mainOf, rights, under, work } from '../../src/desk/complaint/deeds'
import { cut, grouped } from '../../src/desk/paper/pages'
import type { Item } from '../../src/desk/visit/types'
import { CHOICE, CLASSES, COMPLAINT_DEED } from '../../src/words/complaint'

const items: Item[] = Array.from({ length: 36 }, (_, n) => ({ code: `A${n}`, cat: n < 5 ? '主体' : '程序', sev: 'general', text: '', fail: '', basis: '' }))
describe('the paper sheet', () => {
  it('puts the quick items on one page with head and foot, all of them on two', () => {
    expect(cut(items, ['A1', 'A7'], 'quick').map((p) => [p.items.length, p.head, p.foot])).toEqual([[2, true, true]])
    expect(cut(items, [], 'full').map((p) => [p.items.length, p.head, p.foot])).toEqual([[20, true, false], [16, false, true]])
  })
  it('groups lines under their category', () => expect(grouped(items).map((g) => [g.cat, g.items.length])).toEqual([['主体', 5], ['程序', 31]]))
})

describe('a call', () => {
  it('lacks what has not been asked, and asks for name and telephone only of who leaves them', () => {
    const f = blank('phone')
    expect(started(f)).toBe(false)
    expect(Object.keys(lacking(f))).toEqual(['fact', 'happened', 'place', 'target', 'who'])
    Object.assign(f, { fact: '两个人进店没有出示证件就翻柜台', happened: '2026-05-06', place: '东街', target: '示例镇大队', anonymous: true })
    expect(lacking(f)).toEqual({})
    f.anonymous = false
    expect(Object.keys(lacking(f))).toEqual(['name', 'phone'])
  })
  it('sends no name of who is anonymous, even where one was typed', () => {
    const f = { ...blank('phone'), name: '某某', phone: '13800000000', anonymous: true, target: ' 甲 ' }
    expect(takenOf('id', f)).toEqual({ id: 'id', channel: 'phone', target: '甲', already: 'none', urgency: 'normal', anonymous: true })
    expect(takenOf('id', { ...f, anonymous: false })).toMatchObject({ anonymous: false, name: '某某', reply_wanted: true })
  })
  it('keeps a draft of what was typed and of nothing else', () => expect(draftOf({ ...blank('phone'), fact: '甲' })).toEqual({ channel: 'phone', fact: '甲', already: 'none', urgency: 'normal', not_confidential: false, reply_wanted: true }))
  it('tells how long it lasts', () => expect([elapsed(0), elapsed(61_500), elapsed(3_600_000)]).toEqual(['00:00', '01:01', '60:00']))
})

describe('the deeds of a complaint', () => {
  const offer = (deed: string) => ({ deed, label_key: '', fields: [] })
  it('puts the step that carries it on first, and the rights of the person apart', () => {
    const deeds = ['supplement', 'refuse', 'accept', 'erase-person'].map(offer)
    expect(work(deeds, { state: 'received', investigators: [] }).map((d) => d.deed)).toEqual(['accept', 'supplement', 'refuse'])
    expect(rights(deeds).map((d) => d.deed)).toEqual(['erase-person'])
    expect(mainOf([offer('supplement')], { state: 'received', investigators: [] })).toBeUndefined()
  })
  it('writes what was found before it names others, once two are on the case', () => {
    const two = [{ id: 'a', name: '', role: '' }, { id: 'b', name: '', role: '' }]
    const deeds = ['assign', 'decide'].map(offer)
    expect(mainOf(deeds, { state: 'investigating', investigators: two })?.deed).toBe('decide')
    expect(mainOf(deeds, { state: 'accepted', investigators: [] })?.deed).toBe('assign')
  })
  it('says what is due after a deed, and counts from the right day', () => {
    const c = { channel: 'phone', due_on: '2026-06-01', has_contact: true }
    expect(dueAfter('accept', c, '2026-05-06')).toMatchObject({ rule: 'DL02', from: '2026-05-06' })
    expect(dueAfter('approve', { ...c, channel: 'superior' }, '2026-05-06')).toMatchObject({ rule: 'DL05' })
    expect(dueAfter('extend', c, '2026-05-06')).toMatchObject({ rule: 'DL03', from: '2026-06-01' })
    expect(dueAfter('answer', c, '2026-05-06')).toMatchObject({ rule: 'DL23' })
    expect(dueAfter('answer', { ...c, has_contact: false }, '2026-05-06')).toBeNull() // nobody can be called back
    expect(dueAfter('supplement', c, '2026-05-06')).toBeNull()
  })
  it('has a word for every deed, class and choice', () => {
    for (const w of Object.values(COMPLAINT_DEED)) for (const f of w.fields) if (f.kind === 'choice' && f.name !== 'subcategory') expect(Object.keys(CHOICE[f.name] ?? {}).length, f.name).toBeGreaterThan(1)
    expect(CLASSES).toHaveLength(10)
    expect(under('procedure').map((o) => o.label)).toContain('未亮证')
    expect(under('paperwork')).toEqual([])
  })
})
