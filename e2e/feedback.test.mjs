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
  let mine = null
  const said = '检查占用车间两小时，影响发货。'
  /** findMine: the answer of this story, by its words; demo data has others. */
  const findMine = async (who) => {
    for (let after = '', list; list?.next !== ''; after = list.next) {
      list = (await who.get(`/api/feedback?after=${after}`)).body
      for (const i of list.items) {
        const one = (await who.get(`/api/feedback/${i.id}`)).body
        if (one.problem_text === said) return one
      }
    }
    return null
  }

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
    await page.getByRole('button', { name: '提交' }).click()
    await page.getByText(/还有\d+处要补/).first().waitFor()
    assert.equal(await page.locator('input[name=F7][value=y]').isChecked(), true)
    assert.equal(await page.locator('[name=O2]').inputValue(), '希望提前通知。')
    assert.match(await page.content(), /已(经)?(收到|上传|选)[^<]*1|1张/)
    await shot(page, 'feedback-errors-360', { fullPage: true })
  })

  await t.test('what is half filled waits on this phone, and on no other', async () => {
    await page.getByRole('button', { name: '先存一下，回头再填' }).click()
    await page.getByText('存好了，还没有提交').waitFor()
    await shot(page, 'feedback-saved-360')
    await page.goto('about:blank')
    await page.goto(ticket)
    assert.equal(await page.locator('input[name=F7][value=y]').isChecked(), true)
    assert.equal(await page.locator('[name=O2]').inputValue(), '希望提前通知。')
    assert.match(await page.content(), /第1张，已收到/)
    const other = await browser.newContext({ javaScriptEnabled: false })
    const stranger = await other.newPage()
    await stranger.goto(ticket)
    assert.equal(await stranger.locator('input[name=F7][value=y]').isChecked(), false)
    assert.equal(await stranger.locator('[name=O2]').inputValue(), '')
    await other.close()
  })

  let code = ''
  await t.test('put right, it is taken and gives a receipt code', async () => {
    await page.locator('[name=O1]').fill(said)
    await page.locator('select[name=agency]').selectOption({ label: '示例镇A综合执法大队' })
    await page.locator('input[name=kind][value=household]').check()
    await page.locator('input[name=matter][value=food]').check()
    await page.getByRole('button', { name: '提交' }).click()
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
    mine = await findMine(office)
    assert.ok(mine, 'this very answer is among them')
    assert.deepEqual([mine.counted, mine.bad, mine.advice, mine.overall, mine.photos.length], [true, true, '希望提前通知。', 2, 1])
    const agency = await server.as('agency')
    const supervisor = await server.as('supervisor')
    for (const who of [agency, supervisor]) for (const path of ['/api/feedback', `/api/feedback/${mine.id}`]) assert.equal((await who.get(path)).status, 403)
    const desk = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'zh-CN' })
    const reader = await watched(desk, faults)
    await login(reader, server.base, 'office', `/desk/feedback/${mine.id}`)
    await reader.locator('blockquote').getByText(said, { exact: true }).waitFor()
    await reader.getByText('希望提前通知。').first().waitFor()
    await desk.close()
  })

  await t.test('a used code says so, and a second answer is still taken', async () => {
    await page.goto(ticket)
    await page.getByRole('heading', { name: '这张表已经填过' }).waitFor()
    await shot(page, 'feedback-spent-360')
    await page.getByRole('link', { name: '再填一份' }).click()
    assert.equal(await page.locator('[name=O2]').inputValue(), '') // nothing of the first one is left on the phone
    await page.getByRole('button', { name: '提交' }).waitFor()
  })

  await t.test('after the office has answered, one more word', async () => {
    const office = await server.as('office')
    mine = await findMine(office) // an hour that is settled writes its answers anew
    await page.goto(`${server.base}/f/more`)
    await page.locator('input[name=r]').fill(code)
    await page.getByRole('button', { name: '看答复' }).click()
    assert.equal(await page.locator('input[name=M]').count(), 0, 'before there is an answer there is nothing to say to it')
    const answered = await office.post(`/api/feedback/${mine.id}/answer`, { text: '已核实，要求提前一天通知。', deidentified: true })
    assert.equal(answered.status, 200, JSON.stringify(answered.body))
    await page.goto(`${server.base}/f/more`)
    await page.locator('input[name=r]').fill(code)
    await page.getByRole('button', { name: '看答复' }).click()
    await page.getByText('已核实，要求提前一天通知。').waitFor()
    await shot(page, 'feedback-more-360')
    await page.locator('input[name=M][value="4"]').check()
    await page.locator('textarea').fill('这样就好。')
    await page.getByRole('button', { name: '提交追评' }).click()
    await page.getByText('追评已经记下').waitFor()
    const now = (await office.get(`/api/feedback/${mine.id}`)).body
    assert.deepEqual([now.reply, now.more_overall, now.more_text], ['已核实，要求提前一天通知。', 4, '这样就好。'])
  })

  let wall = ''
  await t.test('a wall code: poster, form, and work instead of a refusal under load', async () => {
    const office = await server.as('office')
    const shop = (await office.get('/api/businesses?q=%E5%B0%8F%E5%90%83')).body.items[0]
    const made = await office.post('/api/walls', { business_id: shop.id })
    assert.equal(made.status, 200, JSON.stringify(made.body))
    wall = new URL(made.body.url).pathname
    const visitor = await browser.newContext({ viewport: { width: 360, height: 780 }, locale: 'zh-CN' })
    const p = await watched(visitor, faults)
    const fill = async () => {
      await p.goto(server.base + wall)
      await p.locator('select[name=agency]').selectOption({ index: 1 })
      await p.locator('select[name=day]').selectOption({ index: 1 })
      for (const [n, v] of [['matter', 'food'], ['kind', 'household'], ...['F1', 'F2', 'F3', 'F4', 'F5', 'F6'].map((f) => [f, 'y']), ...['F7', 'F8', 'F9', 'F10'].map((f) => [f, 'n']), ...['R0', 'R1', 'R2', 'R3', 'R4', 'R5'].map((r) => [r, '5'])]) await p.locator(`input[name=${n}][value="${v}"]`).check()
    }
    await fill()
    await shot(p, 'wall-360')
    for (let i = 0; i < 31; i++) { // a burst from a program without script
      const body = new URLSearchParams(await p.evaluate(() => [...new FormData(document.querySelector('form'))].map(([k, v]) => [k, String(v)])))
      body.set('n', `burst${i}`)
      const r = await fetch(server.base + wall, { method: 'POST', body, redirect: 'manual' })
      assert.ok([200, 303].includes(r.status))
    }
    const start = Date.now()
    await p.getByRole('button', { name: '提交' }).click()
    await p.getByText('已收到').first().waitFor({ timeout: 60_000 })
    t.diagnostic(`with work it took ${Date.now() - start} ms`)
    // The township has one wall: what it brings is the county's to read. Who did the work does not wait for a look.
    const county = await server.as('county')
    const held = async (who) => (await who.get('/api/feedback?channel=wall&quarantined=true')).body.items.length
    assert.deepEqual([await held(county), await held(office)], [0, 0])
    assert.equal((await office.get('/api/feedback?channel=wall')).body.items.length, 0)
    await visitor.close()
    // the same without script: one button more
    const plain = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 360, height: 780 } })
    const q = await plain.newPage()
    await q.goto(server.base + wall)
    await q.locator('select[name=agency]').selectOption({ index: 1 })
    await q.locator('select[name=day]').selectOption({ index: 1 })
    for (const n of ['F1', 'F2', 'F3', 'F4', 'F5', 'F6']) await q.locator(`input[name=${n}][value=y]`).check()
    for (const n of ['F7', 'F8', 'F9']) await q.locator(`input[name=${n}][value=n]`).check()
    for (const n of ['R0', 'R1', 'R2', 'R3', 'R4', 'R5']) await q.locator(`input[name=${n}][value="4"]`).check()
    await q.locator('input[name=matter][value=food]').check()
    await q.locator('input[name=kind][value=farm]').check()
    await q.getByRole('button', { name: '提交' }).click()
    await q.getByRole('heading', { name: '正在提交' }).waitFor()
    await shot(q, 'waiting-360')
    await q.getByRole('button', { name: '直接提交' }).click()
    await q.getByText('已收到').first().waitFor()
    assert.equal(await held(county), 1)
    await plain.close()
  })

  await t.test('axe finds nothing on the public pages, at 360 px and with large text', async () => {
    const wide = await browser.newContext({ viewport: { width: 360, height: 780 }, locale: 'zh-CN', bypassCSP: true })
    const p = await wide.newPage()
    for (const path of [new URL(ticket).pathname, `${new URL(ticket).pathname}?again=1`, `${new URL(ticket).pathname}?again=1&levels=3`, `${new URL(ticket).pathname}?again=1&mode=elder`, wall, `${wall}?mode=elder`, '/f/more', '/f/more?mode=elder', '/c', '/c?mode=elder', '/t', '/f', '/v/HZ-0000-0000-0000']) {
      await p.goto(server.base + path)
      assert.deepEqual(await axe(p), [], path)
      const sideways = await p.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      assert.ok(sideways <= 0, `${path} scrolls sideways by ${sideways} px`)
    }
    // 200 % text: the browser's default size doubled
    const large = await browser.newContext({ viewport: { width: 360, height: 780 }, locale: 'zh-CN', bypassCSP: true })
    const b = await large.newPage()
    for (const path of [`${new URL(ticket).pathname}?again=1`, new URL(ticket).pathname, wall, '/f/more', '/f']) {
      await b.goto(server.base + path)
      await b.addStyleTag({ content: 'html{font-size:200% !important}' })
      assert.deepEqual(await axe(b), [], `${path} at 200 %`)
      const sideways = await b.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      assert.ok(sideways <= 0, `${path} at 200 % scrolls sideways by ${sideways} px`)
      await shot(b, `large-${path.split('/')[1]}-${path.length % 7}`)
    }
    await large.close()
    await wide.close()
  })
  assert.deepEqual(faults, [])
})
