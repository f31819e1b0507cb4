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

test('a call from the headset to the answer, and what phones hold', { timeout: 300_000 }, async (t) => {
  const server = await Server.open()
  t.after(() => server.close())
  const browser = await browse()
  t.after(() => browser.close())
  const faults = []
  const desk = async (who, path) => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
    context.setDefaultTimeout(20_000)
    const page = await watched(context, faults)
    await login(page, server.base, who, path)
    return page
  }
  const dialog = (page) => page.getByRole('dialog')
  const sent = async (page, name) => {
    await dialog(page).getByRole('button', { name, exact: true }).click()
    await dialog(page).waitFor({ state: 'hidden' })
  }
  const fact = '两个穿制服的人进店翻柜台，没有出示证件，拿走三箱饮料没有写单子。'
  let number = ''
  let id = ''

  await t.test('the hotline finds the unit as typed, keeps a draft, and reads the code out', async () => {
    const page = await desk('hotline', '/desk/complaints/new')
    await page.getByLabel('经过').fill(fact)
    await page.getByText(/草稿.*已存到服务器/).waitFor()
    await page.reload() // the browser fell over: the call is still there
    await page.waitForFunction((f) => document.querySelector('textarea')?.value === f, fact)
    await page.getByRole('button', { name: '昨天' }).click()
    await page.getByLabel('在哪里').fill('示例镇东街')
    await page.getByLabel('投诉哪个单位').pressSequentially('示例镇A综合')
    await page.getByRole('option').first().waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByText('会交给管它的司法所办').waitFor()
    await page.getByRole('radio', { name: '程序违法' }).check()
    await page.getByRole('radio', { name: '未亮证' }).check()
    await page.getByRole('radio', { name: '留姓名电话' }).check()
    await page.getByLabel('姓名', { exact: true }).fill('示例某某')
    await page.getByLabel('电话', { exact: true }).fill('13800000000')
    await shot(page, 'hotline-call-1440')
    assert.deepEqual(await axe(page), [])
    await page.keyboard.press('Control+Enter')
    await page.getByText('请把查询码念给投诉人').waitFor()
    assert.match((await page.locator('.readout-code').innerText()).replace(/\s/g, ''), /^[0-9A-Z]{16}$/)
    number = (await page.getByText(/已登记，TS\d{4}-\d{4}/).innerText()).match(/TS\d{4}-\d{4}/)[0]
    await shot(page, 'hotline-readout-1440')
    await page.getByRole('button', { name: /接下一个/ }).click()
    await page.getByLabel('经过').fill('两个人进店没有出示证件，拿走三箱饮料没有写单子。')
    await page.getByLabel('投诉哪个单位').fill('示例镇A综合执法大队')
    await page.getByRole('region', { name: /可能是同一件事/ }).getByText(number).waitFor()
    await shot(page, 'hotline-similar-1440')
    await page.context().close()
  })

  await t.test('the office takes it on, two look into it, the person is told', async () => {
    const page = await desk('office', `/desk/complaints?q=${number}`)
    await page.getByRole('button', { name: '受理', exact: true }).first().click()
    await dialog(page).getByText('次日起算').waitFor() // the date that follows, with its sum
    await sent(page, '受理')
    await page.locator('.states').getByText('已受理').waitFor()
    id = page.url().match(/complaints\/([0-9a-f-]{36})/)[1]
    await page.getByRole('button', { name: '指定调查人员' }).first().click()
    await dialog(page).getByLabel('第一名').selectOption({ index: 1 })
    await dialog(page).getByLabel('第二名').selectOption({ index: 2 })
    await sent(page, '指定')
    await page.locator('.states').getByText('调查中').waitFor()
    await page.getByLabel('为什么要看').fill('回电核实经过')
    await page.getByRole('button', { name: '查看姓名电话' }).click()
    await page.getByText('13800000000').waitFor()
    assert.match(await page.locator('.reveal-mark').innerText(), /王示例/)
    await shot(page, 'complaint-reveal-1440')
    assert.deepEqual(await axe(page), [])
    await page.getByRole('button', { name: '收起' }).click()
    await page.getByRole('button', { name: '写处理意见' }).first().click()
    await dialog(page).getByRole('radio', { name: '不属实', exact: true }).check()
    await dialog(page).getByLabel('处理意见').fill('调取执法记录仪，当日出示了证件，物品有清单。')
    await sent(page, '定下处理意见')
    await page.getByRole('button', { name: '告知结果' }).first().click()
    await dialog(page).getByLabel('答复投诉人的话').fill('经核实，5月6日检查时两名执法人员亮过证，暂存的物品开了清单。')
    await dialog(page).getByText('具体日期').waitFor() // what may give a person away is pointed at
    await dialog(page).getByRole('radio', { name: '电话' }).check()
    await dialog(page).getByRole('checkbox', { name: /已去标识/ }).check()
    await shot(page, 'complaint-answer-1440')
    await sent(page, '记下告知')
    await page.locator('.states').getByText('已告知').waitFor()
    await shot(page, 'complaint-answered-1440')
    const office = await server.as('office')
    assert.equal((await office.get(`/api/complaints/${id}`)).body.state, 'answered')
    await page.context().close()
  })

  await t.test('what a phone holds is on the radar, and 挂失 ends it in one deed', async () => {
    const phone = await server.as('supervisor')
    const device = crypto.randomUUID()
    assert.equal((await phone.post('/api/devices', { id: device, name: '红米手机' })).status, 201)
    const made = await phone.post('/api/tickets', { request_id: crypto.randomUUID(), count: 3, device_id: device })
    assert.equal(made.status, 200)
    const at = new Date().toISOString()
    const item = { id: crypto.randomUUID(), kind: 'sheet', visit_id: crypto.randomUUID(), day: at.slice(0, 10), version: 1, photos: 5, photos_here: 2, bytes: 4000, created_at: at, state: 'waiting', why: 'nobody' }
    const report = { device_id: device, epoch: crypto.randomUUID(), at, app_version: '0.1.0', persisted: true, installed: true, drafts: 0, photos: 2, items: [item], receipts: [], discarded: [] }
    assert.equal((await phone.post('/api/field/contact', report)).status, 200)
    const page = await desk('office', '/desk/visits/phones')
    await page.getByText(/还有\d+份记录、\d+张照片没有到服务器/).waitFor()
    const mine = page.getByRole('listitem').filter({ hasText: '红米手机' })
    await mine.getByText('3/5张已到').waitFor()
    assert.equal((await phone.post('/api/field/contact', { ...report, epoch: crypto.randomUUID(), items: [], photos: 0 })).status, 200) // the phone's database is another one
    await page.reload()
    const alarm = page.getByRole('region', { name: /疑似丢失/ }).filter({ hasText: '红米手机' })
    await alarm.waitFor()
    await shot(page, 'phones-loss-1440')
    assert.deepEqual(await axe(page), [])
    await alarm.getByRole('button', { name: /了结/ }).click()
    await dialog(page).getByLabel('查清了什么').fill('手机摔坏，已按纸质底稿补录。')
    await sent(page, '了结')
    await page.getByRole('link', { name: /在用的/ }).click()
    await page.getByRole('button', { name: /挂失.*红米手机/ }).click()
    await dialog(page).getByText('3个没用的评价码全部作废').waitFor()
    await dialog(page).getByLabel('挂失的原因').fill('集市上丢失')
    await sent(page, '挂失')
    await page.getByRole('link', { name: /已挂失/ }).click()
    await page.getByText('集市上丢失').waitFor()
    await page.context().close()
  })

  await t.test('a wall code is made and printed; paper is printed for a planned visit', async () => {
    const page = await desk('office', '/desk/feedback/walls')
    await page.getByRole('button', { name: '给一家做一个' }).click()
    await dialog(page).getByLabel('被检查对象').pressSequentially('示例')
    await dialog(page).getByRole('list', { name: '名录里的' }).getByRole('button').first().click()
    await sent(page, '做一个')
    const poster = page.getByRole('link', { name: /A4海报/ }).first()
    const pdf = await page.request.get(new URL(await poster.getAttribute('href'), server.base).href)
    assert.equal(pdf.headers()['content-type'], 'application/pdf')
    assert.equal((await pdf.body()).subarray(0, 5).toString(), '%PDF-')
    const office = await server.as('office')
    const planned = (await office.get('/api/visits?state=planned')).body.items[0]
    await page.goto(`${server.base}/desk/visits/${planned.id}/paper`)
    await page.getByText(/伴随式监督现场记录表/).first().waitFor()
    await page.getByRole('img', { name: /二维码/ }).waitFor()
    await shot(page, 'paper-1440', { fullPage: true })
    assert.deepEqual(await axe(page), [])
    const printed = await page.pdf({ preferCSSPageSize: true })
    assert.equal((printed.toString('latin1').match(/\/Type\s*\/Page[^s]/g) ?? []).length, 1, 'twelve items fit one page of A4')
    await page.getByRole('radio', { name: /全部36项/ }).check()
    const long = await page.pdf({ preferCSSPageSize: true })
    assert.equal((long.toString('latin1').match(/\/Type\s*\/Page[^s]/g) ?? []).length, 2, 'all items fit two')
    await page.context().close()
  })

  assert.deepEqual(faults, [])
})
