import { describe, expect, test } from 'vitest'
import { changesOf, doubts, monthWeeks, rebased, runsOf, spanWords, tapped, workingDays, works, byDay } from '../../src/desk/deadline/calendar'
import { readNotice } from '../../src/desk/deadline/notice'
import { linesOf, termWords, versionOf } from '../../src/desk/deadline/rules'
import type { Exception, Rule } from '../../src/desk/deadline/types'
import { dueLegend, dueWeeks } from '../../src/ui/due'
import type { DueSum } from '../../src/api/types'

// 国办发明电〔2025〕7号, as it was published for 2026.
const notice = `国务院办公厅关于2026年
部分节假日安排的通知
国办发明电〔2025〕7号
各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
　　经国务院批准，现将2026年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。
　　一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
　　二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
　　三、清明节：4月4日（周六）至6日（周一）放假，共3天。
　　四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
　　五、端午节：6月19日（周五）至21日（周日）放假，共3天。
　　六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
　　七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
　　节假日期间，各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作。`
const off = (days: readonly Exception[]) => days.filter((d) => !d.working).map((d) => d.day)
const on = (days: readonly Exception[]) => days.filter((d) => d.working).map((d) => d.day)

describe('the notice', () => {
  const r = readNotice(notice, 2026)
  test('every day off and every day worked', () => {
    expect(off(r.days)).toHaveLength(33)
    expect(on(r.days)).toEqual(['2026-01-04', '2026-02-14', '2026-02-28', '2026-05-09', '2026-09-20', '2026-10-10'])
    expect(r.days.find((d) => d.day === '2026-02-23')).toEqual({ day: '2026-02-23', working: false, name: '春节' })
    expect(r.days.find((d) => d.day === '2026-02-28')!.name).toBe('春节调休')
  })
  test('its number, and nothing doubtful', () => expect([r.source, r.doubts, r.unread, doubts(r.days)]).toEqual(['国办发明电〔2025〕7号', [], [], []]))
  test('pasted into another year it is noticed by title and weekdays', () => {
    const wrong = readNotice(notice, 2027).doubts
    expect(wrong[0]).toBe('文字里写的是2026年的安排，这里录的是2027年。')
    expect(wrong[1]).toMatch(/^2027-01-01是周五，文字里写的是周四；.*这样对不上的有\d+处。会不会是别的年份的通知？$/)
    expect(wrong).toHaveLength(2)
  })
  test('a total that does not fit', () => expect(readNotice('一、元旦：1月1日至3日放假，共4天。', 2026).doubts).toEqual(['元旦写着共4天，读出来是3天。']))
  test('advice to rest is no holiday, and is shown', () => {
    const x = readNotice('春节：2月10日至17日放假调休，共8天。2月4日（星期日）、2月18日（星期日）上班。鼓励安排职工在除夕（2月9日）休息。', 2024)
    expect(off(x.days)).toHaveLength(8)
    expect(x.unread).toEqual(['鼓励安排职工在除夕(2月9日)休息'])
  })
  test('a new year that begins in the old one', () => {
    for (const text of ['一、元旦：2022年12月31日至2023年1月2日放假调休，共3天。', '一、元旦：12月31日至1月2日放假调休，共3天。']) {
      const x = readNotice(text, 2023)
      expect(off(x.days)).toEqual(['2023-01-01', '2023-01-02'])
      expect(x.doubts).toEqual(['2022-12-31不在2023年里，没有读进来。那一年的日历里要有。'])
    }
  })
  test('lines broken in the middle, as copied out of a PDF', () => {
    const x = readNotice('二、春节：2月15日（农历腊月二十八、\n周日）至2\n3日（周一）放假调休，共9天。2月14日（周六）、\n2月28日（周六）\n上班。', 2026)
    expect([off(x.days).length, on(x.days), x.doubts, x.unread]).toEqual([9, ['2026-02-14', '2026-02-28'], [], []])
  })
  test('no comma between rest and work', () => {
    const x = readNotice('元旦：1月1日至3日放假1月4日上班', 2026)
    expect([off(x.days).length, on(x.days)]).toEqual([3, ['2026-01-04']])
  })
  test('two festivals in one', () => {
    const x = readNotice('六、国庆节、中秋节：10月1日（周三）至8日（周三）放假调休，共8天。9月28日（周日）、10月11日（周六）上班。', 2025)
    expect(x.days).toHaveLength(10)
    expect(x.days[0]).toEqual({ day: '2025-09-28', working: true, name: '国庆中秋节调休' })
  })
  test('lines of days', () => {
    const x = readNotice('2027-01-01至2027-01-03 休 元旦\n2027/1/4 班 元旦调休\n2027-02-30 休 春节', 2027)
    expect(x.days.map((d) => `${d.day} ${d.working} ${d.name}`)).toEqual(['2027-01-01 false 元旦', '2027-01-02 false 元旦', '2027-01-03 false 元旦', '2027-01-04 true 元旦调休'])
    expect(x.unread).toEqual(['2027-02-30 休 春节'])
  })
  test('nonsense gives nothing', () => expect(readNotice('请各位同事周知', 2027)).toEqual({ days: [], source: '', doubts: [], unread: [] }))
})

describe('the year', () => {
  const days = readNotice(notice, 2026).days
  test('a month is whole weeks from Monday', () => {
    const w = monthWeeks(2026, 2) // 1 February 2026 is a Sunday
    expect(w[0]).toEqual(['', '', '', '', '', '', '2026-02-01'])
    expect(w.flat().filter(Boolean)).toHaveLength(28)
    expect(monthWeeks(2026, 12).flat().filter(Boolean)).toHaveLength(31)
  })
  test('working days of 2026', () => expect([workingDays(2026, days), workingDays(2026, [])]).toEqual([248, 261]))
  test('a worked Saturday, a free Friday', () => expect([works('2026-05-09', byDay(days)), works('2026-05-01', byDay(days)), works('2026-05-10', byDay(days))]).toEqual([true, false, false]))
  test('runs in words', () => {
    expect(runsOf(days.filter((d) => d.day.startsWith('2026-02'))).map((r) => `${spanWords(r)}${r.working ? '班' : '休'}`))
      .toEqual(['2月14日（周六）班', '2月15日（周日）至23日（周一）休', '2月28日（周六）班'])
  })
  test('what a change changes', () => {
    const after = days.filter((d) => d.day !== '2026-01-02').map((d) => (d.day === '2026-05-09' ? { ...d, working: false } : d))
    expect(changesOf(days, after).map((c) => [c.kind, c.from, c.to, c.was])).toEqual([['removed', '2026-01-02', '2026-01-02', ''], ['changed', '2026-05-09', '2026-05-09', '班 劳动节调休']])
    expect(changesOf([], days)[0]).toMatchObject({ kind: 'added', from: '2026-01-01', to: '2026-01-03' })
    expect(changesOf(days, [...days].reverse())).toEqual([])
  })
  test('after a clash both people keep their days', () => {
    const x = (day: string, name: string) => ({ day, working: false, name })
    const base = [x('2027-01-01', '元旦'), x('2027-05-01', '劳动节')]
    const mine = [x('2027-01-01', '元旦'), x('2027-02-09', '春节')] // 劳动节 taken away, 春节 written
    const fresh = [x('2027-01-01', '新年'), x('2027-02-08', '春节'), x('2027-05-01', '劳动节')]
    expect(rebased(base, mine, fresh).map((d) => `${d.day} ${d.name}`)).toEqual(['2027-01-01 新年', '2027-02-08 春节', '2027-02-09 春节'])
    expect(rebased(base, [x('2027-01-01', '元旦节'), base[1]!], fresh).map((d) => d.name)).toEqual(['元旦节', '春节', '劳动节'])
  })
  test('taps on a weekday and on a weekend', () => {
    const once = tapped([], '2026-01-01', '元旦')
    expect(once).toEqual([{ day: '2026-01-01', working: false, name: '元旦' }])
    expect(tapped(once, '2026-01-01', '元旦')).toEqual([])
    const sat = tapped([], '2026-01-03', '元旦')
    expect(sat[0]).toMatchObject({ working: true, name: '元旦调休' })
    expect(tapped(sat, '2026-01-03', '元旦')[0]).toMatchObject({ working: false, name: '元旦' })
    expect(tapped(tapped(sat, '2026-01-03', '元旦'), '2026-01-03', '元旦')).toEqual([])
  })
  test('doubts do not pass in silence', () => {
    expect(doubts([{ day: '2026-01-05', working: true, name: '元旦调休' }, { day: '2026-01-01', working: false, name: '元旦' }]))
      .toEqual(['没有看到春节、清明、劳动、端午、中秋、国庆的放假日。', '1月5日本来就是工作日，不用写成上班。'])
  })
})

describe('rules', () => {
  const rule = (from: string, value: number): Rule => ({ code: 'DL11', effective_from: from, event: '反馈单送达后，书面答复', value, unit: 'wd', basis: '县里设定', strength: 'inferred', statutory: false, version: 1, reason: '' })
  const all = [rule('2027-01-01', 3), rule('2026-06-01', 5), rule('2024-01-01', 7)]
  test('the one in force, what comes, what was', () => {
    const [l] = linesOf(all, '2026-11-22')
    expect([l!.now!.value, l!.coming.map((r) => r.value), l!.past.map((r) => r.value)]).toEqual([5, [3], [7]])
    expect(linesOf(all, '2023-01-01')[0]!.now).toBeUndefined()
  })
  test('terms', () => expect([termWords({ value: 7, unit: 'wd' }), termWords({ value: 30, unit: 'd' }), termWords({ value: 0, unit: 'd' })]).toEqual(['7个工作日', '30日', '当日']))
  test('a change says the newest version that was seen, whichever came last', () => {
    expect(versionOf([{ ...all[0]!, version: 2 }, { ...all[1]!, version: 3 }, all[2]!], 'DL11')).toBe(3)
    expect(versionOf(all, 'DL01')).toBe(0)
  })
})

describe('the legend of a sum says only what is shown', () => {
  const sum: DueSum = { rule: 'DL11', from: '2026-05-06', value: 2, unit: 'wd', due: '2026-05-08', basis: '', strength: 'inferred',
    days: [{ day: '2026-05-07', ordinal: 1, working: true, name: '' }, { day: '2026-05-08', ordinal: 2, working: true, name: '' }] }
  const say = (today: string, due = sum.due) => dueLegend(dueWeeks(sum, today), sum, today, due)
  test('today in the grid', () => expect(say('2026-05-07')).toBe('粗字是第几个工作日，方框是今天，黄底是到期日。'))
  test('today outside', () => expect(say('2026-11-22')).toBe('粗字是第几个工作日，黄底是到期日。'))
  test('today is the day', () => expect(say('2026-05-08')).toBe('粗字是第几个工作日，黄底是到期日，就是今天。'))
  test('after an extension', () => expect(say('2026-05-07', '2026-05-20')).toBe('粗字是第几个工作日，方框是今天，黄底是原定到期日。'))
  test('no grid, no legend', () => expect(dueLegend([], sum, '2026-05-07', sum.due)).toBe(''))
})
