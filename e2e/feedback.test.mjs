// The business scans what the supervisor's screen shows and answers with JavaScript switched off.
import test from 'node:test'
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Server, browse, watched, login, axe, shot, jpeg } from './lib.mjs'

test('the code on the screen leads to a form that works without script', { timeout: 180_000 }, async (t) => {
  const server = await Server.open()
  t.after(() => server.close())
  const browser = await browse()
  t.after(() => browser.close())
  const faults = []
  let ticket = ''

  await t.test('the code is decoded from the pixels of the phone', async () => {
    const phone = await browser.newContext({ viewport: { width: 360, height: 780 }, deviceScaleFactor: 2, locale: 'zh-CN' })
    phone.setDefaultTimeout(15_000)
    const page = await watched(phone, faults)
    await page.goto(server.base)
    await page.getByLabel('账号').fill('supervisor')
    await page.getByLabel('密码').fill('suixing-demo')
    await page.getByRole('button', { name: '登录' }).click()
    await page.getByRole('heading', { name: '出发前检查' }).waitFor()
    await page.locator('summary').filter({ hasText: '出发前检查' }).click()
    await page.getByText('还有0个').waitFor({ state: 'detached', timeout: 30_000 })
    await page.goto(`${server.base}/start`)
    await page.getByLabel('执法单位').selectOption({ label: '示例镇A综合执法大队' })
    await page.getByLabel('被检查对象').fill('小吃')
    await page.getByRole('button', { name: /小吃店/ }).first().click()
    await page.getByLabel('检查事项').selectOption('food')
    await page.getByRole('checkbox', { name: /没有利害关系/ }).check()
    await page.getByRole('button', { name: '开始记录' }).click()
    await page.getByRole('link', { name: '出示评价二维码' }).click()
    await page.getByAltText('填写反馈表的二维码').waitFor()
    const png = join(mkdtempSync(join(tmpdir(), 'suixing-qr-')), 'screen.png')
    writeFileSync(png, await page.screenshot())
    ticket = execFileSync('zbarimg', ['--quiet', '--raw', png]).toString().trim()
    assert.match(ticket, new RegExp(`^${server.base}/f/[\\w-]{20,}$`))
    await phone.close()
  })

  const shop = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 360, height: 780 }, locale: 'zh-CN' })
  shop.setDefaultTimeout(15_000)
  const page = await shop.newPage()
  const probe = await browser.newContext()
  const photo = await jpeg(await probe.newPage(), 5)

  await t.test('what is wrong is pointed out and everything stays, the photo too', async () => {
    await page.goto(ticket)
    await shot(page, 'feedback-360')
    for (const f of ['F1', 'F2', 'F3', 'F4', 'F5', 'F6']) await page.locator(`input[name=${f}][value=y]`).check()
    for (const f of ['F8', 'F9', 'F10']) await page.locator(`input[name=${f}][value=n]`).check()
    await page.locator('input[name=F7][value=y]').check()
    for (const r of ['R1', 'R2', 'R3', 'R4', 'R5']) await page.locator(`input[name=${r}][value="4"]`).check()
    await page.locator('input[name=R0][value="2"]').check()
    await page.locator('[name=O2]').fill('希望提前通知。')
    await page.locator('input[name=photos]').first().setInputFiles({ name: 'yard.jpg', mimeType: 'image/jpeg', buffer: photo })
    await page.locator('form button').last().click()
    await page.getByText(/还有\d+处要补/).first().waitFor()
    assert.equal(await page.locator('input[name=F7][value=y]').isChecked(), true)
    assert.equal(await page.locator('[name=O2]').inputValue(), '希望提前通知。')
    assert.match(await page.content(), /已(经)?(收到|上传|选)[^<]*1|1张/)
    await shot(page, 'feedback-errors-360', { fullPage: true })
  })

  let code = ''
  await t.test('put right, it is taken and gives a receipt code', async () => {
    await page.locator('[name=O1]').fill('检查占用车间两小时，影响发货。')
    await page.locator('select[name=agency]').selectOption({ label: '示例镇A综合执法大队' })
    await page.locator('input[name=kind][value=household]').check()
    await page.locator('input[name=matter][value=food]').check()
    await page.locator('form button').last().click()
    await page.getByText(/[0-9A-Z]{4} [0-9A-Z]{4} [0-9A-Z]{4} [0-9A-Z]{4}/).first().waitFor()
    code = (await page.content()).match(/[0-9A-Z]{4} [0-9A-Z]{4} [0-9A-Z]{4} [0-9A-Z]{4}/)[0]
    await shot(page, 'feedback-done-360')
  })

  await t.test('the code tells the status and never the words', async () => {
    await page.goto(`${server.base}/t`)
    await page.locator('input[name=r]').fill(code.toLowerCase())
    await page.locator('form button').last().click()
    await page.getByText(/收到/).first().waitFor()
    assert.doesNotMatch(await page.content(), /占用车间/)
    await shot(page, 'track-360')
  })

  await t.test('the office reads it, the agency and the supervisor of the visit may not', async () => {
    const again = await page.goto(ticket)
    assert.equal(again.status(), 200)
    const office = await server.as('office')
    const list = await office.get('/api/feedback')
    assert.equal(list.body.items.filter((i) => i.counted).length >= 1, true)
    const agency = await server.as('agency')
    assert.equal((await agency.get('/api/feedback')).status, 403)
    assert.equal((await (await server.as('supervisor')).get('/api/feedback')).status, 403)
  })

  await t.test('axe finds nothing on the public pages, at 360 px and with large text', async () => {
    const wide = await browser.newContext({ viewport: { width: 360, height: 780 }, locale: 'zh-CN', bypassCSP: true })
    const p = await wide.newPage()
    for (const path of [new URL(ticket).pathname, `${new URL(ticket).pathname}?mode=elder`, '/c', '/c?mode=elder', '/t', '/f', '/v/HZ-0000-0000-0000']) {
      await p.goto(server.base + path)
      assert.deepEqual(await axe(p), [], path)
      const sideways = await p.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      assert.ok(sideways <= 0, `${path} scrolls sideways by ${sideways} px`)
    }
    await wide.close()
  })
  assert.deepEqual(faults, [])
})
