import { describe, expect, it } from 'vitest'
import { lines, revoked, silentDays, wantsCall } from '../../src/desk/phone/phones'
import type { Device, Phone } from '../../src/desk/phone/types'

const now = new Date('2026-05-14T04:00:00Z')
const phone = (id: string, o: Partial<Phone> = {}): Phone => ({
  device_id: id, name: '手机', account: { id: 'a', name: '甲' }, office: null, app_version: '1', persisted: true, installed: true, seen_at: '2026-05-14T01:00:00Z', revoked_at: null, drafts: 0, photos: 0, oldest: null, items: [], ...o,
})
const item = { id: 'i', kind: 'sheet', visit_id: 'v', visit_number: '', title: '', day: '2026-05-10', version: 1, photos: 0, photos_here: 0, bytes: 1, state: 'waiting', why: '', since: '' }
const device = (id: string, o: Partial<Device> = {}): Device => ({ id, account: { id: 'a', name: '甲' }, name: '手机', created_at: '', seen_at: '2026-05-01T00:00:00Z', revoked_at: null, revoked_reason: '', unused_tickets: 3, ...o })

describe('the radar', () => {
  it('lists who holds something first, the oldest before, then the rest, the lost last', () => {
    const list = lines([phone('empty'), phone('new', { items: [item], oldest: '2026-05-12' }), phone('old', { items: [item], oldest: '2026-05-10' })], [device('gone', { revoked_at: '2026-05-02T00:00:00Z' }), device('old')])
    expect(list.map((l) => l.id)).toEqual(['old', 'new', 'empty', 'gone'])
    expect(list[0]!.device?.unused_tickets).toBe(3)
    expect(list.map(revoked)).toEqual([false, false, false, true])
  })
  it('asks for a call only for a phone that holds records and has been silent for three days', () => {
    const [quiet, empty] = lines([phone('quiet', { items: [item], oldest: '2026-05-10', seen_at: '2026-05-11T03:00:00Z' }), phone('empty', { seen_at: '2026-05-01T03:00:00Z' })], [])
    expect(silentDays(quiet!, now)).toBe(3)
    expect(wantsCall(quiet!, now)).toBe(true)
    expect(wantsCall(empty!, now)).toBe(false)
  })
  it('counts only sheets as records: a cancelled visit is not one', () => {
    expect(lines([phone('p', { items: [item, { ...item, id: 'j', kind: 'cancel' }], photos: 4 })], [])[0]).toMatchObject({ sheets: 1, photos: 4 })
  })
})
