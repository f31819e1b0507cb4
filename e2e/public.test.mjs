// Somebody complains about a team, on an old phone: with script and without, with a photo, with a fault that keeps
// everything; later the code tells how far it is and never what was written. At 360 px, with the text twice as large, and
// in the version for the elderly nothing scrolls sideways and nothing is cut off.
import test from 'node:test'
import assert from 'node:assert/strict'
import { axe, shot, jpeg } from './lib.mjs'
import { house, clipped } from './desk-lib.mjs'

const day = (n) => new Date(Date.now() + 8 * 3600_000 + n * 86400_000).toISOString().slice(0, 10)

test('a complaint from the page, and what its code tells', { timeout: 600_000 }, async (t) => {
  const { server, browser, faults, page } = await house(t)
  const office = await server.as('office')
  const agency = await server.as('agency')
  const probe = await page()
  const photos = [await jpeg(probe, 31), await jpeg(probe, 32)]
  await probe.context().close()
  const filed = []

  const complain = async (name, options, words, elder) => {
    const p = await page({ viewport: { width: 360, height: 780 }, ...options })
    await p.goto(`${server.base}/c${elder ? '?mode=elder' : ''}`)
    assert.equal(await p.evaluate(() => document.documentElement.hasAttribute('data-elder')).catch(() => elder), elder)
    await p.locator('[name=unit]').fill('示例镇A综合执法大队')
    await p.locator('[name=place]').fill('东街市场')
    await p.locator('[name=fact]').fill(words)
    await p.locator('input[type=file]').first().setInputFiles({ name: 'a.jpg', mimeType: 'image/jpeg', buffer: photos[elder ? 1 : 0] })
    await p.getByText('留姓名电话').click()
    await p.locator('[name=P2]').fill('李示例')
    await p.getByRole('button', { name: '提交' }).press('Enter')
    const sum = p.getByText(/还有\d+处要补，已填的都留着/).first()
    await sum.waitFor()
    const links = p.locator('.sum a')
    assert.ok((await links.count()) >= 3, 'the day, the telephone and the notice are missing, each with a way to its field')
    for (const a of await links.all()) assert.equal(await p.locator((await a.getAttribute('href'))).count(), 1)
    assert.deepEqual([await p.locator('[name=unit]').inputValue(), await p.locator('[name=place]').inputValue(), await p.locator('[name=fact]').inputValue(), await p.locator('[name=P2]').inputValue()], ['示例镇A综合执法大队', '东街市场', words, '李示例'])
    assert.equal(await p.locator('[name=P1][value=y]').isChecked(), true)
    assert.ok((await p.locator('main').innerText()).includes('第1个，已收到'), 'the photo is kept')
    await shot(p, `complaint-errors-${name}`, { fullPage: true })
    assert.deepEqual(await clipped(p).catch(() => []), [])
    await p.locator('[name=day]').fill(day(-2))
    await p.locator('[name=P3]').fill('13900000000')
    await p.locator('[name=consent]').check()
    if (await p.locator('[name=stage]:checked').count() === 0) await p.locator('[name=stage]').first().check()
    await p.getByRole('button', { name: '提交' }).press('Enter')
    await p.getByText('已收到', { exact: true }).first().waitFor()
    const code = (await p.locator('.big').innerText()).trim()
    assert.match(code, /^([0-9A-Z]{4} ){3}[0-9A-Z]{4}$/)
    assert.doesNotMatch(await p.locator('main').innerText(), /李示例|13900000000/)
    await shot(p, `complaint-done-${name}`)
    filed.push({ code, words, p })
  }

  await t.test('without script', () => complain('plain', { javaScriptEnabled: false }, '两个人进店翻柜台没有亮证，把秤拿走了，没有写单子。', false))
  await t.test('with script', () => complain('script', {}, '上午来查过消防，下午又来查，说法前后不一样。', false))
  await t.test('in the version for the elderly', () => complain('elder', { javaScriptEnabled: false }, '来的人说话很冲，叫我把摊子马上搬走，问凭什么也不说。', true))

  await t.test('the office has each once, with its photo; the agency and the answer have no name', async () => {
    const list = (await office.get('/api/complaints')).body.items
    for (const f of filed) {
      const hits = list.filter((i) => i.fact.startsWith(f.words.slice(0, 20)))
      assert.equal(hits.length, 1, f.words)
      const one = (await office.get(`/api/complaints/${hits[0].id}`)).body
      assert.deepEqual([one.fact, one.photos.length, one.anonymous, one.channel, one.place], [f.words, 1, false, 'web', '东街市场'])
      assert.doesNotMatch(JSON.stringify(one), /李示例|13900000000/)
      assert.equal((await agency.get(`/api/complaints/${hits[0].id}`)).status, 403)
    }
  })

  await t.test('the code tells how far it is, not what was written, typed as people type', async () => {
    for (const [i, f] of filed.entries()) {
      await f.p.goto(`${server.base}/t${i === 2 ? '?mode=elder' : ''}`)
      await f.p.locator('input[name=r]').fill(i === 1 ? f.code.replaceAll(' ', '').toLowerCase() : f.code)
      await f.p.locator('input[name=r]').press('Enter')
      await f.p.getByText(/收到/).first().waitFor()
      const told = await f.p.locator('main').innerText()
      for (const word of ['柜台', '消防', '摊子', '李示例', '13900000000', '东街', '综合执法大队']) assert.ok(!told.includes(word), `${word} stands on the status page`)
      await shot(f.p, `track-${i}-360`)
    }
    const p = filed[1].p
    await p.goto(`${server.base}/t`)
    await p.locator('input[name=r]').fill('0000 0000 0000 0000')
    await p.locator('input[name=r]').press('Enter')
    await p.getByText(/没有找到|找不到|不对|核对/).first().waitFor()
    assert.equal(await p.getByText('已收到').count(), 0)
    for (const f of filed) await f.p.context().close()
  })

  await t.test('at 360 px, elder, and with text at 200 %: axe finds nothing, nothing sideways, nothing cut off', async () => {
    const made = await (await server.as('supervisor')).post('/api/tickets', { request_id: crypto.randomUUID(), count: 1 })
    const ticket = new URL(made.body.items[0].url).pathname
    const found = []
    const context = await browser.newContext({ viewport: { width: 360, height: 780 }, locale: 'zh-CN', bypassCSP: true })
    const p = await context.newPage()
    for (const path of ['/c', '/c/notice', '/t', '/f', ticket, '/v/HZ-0000-0000-0000', '/f/none']) {
      for (const [mode, size] of [['', 100], ['elder', 100], ['', 200], ['elder', 200]]) {
        if (mode === 'elder' && size === 100 && path !== '/c') continue // twice as large is the harder of the two
        await p.goto(`${server.base}${path}${mode ? '?mode=elder' : ''}`)
        if (size === 200) await p.addStyleTag({ content: 'html{font-size:200% !important}' })
        const at = `${path} ${mode} ${size} %`
        for (const v of await axe(p)) found.push(`${at}: ${v}`)
        const over = await p.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
        if (over > 0) found.push(`${at}: scrolls sideways by ${over} px`)
        for (const c of await clipped(p)) found.push(`${at}: ${c} is cut off`)
        if (mode && path === '/c') {
          const small = await p.evaluate(() => [...document.querySelectorAll('p,label,legend,button,textarea,a.btn,input:not([type=radio]):not([type=checkbox])')].filter((e) => e.getClientRects().length && !e.closest('.hp') && parseFloat(getComputedStyle(e).fontSize) < 18).map((e) => `${e.tagName} “${e.innerText.slice(0, 12)}” ${getComputedStyle(e).fontSize}`))
          for (const s of small) found.push(`${at}: ${s} is smaller than 18 px`)
          const low = await p.evaluate(() => [...document.querySelectorAll('.btn')].filter((e) => e.getBoundingClientRect().height < 60).map((e) => e.innerText))
          for (const s of low) found.push(`${at}: “${s}” is lower than 60 px`)
        }
        await shot(p, `public${path.replaceAll('/', '-').slice(0, 14)}-${mode || 'normal'}-${size}`, { fullPage: true })
      }
    }
    await context.close()
    assert.deepEqual(found, [])
  })
  assert.deepEqual(faults.filter((f) => !/status of 4\d\d/.test(f)), [])
})
