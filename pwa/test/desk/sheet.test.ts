import { describe, expect, it } from 'vitest'
import { categories, differences, shotsAt, shownSheet, sums } from '../../src/desk/visit/sheet'
import type { Answer, Item, SheetBody } from '../../src/desk/visit/types'

const item = (code: string, cat: string, sev: Item['sev'] = 'general'): Item => ({ code, cat, sev, text: code, fail: '', basis: '' })
const answer = (code: string, result: Answer['result'], more: Partial<Answer> = {}): Answer => ({ code, result, note: '', photos: [], ...more })
const body = (more: Partial<SheetBody>): SheetBody => ({
  opinion: '', overall: 'standard', mode: 'quick', method: 'accompanied', helpers: 0, started_at: '', ended_at: '', sealed_at: '', answers: [], observations: [], stop: null,
  recusal: { declared: true, at: '' }, officers: [], officer_sign: { name: '', credential_number: '', stance: 'accept', text: '', signature: '' }, supervisor_signs: [], photos: [], ...more,
})

describe('a record sheet read by the desk', () => {
  it('keeps the order of the checklist and leaves out what was not asked', () => {
    const cats = categories([item('A02', '主体资格'), item('A03', '主体资格'), item('C01', '亮证告知')], [answer('C01', 'no'), answer('A02', 'yes')])
    expect(cats.map((c) => [c.cat, c.lines.map((l) => l.item.code)])).toEqual([['主体资格', ['A02']], ['亮证告知', ['C01']]])
    expect(cats[1]!.count).toEqual({ yes: 0, no: 1, na: 0, unseen: 0 })
  })
  it('counts the rate without 不适用 and 未观察到', () => {
    expect(sums([answer('A', 'yes'), answer('B', 'yes'), answer('C', 'no'), answer('D', 'na'), answer('E', 'unseen')]).rate).toBe(66.7)
    expect(sums([answer('D', 'unseen')]).rate).toBeNull()
  })
  it('finds the photos of a place in their order', () => {
    const p = (sha256: string, place: string, position: number) => ({ sha256, item: place, position, size: 1, source: 'camera', taken_at: null, held: false })
    const shots = shotsAt([p('b', 'C01', 1), p('x', 'C02', 0), p('a', 'C01', 0)], 'C01', 'C01照片', () => '')
    expect(shots.map((s) => [s.sha256, s.name, s.held])).toEqual([['a', 'C01照片1', false], ['b', 'C01照片2', false]])
  })
  it('says only what differs', () => {
    const first = body({ answers: [answer('C01', 'no', { note: '没有出示', photos: ['a'] }), answer('C02', 'yes')] })
    const other = body({ answers: [answer('C01', 'yes'), answer('C02', 'yes')], overall: 'poor', opinion: '建议学习' })
    expect(differences(first, other)).toEqual([
      { what: 'C01', first: '不符合：没有出示（照片1张）', other: '符合' },
      { what: '总体评价', first: '规范', other: '不规范' },
      { what: '现场意见', first: '没有', other: '建议学习' },
    ])
    expect(differences(first, first)).toEqual([])
  })
  it('shows the version asked for, else the one in force', () => {
    const rows = [{ id: '1', superseded_by: '2' }, { id: '2', superseded_by: null }]
    expect(shownSheet(rows, '')!.id).toBe('2')
    expect(shownSheet(rows, '1')!.id).toBe('1')
    expect(shownSheet(rows, 'gone')!.id).toBe('2')
    expect(shownSheet([], '')).toBeUndefined()
  })
})
