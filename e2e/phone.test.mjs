// What a phone meets in a township: a thief, a full disk, a hotel's network, a login that has run out, a cleared
// browser, two tabs.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { watched, axe, shot, jpeg, password, sleep, chromium } from './lib.mjs'
import { chrome, flags, size, stage, ready, begin, unlock, wrong, saved, seal, received, atOffice, sendNow } from './phone-lib.mjs'

stage('the phone', () => stories)

const stories = [
  ['a stolen phone: nothing of a sealed record can be read in its files; locked, it still sends', stolen],
  ['the PIN is forgotten: the login password opens the phone and everything is there', forgotten],
  ['the login runs out in the field: the record goes by the device credential, reading asks for the password', loginOver],
  ['a network that answers everything with its own page frees nothing', portal],
  ['the disk is full: what was there stays, and the words name the remedy', full],
  ['the page dies between picker and picture', died],
  ['sealed in one tab while the other is open', tabs],
  ['a backup file outlives a cleared browser and counts once', rescued],
  ['given up only by the word typed out, and the office knows', discarded],
]

/** hits: the files below a folder that hold one of these words, as UTF-8 or UTF-16. */
function hits(dir, words) {
  const out = []
  const needles = words.flatMap((w) => [[w, Buffer.from(w)], [w, Buffer.from(w, 'utf16le')]])
  for (const f of readdirSync(dir, { recursive: true })) {
    const path = join(dir, f)
    if (!statSync(path).isFile()) continue
    const bytes = readFileSync(path)
    for (const [w, n] of needles) if (bytes.includes(n)) out.push(`${w}: ${f}`)
  }
  return [...new Set(out)]
}

async function stolen(t, { server, gate, faults }) {
  const dir = mkdtempSync(join(tmpdir(), 'suixing-profile-'))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  const open = async () => {
    const c = await chromium.launchPersistentContext(dir, { executablePath: chrome, args: flags, ...size })
    t.after(() => c.close())
    c.setDefaultTimeout(20_000)
    return c
  }
  let context = await open()
  let page = await watched(context, faults)
  await ready(page, gate.base)
  const shop = '窃取测试示例店', note = '只有写的人知道这句暗语七七四九', reason = '店主不让拍照片八八六六'
  await page.goto(`${gate.base}/pin`)
  await page.getByLabel('开锁密码', { exact: true }).fill('2580')
  await page.getByLabel('再输一遍').fill('2580')
  await shot(page, 'phone-pin-360')
  await page.getByRole('button', { name: '设密码' }).click()
  await page.getByRole('heading', { name: '我的', exact: true }).waitFor()
  gate.mode = 'cut'
  await begin(page, gate.base, shop, '2580')
  await wrong(page, note, [{ name: 'a.jpg', mimeType: 'image/jpeg', buffer: await jpeg(page, 41) }])
  await seal(page)
  await page.getByText('等网络').first().waitFor()
  await shot(page, 'phone-outbox-waiting-360')
  await page.getByRole('link', { name: '我的' }).click()
  await page.getByRole('button', { name: '现在锁上' }).click()
  await page.getByRole('heading', { name: '手机锁着' }).waitFor()
  assert.equal(await page.getByText(shop).count(), 0, 'a locked phone does not say whose record it is')
  await page.getByText(/一份记录 · \d张照片/).waitFor()
  assert.deepEqual(await axe(page), [])
  await page.getByRole('button', { name: '知道了' }).click().catch(() => undefined)
  await shot(page, 'phone-locked-360')
  await page.getByRole('textbox', { name: '开锁密码' }).fill('1111')
  await page.getByRole('button', { name: '打开' }).click()
  await page.getByText('密码不对', { exact: false }).waitFor()
  await context.close()
  await sleep(500)
  assert.deepEqual(hits(dir, [shop, note, reason]), [], 'nothing of the sealed record can be read in the copied profile')

  context = await open()
  page = await watched(context, faults)
  await page.goto(gate.base)
  await page.getByRole('heading', { name: '手机锁着' }).waitFor()
  gate.mode = 'open'
  await page.reload()
  await page.getByRole('heading', { name: '手机锁着' }).waitFor()
  for (let i = 0; i < 90 && (await atOffice(server, shop)).complete === 0; i++) await sleep(1000)
  assert.deepEqual(await atOffice(server, shop), { visits: 1, sheets: 1, complete: 1 })
  await page.getByText('锁着也在发送').waitFor({ state: 'detached', timeout: 60_000 })
  await unlock(page, '2580')
  await page.getByRole('heading', { name: '出发前检查' }).waitFor()
  await page.getByRole('link', { name: '待发送' }).click()
  await received(page)
  await page.getByRole('heading', { name: shop }).waitFor()
  await context.close()
}

async function forgotten(t, { gate, phone }) {
  const { context, page } = await phone()
  t.after(() => context.close())
  const shop = '忘记密码示例店'
  await begin(page, gate.base, shop)
  await wrong(page, '后厨地面有积水，没有防鼠板。')
  await page.goto(`${gate.base}/pin`)
  await page.getByLabel('开锁密码', { exact: true }).fill('13579')
  await page.getByLabel('再输一遍').fill('13579')
  await page.getByRole('button', { name: '设密码' }).click()
  await page.getByRole('button', { name: '现在锁上' }).click()
  await page.getByRole('button', { name: '忘了开锁密码' }).click()
  await shot(page, 'phone-forgot-360')
  assert.deepEqual(await axe(page), [])
  await page.getByLabel('登录密码').fill(password)
  await page.getByRole('button', { name: '打开' }).click()
  await page.getByText('没有设').waitFor({ timeout: 30_000 })
  await page.goto(gate.base)
  await page.getByRole('link', { name: `继续记录：${shop}` }).click()
  await page.getByText('已答1项，共12项').waitFor()
  await page.locator('li button.item').first().click()
  assert.equal(await page.getByLabel('看到了什么').inputValue(), '后厨地面有积水，没有防鼠板。')
}

async function loginOver(t, { server, gate, phone }) {
  const { context, page } = await phone()
  t.after(() => context.close())
  const shop = '登录过期示例店'
  gate.mode = 'cut'
  await begin(page, gate.base, shop)
  await wrong(page, '出示的文书没有写明救济途径。', [{ name: 'b.jpg', mimeType: 'image/jpeg', buffer: await jpeg(page, 5) }])
  await seal(page)
  await context.clearCookies()
  gate.asked.length = 0
  gate.mode = 'open'
  await sendNow(page)
  await received(page)
  assert.deepEqual(await atOffice(server, shop), { visits: 1, sheets: 1, complete: 1 })
  assert.ok(gate.asked.some((a) => /^PUT \/api\/sheets\/.* Device$/.test(a)), 'the sheet went by the device credential')
  await page.reload() // what was sent in a round begun without a network has not asked for the login yet
  await page.getByText('登录过期了', { exact: false }).first().waitFor()
  await shot(page, 'phone-login-over-360')
  await page.goto(`${gate.base}/findings`)
  await page.getByRole('link', { name: '重新登录' }).waitFor()
}

async function portal(t, { server, gate, phone }) {
  const { context, page } = await phone()
  t.after(() => context.close())
  const shop = '酒店网络示例店'
  gate.mode = 'portal'
  await begin(page, gate.base, shop)
  await wrong(page, '没有现场告知检查事项和依据。')
  await seal(page)
  await sendNow(page)
  await page.getByText('连上的网络没有通到服务器', { exact: false }).or(page.getByText('没有连上服务器。', { exact: false })).first().waitFor()
  await sleep(1000)
  assert.equal(await page.getByText('已收妥').count(), 0)
  await page.getByRole('heading', { name: new RegExp(shop) }).waitFor()
  await shot(page, 'phone-outbox-gate-360')
  gate.mode = 'open'
  await sendNow(page)
  await received(page)
  assert.deepEqual(await atOffice(server, shop), { visits: 1, sheets: 1, complete: 1 })
}

async function full(t, { gate, phone }) {
  const { context, page } = await phone()
  t.after(() => context.close())
  await begin(page, gate.base, '存储满示例店')
  await wrong(page, '墙上没有公示执法人员信息。', [{ name: 'c.jpg', mimeType: 'image/jpeg', buffer: await jpeg(page, 7) }])
  const cdp = await context.newCDPSession(page)
  const used = await page.evaluate(async () => (await navigator.storage.estimate()).usage)
  await cdp.send('Storage.overrideQuotaForOrigin', { origin: gate.base, quotaSize: Math.max(1, used - 2000) })
  await page.locator('article input[data-source=album]').setInputFiles([{ name: 'd.jpg', mimeType: 'image/jpeg', buffer: await jpeg(page, 8) }])
  await page.getByText('手机存储满了', { exact: false }).first().waitFor({ timeout: 30_000 })
  await shot(page, 'phone-full-360')
  await cdp.send('Storage.overrideQuotaForOrigin', { origin: gate.base })
  await page.reload()
  await page.getByText('已答1项，共12项').waitFor()
  await page.locator('article .shots a').first().waitFor() // the picture that was there before is there
  assert.equal(await page.getByLabel('看到了什么').inputValue(), '墙上没有公示执法人员信息。')
  await page.locator('article input[data-source=album]').setInputFiles([{ name: 'd.jpg', mimeType: 'image/jpeg', buffer: await jpeg(page, 18) }])
  await page.locator('article .shots a').nth(1).waitFor({ timeout: 30_000 })
}

async function died(t, { gate, phone }) {
  const { context, page } = await phone()
  t.after(() => context.close())
  await begin(page, gate.base, '页面重开示例店')
  await wrong(page, '检查时没有全程记录，问了才打开。')
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.locator('article').getByRole('button', { name: /^拍照/ }).click()])
  assert.ok(chooser)
  await page.reload()
  await page.getByText('刚才有一张没有收到').waitFor()
  assert.equal(await page.getByLabel('看到了什么').inputValue(), '检查时没有全程记录，问了才打开。')
  await shot(page, 'phone-missed-360')
  assert.deepEqual(await axe(page), [])
  await page.locator('article input[data-source=camera]').setInputFiles([{ name: 'e.jpg', mimeType: 'image/jpeg', buffer: await jpeg(page, 9) }])
  await page.locator('article .shots a').first().waitFor({ timeout: 30_000 })
  await page.getByText('刚才有一张没有收到').waitFor({ state: 'detached' })
}

async function tabs(t, { server, gate, phone, faults }) {
  const { context, page } = await phone()
  t.after(() => context.close())
  const shop = '两个页面示例店'
  gate.mode = 'cut'
  await begin(page, gate.base, shop)
  await wrong(page, '第一个页面写的备注在这里。')
  const other = await watched(context, faults)
  await other.goto(page.url())
  await other.getByText('已答1项，共12项').waitFor()
  await other.getByLabel('看到了什么').fill('第二个页面写的备注在这里。')
  await saved(other)
  await page.getByLabel('看到了什么').fill('第一个页面又改了一遍备注。')
  await page.getByText('两个页面写得不一样', { exact: false }).first().waitFor()
  await shot(page, 'phone-clash-360')
  assert.deepEqual(await axe(page), [])
  await page.getByRole('button', { name: /用这一份.*第一个页面又改了/ }).click()
  await saved(page)
  await seal(page)
  await other.getByLabel('看到了什么').fill('封存以后还想再改一次的备注。')
  await other.getByText('已在另一个页面封存', { exact: false }).waitFor()
  await shot(other, 'phone-sealed-elsewhere-360')
  assert.deepEqual(await axe(other), [])
  await other.getByRole('button', { name: '把这一页写的另存' }).click()
  await other.getByRole('heading', { name: shop }).waitFor()
  await other.locator('li button.item').first().click()
  assert.equal(await other.getByLabel('看到了什么').inputValue(), '封存以后还想再改一次的备注。', 'nothing that was typed is gone: it is a correction now')
  await other.goto(`${gate.base}/outbox`)
  gate.mode = 'open'
  const send = page.getByRole('button', { name: '现在发送' })
  if (await send.isEnabled()) await send.click({ timeout: 2000 }).catch(() => undefined) // the other page may have sent it by now
  await received(page)
  await received(other)
  assert.deepEqual(await atOffice(server, shop), { visits: 1, sheets: 1, complete: 1 })
}

async function rescued(t, { server, gate, phone, faults }) {
  const { context, page } = await phone()
  t.after(() => context.close())
  const shop = '备份文件示例店'
  gate.mode = 'cut'
  await begin(page, gate.base, shop)
  await wrong(page, '抽样没有当场封样，也没有签字。', [{ name: 'f.jpg', mimeType: 'image/jpeg', buffer: await jpeg(page, 11) }])
  await seal(page)
  await page.locator('summary').filter({ hasText: '更多' }).click()
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: /存一份备份文件/ }).click()])
  const file = readFileSync(await download.path())
  assert.ok(!file.includes(Buffer.from(shop)) && !file.includes(Buffer.from('抽样没有当场封样')), 'nothing in the file can be read')
  await page.getByText('一份也没有删', { exact: false }).waitFor()
  await shot(page, 'phone-rescue-360')
  const cdp = await context.newCDPSession(page)
  await cdp.send('Storage.clearDataForOrigin', { origin: gate.base, storageTypes: 'all' })
  await page.close()
  gate.mode = 'open'
  await context.clearCookies()
  const fresh = await watched(context, faults)
  await ready(fresh, gate.base)
  for (let i = 0; i < 2; i++) {
    await fresh.goto(`${gate.base}/import`)
    await fresh.locator('input[data-rescue]').setInputFiles({ name: download.suggestedFilename(), mimeType: 'application/octet-stream', buffer: file })
    await fresh.getByText(i ? '没有重复放' : '取回了1份记录', { exact: false }).waitFor({ timeout: 30_000 })
    if (!i) await shot(fresh, 'phone-import-360')
    assert.deepEqual(await axe(fresh), [])
  }
  await fresh.getByRole('link', { name: '去看待发送' }).click()
  await received(fresh)
  assert.deepEqual(await atOffice(server, shop), { visits: 1, sheets: 1, complete: 1 })
}

async function discarded(t, { server, gate, phone }) {
  const { context, page } = await phone()
  t.after(() => context.close())
  const shop = '丢弃测试示例店'
  gate.mode = 'cut'
  await begin(page, gate.base, shop)
  await wrong(page, '这一份是练习写的，不是真的检查。')
  await seal(page)
  await page.locator('summary').filter({ hasText: '更多' }).click()
  await page.getByRole('button', { name: /^丢弃/ }).click()
  const box = page.getByRole('dialog')
  const go = box.getByRole('button', { name: '丢弃', exact: true })
  assert.ok(await go.isDisabled())
  await box.getByLabel('为什么丢弃').fill('练习用的，不是真的检查')
  assert.ok(await go.isDisabled(), 'the word has to be typed')
  await box.getByLabel('写“丢弃”两个字').fill('丢弃')
  await shot(page, 'phone-discard-360')
  assert.deepEqual(await axe(page), [])
  await go.click()
  await page.getByText('没有留在本机的记录').waitFor()
  gate.mode = 'open'
  gate.asked.length = 0
  await page.reload()
  for (let i = 0; i < 60 && !gate.asked.some((a) => a.startsWith('POST /api/field/contact')); i++) await sleep(500)
  assert.deepEqual(await atOffice(server, shop), { visits: 0, sheets: 0, complete: 0 })
  const phones = await (await server.as('office')).get('/api/phones')
  assert.equal(phones.body.losses.filter((l) => !l.settled_at && JSON.stringify(l).includes(shop)).length, 0, 'what was given up is not taken for lost')
}

