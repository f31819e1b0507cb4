import { describe, expect, test } from 'vitest'
import type { DeedNeed, DeedOffer } from '../../src/api/types'
import { bodyOf, emptyDraft, faultsOf, fieldsFor, mainOf, offered, overrides, worthSaying, wordsOf } from '../../src/desk/problem/deeds'
import { DEED } from '../../src/words/desk'

const offer = (deed: string, ...fields: DeedNeed[]): DeedOffer => ({ deed, label_key: `problem.${deed}`, fields })
const text = (name: string, required = true, max = 10): DeedNeed => ({ name, kind: 'text', required, max })

describe('deeds', () => {
  // The deeds of the life-cycle, as the server names them: each must have its words.
  const all = ['deidentify', 'order', 'correct-on-spot', 'submit', 'ask-extension', 'extend', 'decline-extension', 'object', 'uphold', 'amend', 'withdraw', 'escalate', 'close', 'return', 'reopen', 'refer', 'press', 'outcome', 'accountability']
  test.each(all)('%s has words of its own', (d) => {
    expect(DEED[d]).toBeDefined()
    expect(wordsOf(d).button).not.toBe(d)
  })
  test('the next step is the solid button', () => {
    const names = (list: DeedOffer[], done?: boolean) => offered(list, done).map((o) => o.deed)
    expect(names([offer('accountability'), offer('order'), offer('deidentify')], true)).toEqual(['order', 'accountability', 'deidentify'])
    expect(mainOf([offer('deidentify'), offer('order')], false)?.deed).toBe('deidentify')
    expect(mainOf([offer('deidentify')], true)).toBeUndefined()
    expect(mainOf([offer('refer'), offer('accountability')], true)).toBeUndefined()
    expect(mainOf([offer('press'), offer('outcome')], true)?.deed).toBe('outcome') // of what was referred
    expect(mainOf([], true)).toBeUndefined()
  })
  test('going past the ladder is never the obvious step', () => {
    const past = offer('escalate', { name: 'override_reason', kind: 'text', required: true })
    expect(overrides(past)).toBe(true)
    expect(mainOf([past], true)).toBeUndefined()
    expect(mainOf([offer('escalate')], true)?.deed).toBe('escalate')
  })
  test('what stands in the way is said only where it helps', () => {
    const b = (deed: string) => ({ deed, label_key: '', why: 'x' })
    expect(worthSaying([b('extend'), b('close')]).map((x) => x.deed)).toEqual(['close'])
  })
})

describe('forms', () => {
  const o = offer('close', text('conclusion'), { name: 'look_back_on', kind: 'date', required: true })
  const fields = fieldsFor(o)
  test('the server says what is asked, we say how it is called', () => {
    expect(fields.map((f) => [f.name, f.kind, f.label, f.required])).toEqual([['conclusion', 'area', '结论写明', true], ['look_back_on', 'date', '回头看日期', true]])
    expect(fieldsFor(offer('neu', text('what')))[0]!.label).toBe('what') // a deed we have no words for still has a form
  })
  test('faults by field, gone when put right', () => {
    const d = emptyDraft(fields)
    expect(Object.keys(faultsOf(fields, d))).toEqual(['conclusion', 'look_back_on'])
    Object.assign(d, { conclusion: '字'.repeat(11), look_back_on: '2026-08-12' })
    expect(faultsOf(fields, d)).toEqual({ conclusion: '最多10个字，现在11个' })
    d.conclusion = '核对了材料'
    expect(faultsOf(fields, d)).toEqual({})
  })
  test('photos and ticks', () => {
    const f = fieldsFor(offer('correct-on-spot', { name: 'acknowledged', kind: 'bool', required: true }, { name: 'photos', kind: 'photos', required: true }))
    const d = emptyDraft(f)
    expect(d).toEqual({ acknowledged: false, photos: [] })
    expect(Object.keys(faultsOf(f, d))).toEqual(['acknowledged', 'photos'])
    expect(bodyOf(f, { acknowledged: true, photos: ['ab'] }, 3)).toEqual({ version: 3, acknowledged: true, photos: ['ab'] })
  })
  test('blanks are trimmed, the empty left out', () => expect(bodyOf(fields, { conclusion: ' 好 ', look_back_on: '' }, 7)).toEqual({ version: 7, conclusion: '好' }))
  test('a draft takes what is known', () => expect(emptyDraft(fields, { look_back_on: '2026-08-12' })).toEqual({ conclusion: '', look_back_on: '2026-08-12' }))
})
