// From the queue to the closed file across the roles, by hand at the desk: office registers and orders, the agency
// answers with evidence, the county verifies and closes.
import test from 'node:test'
import assert from 'node:assert/strict'
import { Server, browse, watched, login, axe, shot, jpeg } from './lib.mjs'

test('triage to closed, across the roles', { timeout: 240_000 }, async (t) => {
  const server = await Server.open()
  t.after(() => server.close())
  const browser = await browse()
  t.after(() => browser.close())
  const faults = []
  const desk = async (who, path) => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', bypassCSP: false })
    context.setDefaultTimeout(15_000)
    const page = await watched(context, faults)
    await login(page, server.base, who, path)
    return page
  }
  let number = ''

  await t.test('the office registers a lead as a problem, free of identity', async () => {
    const page = await desk('office', '/desk/leads?origin=complaint')
    await page.getByText(/同一个月三个单位/).first().waitFor()
    await shot(page, 'desk-lead-1440')
    await page.getByRole('button', { name: /登记为新问题/ }).first().click()
    const form = page.getByRole('dialog')
    await form.getByRole('radio', { name: '一般' }).check()
    await form.getByRole('radio', { name: '不当' }).check()
    await form.getByLabel('类别').selectOption('disturbance')
    await form.getByLabel('依据').fill('国办发〔2024〕54号，避免多头重复检查。')
    await form.getByLabel('核实后的事实').fill('查阅台账，本月三次检查属同一事项，未统筹安排。')
    await form.getByLabel('去标识后的写法').fill('你单位近期对同一事项多次检查，未作统筹。')
    await form.getByRole('checkbox', { name: /已去标识/ }).check()
    await shot(page, 'desk-register-1440')
    await form.getByRole('button', { name: '登记为新问题' }).click()
    await form.waitFor({ state: 'hidden' })
    const office = await server.as('office')
    const list = await office.get(`/api/problems?q=${encodeURIComponent('未统筹')}`)
    assert.equal(list.body.items.length, 1)
    number = list.body.items[0].number
    assert.match(number, /^WT\d{4}-\d{4}$/)
    await page.goto(`${server.base}/desk/problems/${list.body.items[0].id}`)
    await page.getByRole('button', { name: /反馈给执法单位/ }).first().click()
    const order = page.getByRole('dialog')
    await order.getByLabel('文书').selectOption('FBK')
    await order.getByLabel('送达日期').fill(new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10))
    await order.getByLabel('整改要求').fill('统筹全年检查安排，报送计划。')
    await shot(page, 'desk-order-1440')
    await order.getByRole('button', { name: '登记送达' }).click()
    await order.waitFor({ state: 'hidden' })
    await page.locator('.states').getByText('整改中').waitFor()
    await shot(page, 'desk-problem-1440')
    assert.deepEqual(await axe(page), [])
    await page.context().close()
  })

  await t.test('the agency sees the order and nothing of who spoke, and answers with evidence', async () => {
    const page = await desk('agency', '/desk')
    await page.getByRole('link', { name: /近期对同一事项多次检查/ }).click()
    await page.getByRole('heading', { name: '整改报告' }).waitFor()
    const text = await page.locator('body').innerText()
    for (const leak of ['投诉', '三个单位', '热线', '同一个月']) assert.ok(!text.includes(leak), `the agency reads “${leak}”`)
    await shot(page, 'agency-1440')
    assert.deepEqual(await axe(page), [])
    await page.getByLabel('采取了什么措施').fill('制定全年联合检查计划，一次进店查多件事。')
    await page.getByLabel('结果怎样').fill('计划已报司法所，下月起执行。')
    await page.getByLabel('佐证材料').setInputFiles({ name: '计划.jpg', mimeType: 'image/jpeg', buffer: await jpeg(page, 8) })
    await page.getByText('服务器已收到').waitFor()
    await page.getByRole('button', { name: '提交整改报告' }).click()
    await page.getByText(/复核中/).first().waitFor()
    await page.context().close()
  })

  await t.test('who registered it may not close it; the county may', async () => {
    const office = await desk('office', `/desk/problems?q=${number}`)
    await office.locator('.states').getByText('待复核').waitFor()
    assert.equal(await office.getByRole('button', { name: /复核整改报告/ }).first().isEnabled().catch(() => false), false)
    await office.context().close()
    const page = await desk('county', `/desk/problems?q=${number}`)
    await page.getByRole('button', { name: /复核整改报告/ }).first().click()
    await page.getByRole('radio', { name: /通过，销号/ }).check()
    await page.getByLabel('结论写明').fill('查看计划原件，与实际安排相符，整改到位。')
    await shot(page, 'desk-review-1440')
    await page.getByRole('button', { name: '销号', exact: true }).click()
    await page.locator('.states').getByText('已销号').waitFor()
    await shot(page, 'desk-closed-1440')
    const county = await server.as('county')
    const list = await county.get(`/api/problems?q=${number}`)
    assert.equal(list.body.items[0].state, 'closed')
    await page.context().close()
  })

  assert.deepEqual(faults, [])
})
