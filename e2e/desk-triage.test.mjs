// Triage and the register by hand: what is found true has evidence and words of one's own, a red line waits in front, what is
// referred is followed up, and an agency finds its own.
import test from 'node:test'
import assert from 'node:assert/strict'
import { Server, browse, watched, login, axe, shot, jpeg } from './lib.mjs'

test('triage, red lines, referrals and the list of an agency', { timeout: 240_000 }, async (t) => {
  const server = await Server.open()
  t.after(() => server.close())
  const browser = await browse()
  t.after(() => browser.close())
  const faults = []
  const desk = async (who, path, width = 1440) => {
    const context = await browser.newContext({ viewport: { width, height: 900 }, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
    context.setDefaultTimeout(15_000)
    const page = await watched(context, faults)
    await login(page, server.base, who, path)
    return page
  }
  const dialog = (page) => page.getByRole('dialog')

  await t.test('a red line that nobody has ordered stands first, with a tab and a badge', async () => {
    const page = await desk('county', '/desk/problems')
    const tab = page.getByRole('link', { name: /^红线待下发\s*\d+$/ })
    await tab.waitFor()
    assert.match(await page.getByRole('navigation', { name: '主要页面' }).first().innerText(), /红线\d/)
    const first = page.getByRole('list', { name: '问题' }).getByRole('listitem').first()
    await first.getByText('待下发').waitFor()
    await tab.click()
    assert.match(page.url(), /state=confirmed/)
    const figure = Number((await tab.innerText()).match(/\d+/)[0])
    await page.getByText(`共${figure}件`).waitFor()
    await shot(page, 'desk-redline-tab-1440')
    assert.deepEqual(await axe(page), [])
    await page.context().close()
  })

  await t.test('what somebody told us is read beside an empty field', async () => {
    const page = await desk('office', '/desk/leads?origin=complaint')
    await page.getByText(/同一个月三个单位/).first().waitFor()
    await page.getByRole('heading', { name: '时限' }).waitFor()
    await page.getByText('次日起算').waitFor() // how the day was counted
    await page.getByRole('button', { name: /登记为新问题/ }).first().click()
    const form = dialog(page)
    assert.equal(await form.getByLabel('核实后的事实').inputValue(), '')
    await form.getByRole('radio', { name: '一般' }).check()
    await form.getByRole('radio', { name: '不当' }).check()
    await form.getByLabel('类别').selectOption('disturbance')
    await form.getByLabel('依据').fill('国办发〔2024〕54号')
    await form.getByLabel('核实后的事实').fill('同一个月三个单位先后来查同一件事。')
    await form.getByRole('button', { name: '登记为新问题' }).click()
    await form.getByText(/抄了反映人的原话/).waitFor()
    await shot(page, 'desk-own-words-1440')
    await form.getByLabel('核实后的事实').fill('核对检查计划：本月安排重叠，没有统筹。')
    await form.getByRole('checkbox', { name: /共性问题/ }).check()
    await form.getByLabel('再附证据').setInputFiles({ name: '计划.jpg', mimeType: 'image/jpeg', buffer: await jpeg(page, 21) })
    await form.getByText('服务器已收到').waitFor()
    assert.deepEqual(await axe(page), [])
    await form.getByRole('button', { name: '登记为新问题' }).click()
    await form.waitFor({ state: 'hidden' })
    await page.goto(`${server.base}/desk/problems?q=${encodeURIComponent('安排重叠')}`)
    await page.getByText('共性', { exact: true }).waitFor()
    await page.context().close()
  })

  await t.test('a lead by hand has its file, goes to another organ by a numbered letter, and comes back with an outcome', async () => {
    const page = await desk('county', '/desk/leads/new')
    await page.getByLabel('来源').selectOption('transfer')
    await page.getByLabel('类别').selectOption('other')
    await page.getByLabel('说的是什么事').fill('外县单位到本县处罚，不归本县管。')
    await page.getByLabel('材料').setInputFiles({ name: '转送函.jpg', mimeType: 'image/jpeg', buffer: await jpeg(page, 22) })
    await page.getByText('服务器已收到').waitFor()
    await page.getByRole('button', { name: '登记线索' }).click()
    await page.getByRole('heading', { name: /外县单位到本县处罚/ }).waitFor()
    await page.getByRole('button', { name: /移送其他机关/ }).click()
    await dialog(page).getByLabel('移送给谁').fill('示例市司法局')
    await dialog(page).getByLabel('理由').fill('不属于本县管辖')
    await dialog(page).getByRole('button', { name: '移送', exact: true }).click()
    await dialog(page).getByText('写明移送函的文号').waitFor()
    await dialog(page).getByLabel('移送函文号').fill('示司移〔2026〕1号')
    await dialog(page).getByRole('button', { name: '移送', exact: true }).click()
    await dialog(page).waitFor({ state: 'hidden' })
    await page.getByRole('heading', { name: '等书面结果' }).waitFor()
    await page.getByText('次日起算').waitFor()
    await page.getByRole('link', { name: /^等移送结果\s*\d+$/ }).waitFor()
    await shot(page, 'desk-referred-1440')
    assert.deepEqual(await axe(page), [])
    await page.getByRole('button', { name: /记下办理结果/ }).click()
    await dialog(page).getByRole('radio', { name: '已办结' }).check()
    await dialog(page).getByLabel('写明哪一天').fill('收到复函，处罚已撤销。')
    await dialog(page).getByRole('button', { name: '记下结果' }).click()
    await dialog(page).waitFor({ state: 'hidden' })
    await page.getByText('已办结：收到复函').waitFor()
    await page.context().close()
  })

  await t.test('an agency finds its own by a word, a state and a date, in the address', async () => {
    for (const width of [1440, 360]) {
      const page = await desk('agency', '/desk', width)
      await page.getByRole('link', { name: /检查/ }).first().waitFor()
      const line = page.getByRole('searchbox', { name: /查找整改事项/ })
      await line.fill('笔录')
      await page.getByRole('button', { name: '查找' }).click()
      await page.getByText(/已列出1件，共1件/).waitFor()
      assert.match(page.url(), /q=/)
      await page.getByLabel('现状').selectOption('disputed')
      await page.getByText('没有找到').waitFor()
      await page.getByRole('button', { name: '不筛选了' }).click()
      await page.getByLabel('期限').selectOption('overdue')
      await page.getByText(/逾期\d+日/).first().waitFor()
      assert.match(page.url(), /due=overdue/)
      await shot(page, `agency-find-${width}`)
      assert.deepEqual(await axe(page), [])
      await page.context().close()
    }
  })

  assert.deepEqual(faults, [])
})
