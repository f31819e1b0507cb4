// The day of a desk, by hand: a visit planned, changed and called off; failed items raised or let rest; an agency that asks
// for more time and one that objects; a form that came on paper.
import test from 'node:test'
import assert from 'node:assert/strict'
import { shot } from './lib.mjs'
import { house, dialog, sent, sound, walk } from './desk-lib.mjs'

const day = (n) => new Date(Date.now() + 8 * 3600_000 + n * 86400_000).toISOString().slice(0, 10)
const plus = (date, n) => new Date(Date.parse(date) + n * 86400_000).toISOString().slice(0, 10)

test('what is done at the desk all day', { timeout: 600_000 }, async (t) => {
  const { server, faults, desk } = await house(t)
  const [office, county, agency] = [await server.as('office'), await server.as('county'), await server.as('agency')]

  await t.test('a visit is planned by keyboard, changed, and called off with a reason', async () => {
    const p = await desk('office', '/desk/visits/new')
    await p.getByRole('button', { name: '计划这次监督' }).press('Enter')
    await p.getByText('还有4处要改，已填的都留着。').waitFor() // the day is today already
    assert.equal(await p.locator('.field.has-error').count(), 4)
    assert.deepEqual(await sound(p), [])
    await p.getByLabel('执法单位').selectOption({ label: '示例镇A综合执法大队' })
    await p.getByLabel('被检查对象').focus()
    await p.keyboard.insertText('小吃')
    await p.getByRole('list', { name: '名录里的' }).waitFor()
    const name = (await p.locator('.pick-name').first().innerText()).trim()
    await walk(p, new RegExp(`^${name}`))
    await p.keyboard.press('Enter')
    await p.getByText(`名录里的 ${name}`).waitFor()
    await p.getByLabel('检查事项').selectOption('food')
    await p.getByLabel('哪一天去').fill(day(3))
    await p.getByRole('checkbox', { name: /测试员甲/ }).press('Space')
    await p.getByText('只有一名监督人员。').waitFor()
    await p.getByRole('checkbox', { name: /测试员乙/ }).press('Space')
    await p.getByText('只有一名监督人员。').waitFor({ state: 'detached' })
    assert.equal(await p.locator('.field.has-error').count(), 0, 'what has been put right is no longer pointed out')
    await p.getByLabel(/检查通知书文号/).fill('示例检通〔2026〕77号')
    await p.keyboard.press('Enter')
    await p.getByRole('heading', { name, level: 1 }).waitFor()
    const id = p.url().match(/visits\/([0-9a-f-]{36})/)[1]
    const made = (await office.get(`/api/visits/${id}`)).body
    assert.deepEqual([made.state, made.planned_on, made.matter, made.business_name, made.supervisors.length], ['planned', day(3), 'food', name, 2])
    await p.locator('.states').getByText('已计划').waitFor()
    await p.getByRole('button', { name: '改计划' }).click()
    await p.getByRole('heading', { name: '改计划' }).waitFor()
    await p.waitForFunction(() => [...document.querySelectorAll('input')].some((i) => i.value.includes('77号')))
    assert.deepEqual(await sound(p), [])
    await p.getByLabel('哪一天去').fill(day(5))
    await p.getByRole('button', { name: '保存改动' }).click()
    await p.getByRole('heading', { name, level: 1 }).waitFor()
    const changed = (await office.get(`/api/visits/${id}`)).body
    assert.deepEqual([changed.planned_on, changed.notice_number, changed.supervisors.length], [day(5), '示例检通〔2026〕77号', 2])
    await p.getByRole('button', { name: '取消这次监督' }).click()
    await dialog(p).getByRole('button', { name: '取消监督' }).click()
    await dialog(p).getByText('写明为什么取消').waitFor()
    assert.equal((await office.get(`/api/visits/${id}`)).body.state, 'planned')
    await p.keyboard.press('Escape')
    await dialog(p).waitFor({ state: 'hidden' })
    await p.getByRole('button', { name: '取消这次监督' }).click()
    await dialog(p).getByLabel('理由').fill('执法单位改了检查的日子。')
    await shot(p, 'visit-cancel-1440')
    await sent(p, '取消监督')
    await p.locator('.states').getByText('已取消').waitFor()
    await p.getByText('取消的理由：执法单位改了检查的日子。').waitFor()
    const off = (await office.get(`/api/visits/${id}`)).body
    assert.deepEqual([off.state, off.cancel_reason, off.deeds ?? []], ['cancelled', '执法单位改了检查的日子。', []])
    assert.equal(await p.getByRole('button', { name: /改计划|取消这次监督/ }).count(), 0)
    assert.deepEqual(await sound(p), [])
    await p.context().close()
  })

  await t.test('of the failed items one becomes a lead, one is let rest with a reason', async () => {
    const p = await desk('office', '/desk/visits/findings')
    const before = (await office.get('/api/findings?offered=true')).body.items
    assert.ok(before.length >= 2)
    const row = (f) => p.getByRole('listitem').filter({ hasText: f.note })
    const [up, rest] = before
    await row(up).getByRole('button', { name: `${up.item}提为线索` }).press('Enter')
    await row(up).waitFor({ state: 'detached' })
    const leads = (await office.get('/api/leads?origin=visit&state=open')).body.items
    const lead = leads.find((l) => JSON.stringify(l).includes(up.note))
    assert.ok(lead, 'the lead carries what was written on the spot')
    await row(rest).getByRole('button', { name: `${rest.item}不提` }).click()
    await dialog(p).getByRole('button', { name: '不提', exact: true }).click()
    await dialog(p).getByText('写明为什么不提').waitFor()
    await dialog(p).getByLabel('理由').fill('当场已经讲清，商户认可。')
    await sent(p, '不提')
    await row(rest).waitFor({ state: 'detached' })
    assert.deepEqual((await office.get('/api/findings?offered=true')).body.items.map((f) => f.id), before.slice(2).map((f) => f.id))
    const visit = (await office.get(`/api/visits/${rest.visit_id}/sheets`)).body.items.find((s) => !s.superseded_by)
    const sheet = (await office.get(`/api/sheets/${visit.id}`)).body
    assert.equal(sheet.findings.find((f) => f.id === rest.id).outcome, 'waived')
    await p.goto(`${server.base}/desk/visits/${rest.visit_id}`)
    await p.getByText('当场已经讲清，商户认可。').first().waitFor()
    assert.equal(await p.getByRole('button', { name: `${rest.item}提为线索` }).count(), 0)
    assert.deepEqual(await sound(p), [])
    await p.context().close()
  })

  const take = async (p, name) => {
    await p.getByRole('button', { name }).first().click()
    await dialog(p).waitFor()
  }

  await t.test('an agency asks for more time; the office grants it, and the agency reads the new day', async () => {
    const all = await Promise.all((await agency.get('/api/problems')).body.items.map(async (x) => (await agency.get(`/api/problems/${x.id}`)).body))
    const order = all.find((x) => x.deeds.some((d) => d.deed === 'ask-extension'))
    const until = order.extension_limit
    const p = await desk('agency', `/desk/orders/${order.id}`)
    await take(p, /申请延期/)
    await dialog(p).getByLabel('延到哪一天').fill(plus(until, 1)) // one day too many
    await dialog(p).getByLabel('为什么要延期').fill('新的告知文书要等县里统一印制。')
    await dialog(p).getByRole('button', { name: '申请延期' }).click()
    await dialog(p).locator('.error, [role=alert]').first().waitFor()
    assert.equal(await dialog(p).getByLabel('为什么要延期').inputValue(), '新的告知文书要等县里统一印制。')
    assert.equal((await agency.get(`/api/problems/${order.id}`)).body.extension_asked ?? '', '')
    await dialog(p).getByLabel('延到哪一天').fill(until)
    await sent(p, '申请延期')
    await p.getByText(/申请延期至.*等答复/).waitFor()
    assert.equal((await agency.get(`/api/problems/${order.id}`)).body.due_on, order.due_on, 'until it is granted the first day stands')
    const q = await desk('office', `/desk/problems/${order.id}`)
    await take(q, '同意延期')
    assert.equal(await dialog(q).getByLabel('新的期限').inputValue(), until, 'the form begins with the day that was asked for')
    await shot(q, 'extend-1440')
    assert.deepEqual(await sound(q), [])
    await sent(q, '同意延期')
    const now = (await office.get(`/api/problems/${order.id}`)).body
    assert.deepEqual([now.due_on, now.state], [until, 'rectifying'])
    assert.ok(!now.deeds.some((d) => d.deed === 'extend'), 'once only')
    await p.reload()
    await p.getByText('同意延期').first().waitFor()
    assert.equal(await p.getByRole('button', { name: /申请延期/ }).and(p.locator(':enabled')).count(), 0)
    await p.context().close()
    await q.context().close()
  })

  await t.test('an agency objects; the county changes what it asked for, and takes another matter back', async () => {
    const list = (await agency.get('/api/problems')).body.items
    const order = list.find((x) => x.state === 'rectifying' && x.number.startsWith('ZG') && x.severity !== 'redline' && x.due_on > day(0))
    const p = await desk('agency', `/desk/orders/${order.id}`)
    await take(p, '提出异议')
    await dialog(p).getByRole('button', { name: '提出异议' }).click()
    await dialog(p).locator('.error').first().waitFor()
    await dialog(p).getByLabel('哪里不对，依据是什么').fill('当天有两份通知书，第二份在卷里，请复核。')
    await sent(p, '提出异议')
    await p.getByText('异议复核中').first().waitFor()
    assert.equal((await agency.get(`/api/problems/${order.id}`)).body.state, 'disputed')
    assert.ok(!(await office.get(`/api/problems/${order.id}`)).body.deeds.some((d) => ['uphold', 'amend', 'withdraw'].includes(d.deed)), 'the office does not judge its own order')
    const q = await desk('county', `/desk/problems/${order.id}`)
    await q.getByText('当天有两份通知书，第二份在卷里，请复核。').first().waitFor()
    await take(q, '变更要求')
    await dialog(q).getByLabel('变更后的要求').fill('补交第二份通知书的送达回证。')
    await dialog(q).getByLabel('期限').fill(day(9))
    await sent(q, '变更')
    const now = (await county.get(`/api/problems/${order.id}`)).body
    assert.deepEqual([now.state, now.due_on], ['rectifying', day(9)])
    await p.reload()
    await p.getByText('补交第二份通知书的送达回证。').first().waitFor()
    await p.getByText('等您报告').first().waitFor()
    assert.deepEqual(await sound(p), [])
    const disputed = list.find((x) => x.state === 'disputed')
    await q.goto(`${server.base}/desk/problems/${disputed.id}`)
    await take(q, '撤回这个问题')
    await dialog(q).getByLabel('撤回的理由').fill('执法记录仪显示已经告知，问题不成立。')
    assert.equal(await dialog(q).getByRole('button', { name: '撤回问题' }).isDisabled(), true, 'what cannot be undone asks for a tick')
    await dialog(q).getByRole('checkbox', { name: /我已看清楚/ }).check()
    await sent(q, '撤回问题')
    await q.locator('.states').getByText('已撤回').waitFor()
    assert.equal((await county.get(`/api/problems/${disputed.id}`)).body.state, 'withdrawn')
    await p.context().close()
    await q.context().close()
  })

  await t.test('a form that came on paper is typed in; its code says what became of it', async () => {
    const p = await desk('office', '/desk/feedback/paper')
    await p.getByRole('button', { name: '录入', exact: true }).click()
    await p.getByText(/还有\d+处要补，已填的都留着。/).waitFor()
    assert.ok(await p.evaluate(() => !!document.activeElement?.closest('.has-error')), 'the first thing missing has the focus')
    assert.deepEqual(await sound(p), [])
    const group = (name) => p.getByRole('group', { name })
    await p.getByLabel('来检查的单位').selectOption({ label: '示例镇A综合执法大队' })
    await p.getByLabel('检查日期').fill(day(-1))
    await p.getByLabel('检查事项').selectOption('food')
    await group('填表的是').getByRole('radio', { name: '个体工商户' }).check()
    const facts = await p.locator('fieldset').filter({ hasText: '不清楚' }).all()
    assert.equal(facts.length, 10)
    for (const [i, f] of facts.entries()) await f.getByRole('radio', { name: i < 6 ? '是' : '否', exact: true }).check()
    await facts[7].getByRole('radio', { name: '是', exact: true }).check() // 乱收费
    for (const r of await p.locator('fieldset').filter({ hasText: '非常满意' }).all()) {
      await r.getByRole('radio', { name: '满意', exact: true }).press('Space')
    }
    await p.getByRole('button', { name: '录入', exact: true }).click()
    await p.getByText('反映了问题的，把纸上写的抄上').waitFor()
    const words = '收了三百元卫生费，没有给票据。'
    await p.getByLabel('反映的具体问题').fill(words)
    await group('联系方式').getByRole('radio', { name: '留了' }).check()
    await p.getByLabel('联系人').fill('纸上示例')
    await p.getByLabel('电话', { exact: true }).fill('13800000001')
    await p.getByRole('button', { name: '录入', exact: true }).click()
    const note = p.getByRole('status').filter({ hasText: '已录入' })
    await note.waitFor()
    await shot(p, 'paper-kept-1440')
    assert.deepEqual(await sound(p), [])
    const code = (await note.locator('.code').innerText()).trim()
    await p.getByRole('link', { name: '看这一份' }).click()
    await p.getByText(words).first().waitFor()
    await p.getByRole('main').getByText('纸质').first().waitFor()
    const id = p.url().match(/feedback\/([0-9a-f-]{36})/)[1]
    const kept = (await office.get(`/api/feedback/${id}`)).body
    assert.deepEqual([kept.channel, kept.problem_text, kept.bad, kept.has_contact], ['paper', words, true, true])
    assert.ok(!JSON.stringify(kept).includes('13800000001') && !JSON.stringify(kept).includes('纸上示例'), 'who wrote it lies in the vault')
    assert.equal((await agency.get(`/api/feedback/${id}`)).status, 403)
    const told = await (await fetch(`${server.base}/t`, { method: 'POST', headers: { origin: server.base }, body: new URLSearchParams({ r: code }) })).text()
    assert.match(told, /收到|核实/)
    assert.ok(!told.includes('卫生费'))
    await p.context().close()
  })
  assert.deepEqual(faults, [])
})
