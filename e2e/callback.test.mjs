// The county rings a business that was drawn: three questions, a wrong record taken back, a lead of what was told besides.
// To everyone else the page does not exist.
import test from 'node:test'
import assert from 'node:assert/strict'
import { Server, browse, watched, login, axe, shot } from './lib.mjs'

test('a drawn business is rung, and nobody else hears of it', { timeout: 300_000 }, async (t) => {
  const server = await Server.open()
  t.after(() => server.close())
  const browser = await browse()
  t.after(() => browser.close())
  const faults = []
  const open = async (who, path) => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
    const page = await watched(context, faults)
    await login(page, server.base, who, '/desk')
    await page.goto(server.base + path)
    await page.getByRole('main').first().waitFor()
    await page.waitForLoadState('networkidle')
    return page
  }
  const page = await open('county', '/desk/feedback/callbacks?state=open')
  const deeds = page.getByRole('complementary', { name: '办理' })

  await t.test('the form stands up to axe at three widths', async () => {
    await deeds.getByRole('radio', { name: '接通了' }).check()
    for (const width of [1440, 768, 360]) {
      await page.setViewportSize({ width, height: 900 })
      assert.deepEqual(await axe(page), [], `at ${width}`)
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0, `at ${width}`)
      await shot(page, `callback-form-${width}`, { fullPage: true })
    }
    await page.setViewportSize({ width: 1440, height: 900 })
  })
  await t.test('what is missing is said where it is missing', async () => {
    await deeds.getByLabel('打的哪个电话').fill('')
    await deeds.getByRole('button', { name: '记下这次电话' }).click()
    await deeds.getByText('写打的是哪个电话').waitFor()
    await deeds.getByText('至少记一个回答').waitFor()
  })
  await t.test('recorded by keyboard, taken back with a reason, recorded anew', async () => {
    await deeds.getByLabel('打的哪个电话').fill('0373-4567890')
    const seen = deeds.getByRole('group', { name: '检查时有没有看到二维码？' })
    await seen.getByRole('radio').first().focus()
    await page.keyboard.press('Space')
    await page.keyboard.press('ArrowRight')
    await deeds.getByRole('group', { name: '是谁填写的？' }).getByRole('radio', { name: '执法人员' }).check()
    await deeds.getByLabel('打的哪个电话').press('Enter')
    await page.getByRole('heading', { name: '对方说' }).waitFor()
    assert.match(await page.getByRole('main').innerText(), /没有看到[\s\S]*执法人员[\s\S]*没有回答/)
    assert.doesNotMatch(await page.getByRole('main').innerText(), /满意|0373/)
    await deeds.getByRole('button', { name: '记错了，撤回' }).click()
    await page.getByRole('dialog').getByLabel('为什么撤回').fill('记到别家去了')
    await page.getByRole('dialog').getByRole('button', { name: '撤回', exact: true }).click()
    await page.getByText('理由：记到别家去了').waitFor()
    await deeds.getByRole('radio', { name: '不愿回答' }).check()
    await deeds.getByLabel('打的哪个电话').fill('0373-4567890')
    await deeds.getByRole('button', { name: '记下这次电话' }).click()
    await deeds.getByText('这次回访已经办结。').waitFor()
    await shot(page, 'callback-done-1440', { fullPage: true })
  })
  await t.test('what was told besides becomes a lead without the teller', async () => {
    const name = await page.getByRole('heading', { level: 1 }).innerText()
    await deeds.getByRole('button', { name: '说了别的事，登记线索' }).click()
    const box = page.getByRole('dialog')
    await box.getByLabel('类别').selectOption('procedure')
    await box.getByLabel('说的是什么事').fill(`${name}说没有出示证件。`)
    await box.getByRole('button', { name: '登记线索' }).click()
    await box.getByText('里面有店名').waitFor()
    assert.deepEqual(await axe(page), [])
    await box.getByLabel('说的是什么事').fill('两名执法人员上门时没有出示证件。')
    await box.getByRole('button', { name: '登记线索' }).click()
    await page.getByText(/已登记线索XS/).waitFor()
  })
  await t.test('j walks the queue, and a figure opens its list', async () => {
    await page.goto(`${server.base}/desk/feedback/callbacks`)
    await page.waitForURL(/callbacks\/[0-9a-f-]{36}/)
    const first = page.url()
    await page.keyboard.press('j')
    await page.waitForURL((u) => u.href !== first)
    await page.goto(`${server.base}/desk/feedback/callbacks/figures`)
    const figure = page.getByRole('link', { name: /未出示二维码\d+家/ }).first()
    const n = Number(await figure.innerText())
    await figure.click()
    await page.getByText(`共${n}家`).waitFor()
    assert.equal(await page.locator('ol.queue > li').count(), n)
  })
  await t.test('for the others there is no such page', async () => {
    for (const who of ['leader', 'office', 'agency']) {
      const other = await open(who, '/desk/feedback/callbacks')
      await other.getByText('找不到', { exact: false }).first().waitFor()
      assert.equal(await other.getByRole('link', { name: '随机回访' }).count(), 0, who)
      await other.context().close()
    }
  })
  assert.deepEqual(faults, [])
})
