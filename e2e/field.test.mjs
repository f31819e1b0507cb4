// A visit recorded with the server dead, the page reopened in the middle and after sealing; then the server comes back
// and everything arrives once.
import test from 'node:test'
import assert from 'node:assert/strict'
import { Server, browse, watched, login, axe, shot, jpeg, sign, sleep } from './lib.mjs'

const shop = '甲乙丙示例面馆'

test('a visit recorded without a server arrives once, with every photo', { timeout: 180_000 }, async (t) => {
  const server = await Server.open()
  t.after(() => server.close())
  const browser = await browse()
  t.after(() => browser.close())
  const phone = await browser.newContext({ viewport: { width: 360, height: 780 }, hasTouch: true, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
  phone.setDefaultTimeout(15_000)
  const faults = []
  let page = await watched(phone, faults)

  await t.test('before leaving: signed in, lists and tickets on the phone', async () => {
    await page.goto(server.base)
    await page.getByLabel('账号').fill('supervisor')
    await page.getByLabel('密码').fill('suixing-demo')
    await shot(page, 'login-360')
    await page.getByRole('button', { name: '登录' }).click()
    await page.getByRole('heading', { name: '出发前检查' }).waitFor()
    await page.waitForFunction(() => navigator.serviceWorker.controller, null, { timeout: 30_000 })
    await page.locator('summary').filter({ hasText: '出发前检查' }).click()
    await page.getByText('还有0个').waitFor({ state: 'detached', timeout: 30_000 })
    await page.getByText('已存好').waitFor({ timeout: 30_000 })
    await page.locator('summary').filter({ hasText: '出发前检查' }).click()
    await shot(page, 'field-today-360')
    assert.deepEqual(await axe(page), [])
  })

  await t.test('the server is killed; the app still opens', async () => {
    await server.kill()
    await page.close()
    page = await watched(phone, faults)
    await page.goto(server.base)
    await page.getByRole('heading', { name: '出发前检查' }).waitFor({ timeout: 10_000 })
    await page.getByText('没有网络', { exact: false }).first().waitFor()
  })

  await t.test('a visit on the spot, with a business that is not in the register', async () => {
    await page.goto(`${server.base}/start`)
    await page.getByLabel('执法单位').selectOption({ label: '示例镇A综合执法大队' })
    await page.getByLabel('被检查对象').fill(shop)
    await page.getByRole('button', { name: '登记名录里没有的对象' }).click()
    await page.getByLabel('检查事项').selectOption('food')
    await page.getByRole('radio', { name: '快速12项' }).check()
    await page.getByText('我与被检查单位、执法人员没有利害关系。').click()
    assert.deepEqual(await axe(page), [])
    await page.getByRole('button', { name: '开始记录' }).click()
    await page.getByRole('heading', { name: shop }).waitFor()
  })

  await t.test('twelve items, one red line with three photos, the page reopened in between', async () => {
    for (const code of ['A02', 'A03', 'B01']) await choose(page, code, '符合')
    await choose(page, 'C01', '不符合')
    await page.getByLabel('看到了什么').fill('两名执法人员进店后直接查看后厨，店主询问后才出示证件。')
    const files = []
    for (const n of [1, 2, 3]) files.push({ name: `p${n}.jpg`, mimeType: 'image/jpeg', buffer: await jpeg(page, n) })
    await page.locator('#C01 input[data-source=album]').setInputFiles(files)
    await page.locator('#C01 .shots a').nth(2).waitFor({ timeout: 30_000 })
    await page.getByText(/已存本机 \d/).waitFor()
    await shot(page, 'field-sheet-360')
    assert.deepEqual(await axe(page), [])
    const url = page.url()
    await page.close()
    page = await watched(phone, faults)
    await page.goto(url)
    await page.getByText('已答4项，共12项').waitFor()
    await open(page, 'C01')
    assert.equal(await page.locator('#C01 .shots a').count(), 3, 'the photos are there after the page was reopened')
    for (const code of ['C02', 'C03', 'D01', 'D02', 'E02', 'E03', 'F02', 'H03']) await choose(page, code, '符合')
    await page.getByText('已答12项，共12项').waitFor()
  })

  await t.test('the officer is found by name; the business gets its code', async () => {
    await page.getByLabel('姓名或执法证号').fill('示例')
    await page.getByRole('button', { name: /示例.*4107/ }).first().waitFor()
    await page.getByRole('button', { name: '都不是，照样登记' }).click() // one whose name others in the register have too
    await page.getByLabel(/^姓名 /).fill('示例同名')
    await page.getByLabel(/^执法证号 /).fill('X-00001')
    await page.getByRole('button', { name: '照样登记', exact: true }).click()
    await page.getByText('名录里没有，送达后由司法所核对。').waitFor()
    await page.getByText('X-00001').waitFor()
    await page.getByRole('button', { name: /删去 *示例同名/ }).click()
    await page.getByLabel('姓名或执法证号').fill('示例')
    await page.getByRole('button', { name: /示例.*4107/ }).first().click()
    await page.getByText(/已存本机 \d/).waitFor()
    await page.getByRole('link', { name: '出示评价二维码' }).click()
    await page.getByAltText('填写反馈表的二维码').waitFor()
    await shot(page, 'field-ticket-360')
    assert.deepEqual(await axe(page), [])
    await page.getByRole('link', { name: '扫好了，返回记录' }).click()
  })

  await t.test('signed and sealed', async () => {
    await page.getByRole('link', { name: /核对并封存/ }).first().click()
    await page.getByRole('radio', { name: '基本规范', exact: true }).check()
    await page.getByRole('radio', { name: /^认可/ }).check()
    await sign(page, '执法人员')
    await sign(page, '监督人员测试员甲')
    await page.getByText('监督人员 测试员甲').scrollIntoViewIfNeeded()
    await shot(page, 'field-seal-360', { fullPage: true })
    assert.deepEqual(await axe(page), [])
    await page.getByRole('button', { name: '封存记录' }).click()
    await page.getByRole('heading', { name: '待发送' }).waitFor()
    await page.getByText('1份记录', { exact: false }).first().waitFor()
    await shot(page, 'field-outbox-waiting-360')
  })

  await t.test('the page is reopened: nothing is lost and nothing is promised', async () => {
    await page.close()
    page = await watched(phone, faults)
    await page.goto(`${server.base}/outbox`)
    await page.getByRole('heading', { name: new RegExp(shop) }).waitFor()
    await page.locator('li').filter({ hasText: shop }).getByText(/等网络|待发送/).waitFor()
    assert.equal(await page.getByText('已收妥').count(), 0)
    assert.deepEqual(await axe(page), [])
  })

  await t.test('the server is back: the receipt comes, and everything has arrived once', async () => {
    await server.start()
    await page.getByRole('button', { name: '现在发送' }).click({ timeout: 3000 }).catch(() => undefined) // it may have gone by itself
    await page.getByText('已收妥').first().waitFor({ timeout: 60_000 })
    assert.match(await page.locator('.facts .code').first().innerText(), /^HZ-/)
    await shot(page, 'field-outbox-received-360')
    const office = await server.as('office')
    const found = await office.get(`/api/visits?q=${encodeURIComponent(shop)}`)
    assert.equal(found.body.items.length, 1)
    const visit = await office.get(`/api/visits/${found.body.items[0].id}`)
    assert.equal(visit.body.waiting, 0, JSON.stringify(visit.body).slice(0, 400))
    const sheets = await office.get(`/api/visits/${found.body.items[0].id}/sheets`)
    assert.deepEqual([sheets.body.items.length, sheets.body.items[0].declared, sheets.body.items[0].held], [1, 5, 5])
    const sheet = await office.get(`/api/sheets/${sheets.body.items[0].id}`)
    assert.equal(sheet.body.body.photos.filter((p) => p.source !== 'signature').length, 3)
    const problems = await office.get(`/api/problems?open=true&origin=visit&q=${encodeURIComponent('店主询问')}`)
    assert.equal(problems.body.items.length, 1, 'the red line is registered once')
    await page.reload()
    await page.getByText('已收妥').first().waitFor()
    await sleep(1500)
    assert.equal((await office.get(`/api/visits?q=${encodeURIComponent(shop)}`)).body.items.length, 1)
  })

  assert.deepEqual(faults, [])
})

async function open(page, code) {
  if (await page.locator(`article#${code}`).count()) return
  const card = page.locator('li button.item').filter({ has: page.locator(`.code:text-is("${code}")`) })
  if (!(await card.count())) {
    for (const cat of await page.getByRole('navigation', { name: '清单类别' }).getByRole('button').all()) {
      await cat.click()
      if ((await page.locator(`article#${code}`).count()) || (await card.count())) break
    }
  }
  if (!(await page.locator(`article#${code}`).count())) await card.click()
  await page.locator(`article#${code}`).waitFor()
}

async function choose(page, code, word) {
  await open(page, code)
  await page.locator(`article#${code}`).getByRole('radio', { name: word, exact: true }).check()
}
