// Each state of the outbox as the person sees it: the words for it, what can be done, big enough, nothing clipped. And the
// rescue file taken in at the office by the command line.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { axe, shot, jpeg, password, root, sleep } from './lib.mjs'
import { sideways, stage, begin, wrong, seal, received, unlock, atOffice, sendNow } from './phone-lib.mjs'

const bin = process.env.SUIXING_BIN || join(root, 'bin', 'suixing')

stage('the outbox', () => stories)

const stories = [
  ['every answer of a server has its words, and the record is still there after each', answers],
  ['a login that is over, a lock, a photo that cannot be read, an old record', hands],
  ['a backup file is taken in by the command line, once', commandLine],
]

/** looked: the page is kept as a picture, and what is wrong with it is told. */
async function looked(page, name) {
  await page.getByRole('button', { name: '知道了' }).click({ timeout: 300 }).catch(() => undefined)
  const small = await page.evaluate(() => [...document.querySelectorAll('main .btn, main .tap, main summary, .foot .btn')].filter((e) => e.getClientRects().length && e.getBoundingClientRect().height < 43.5).map((e) => e.textContent.trim()))
  const clipped = await page.evaluate(() => [...document.querySelectorAll('main *')].filter((e) => e.getClientRects().length && !e.closest('.sr') && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX === 'hidden').map((e) => e.className))
  const wrongs = [...(await axe(page)), ...small.map((s) => `smaller than 44 px: ${s}`), ...clipped.map((c) => `clipped: ${c}`), ...((await sideways(page)) ? ['scrolls sideways'] : [])]
  await shot(page, `outbox-${name}-360`, { fullPage: true })
  return wrongs.map((w) => `${name}: ${w}`)
}

const answer = (status, code, more = {}) => (q) => (q.method === 'PUT' && q.url.startsWith('/api/sheets/') ? { status, json: { code, ...more } } : null)
/** Every way our server can answer a record: what stands over it, what is said, and whether a hand is needed. */
const table = [
  ['server', answer(500, 'internal'), '等服务器', '服务器出了故障'],
  ['busy', answer(429, 'too_many'), '等服务器', '服务器忙'],
  ['order', answer(409, 'order'), '等服务器', '要等这次检查更早的那份记录先到'],
  ['password', answer(403, 'must_change'), '等登录', '要先改初始密码'],
  ['conflict', answer(409, 'sheet_conflict'), '等司法所定', '服务器上已有同一份记录'],
  ['refused', answer(403, 'forbidden'), '需要处理', '服务器不让这个账号交'],
  ['not-found', answer(404, 'not_found'), '需要处理', '服务器上找不到这次检查'],
  ['too-large', answer(413, 'too_large'), '需要处理', '内容太大'],
  ['invalid', answer(422, 'invalid', { detail: '检查事项不在检查表里。' }), '需要处理', '检查事项不在检查表里'],
  ['seal-key', answer(422, 'seal_key'), '需要处理', '旧的密钥'],
  ['settled', answer(409, 'conflict_settled'), '需要处理', '已定用另一份'],
  ['receipt', (q) => (answer(200, '')(q) ? { status: 200, json: { id: q.url.split('/').pop(), state: 'complete', missing: [], receipt: { code: 'HZ-0000-0000-0000', key_id: 'x', algorithm: 'ed25519', body: 'e30=', signature: 'AA==' } } } : null), '需要处理', '回执核对不上'],
]

/** waits: the first record of a phone, sealed and held back at the gate. */
async function waits(page, gate, shop, n) {
  await begin(page, gate.base, shop)
  const files = []
  for (const k of [n, n + 1]) files.push({ name: `${k}.jpg`, mimeType: 'image/jpeg', buffer: await jpeg(page, k) })
  await wrong(page, '没有出示执法证件就开始检查。', files)
  gate.park = () => true
  await seal(page)
}
/** again: 马上再试, wherever it stands for this state. */
async function again(page) {
  const button = page.getByRole('button', { name: /^马上再试/ }).first()
  for (let i = 0; i < 40; i++) {
    await opened(page)
    if (await button.isEnabled({ timeout: 500 }).catch(() => false)) return button.click()
    await sleep(500)
  }
  throw new Error(`nothing to tap: ${await page.locator('main').innerText()}`)
}
const opened = (page) => page.evaluate(() => document.querySelectorAll('details.more').forEach((d) => (d.open = true)))
const chip = (page, word) => page.locator('.state-line .chip').filter({ hasText: word }).first().waitFor({ timeout: 30_000 })

async function answers(t, { server, gate, phone }) {
  const { context, page } = await phone()
  t.after(() => context.close())
  const shop = '各种状态示例店'
  const wrongs = []
  await waits(page, gate, shop, 50)
  await chip(page, '待发送')
  wrongs.push(...(await looked(page, 'pending')))
  gate.mode = 'cut'
  gate.release()
  await page.getByText('没有连上服务器。有信号时自动发送。').waitFor()
  wrongs.push(...(await looked(page, 'waiting')))
  gate.mode = 'portal'
  await again(page)
  await page.getByText('可能要先登录那个无线网', { exact: false }).waitFor()
  wrongs.push(...(await looked(page, 'portal')))
  gate.mode = 'open'
  const each = async (rows) => {
    for (const [name, say, state, words] of rows) {
      gate.say = say
      await again(page)
      await page.getByText(words, { exact: false }).first().waitFor({ timeout: 30_000 }).catch((e) => {
        throw new Error(`${name}: ${words}`, { cause: e })
      })
      await chip(page, state)
      wrongs.push(...(await looked(page, name)))
      assert.ok((await page.getByText(shop).count()) > 0, `${name}: it is still there`)
    }
    gate.say = () => null
  }
  await each(table)
  assert.deepEqual(wrongs, [])
  assert.deepEqual(await atOffice(server, shop), { visits: 0, sheets: 0, complete: 0 })

  // Then the server speaks for itself: the record first, the photos after it, the receipt last.
  let gone = 0
  gate.park = (q) => q.method === 'PUT' && q.url.startsWith('/api/sheets/')
  await again(page)
  await page.getByText('正在送记录。').waitFor()
  wrongs.push(...(await looked(page, 'sending')))
  assert.ok(await page.getByRole('button', { name: '正在发送' }).isDisabled(), 'nothing is tapped twice')
  await opened(page)
  assert.ok(await page.getByRole('button', { name: /^丢弃/ }).isDisabled(), 'nor given up under way')
  gate.release()
  gate.park = (q) => q.method === 'PUT' && q.url.startsWith('/api/photos/') && ++gone > 1
  await page.getByText(/照片和签名3张到了1张/).waitFor()
  wrongs.push(...(await looked(page, 'sending-photos')))
  gate.release()
  await received(page)
  wrongs.push(...(await looked(page, 'received')))
  assert.deepEqual(await atOffice(server, shop), { visits: 1, sheets: 1, complete: 1 })

  assert.deepEqual(wrongs, [])
}

/** aged: what waits has been here for three days. torn: one photo has decayed in the phone's store. */
const aged = (page) => meddle(page, 'outbox')
const torn = (page) => meddle(page, 'sealed')
const meddle = (page, store) => page.evaluate((store) => new Promise((ok) => {
  const open = indexedDB.open('suixing-field')
  open.onsuccess = () => {
    const tx = open.result.transaction(store, 'readwrite')
    const all = tx.objectStore(store).getAll()
    all.onsuccess = () => {
      const row = all.result.find((r) => store === 'outbox' || (r.kind === 'photo' && r.type !== 'image/png'))
      if (store === 'outbox') row.created_at -= 3 * 86400_000
      else new Uint8Array(row.bytes)[99] ^= 1
      tx.objectStore(store).put(row)
    }
    tx.oncomplete = () => ok(open.result.close())
  }
}), store)

async function hands(t, { server, gate, phone }) {
  const { context, page } = await phone()
  t.after(() => context.close())
  const shop = '要人处理示例店'
  const wrongs = []
  await waits(page, gate, shop, 55)
  gate.mode = 'cut'
  gate.release()
  await chip(page, '等网络')

  // For more than a day it has been here.
  await aged(page)
  await page.reload()
  await page.getByText('有记录留在手机里超过一天了', { exact: false }).waitFor()
  wrongs.push(...(await looked(page, 'old')))

  // Locked, the phone says what lies there and not whose it is.
  await page.goto(`${gate.base}/pin`)
  await page.getByLabel('开锁密码', { exact: true }).fill('2580')
  await page.getByLabel('再输一遍').fill('2580')
  await page.getByRole('button', { name: '设密码' }).click()
  await page.getByRole('heading', { name: '我的', exact: true }).waitFor()
  await page.getByRole('button', { name: '现在锁上' }).click()
  await page.getByRole('heading', { name: '手机锁着' }).waitFor()
  assert.equal(await page.getByText(shop).count(), 0)
  wrongs.push(...(await looked(page, 'locked')))
  await unlock(page, '2580')
  await page.goto(`${gate.base}/outbox`)
  await unlock(page, '2580')

  // Neither login nor the phone's credential is taken: it waits for the person.
  gate.say = (q) => (q.url.startsWith('/api/') && !q.url.startsWith('/api/session') ? { status: 401, json: { code: 'signed_out', detail: '请登录。' } } : q.url === '/api/session' && q.method === 'GET' ? { status: 401, json: { code: 'signed_out' } } : null)
  gate.mode = 'open'
  await again(page)
  await chip(page, '等登录')
  await page.getByText('登录过期了。').first().waitFor()
  wrongs.push(...(await looked(page, 'login')))
  gate.say = () => null

  // A photo that decays in the phone: the record is there, the office is told what is missing, and it can be put right.
  await torn(page)
  await page.getByRole('link', { name: '重新登录' }).click()
  if (await page.getByRole('textbox', { name: '账号' }).count()) await page.getByRole('textbox', { name: '账号' }).fill('supervisor')
  await page.getByLabel('密码').fill(password)
  await page.getByRole('button', { name: '登录' }).click()
  await page.getByRole('heading', { name: '待发送', exact: true }).waitFor()
  await page.getByText('有一张照片在这部手机里读不出来了', { exact: false }).waitFor({ timeout: 60_000 })
  await chip(page, '需要处理')
  wrongs.push(...(await looked(page, 'lost-photo')))
  assert.deepEqual(await atOffice(server, shop), { visits: 1, sheets: 1, complete: 0 })

  await page.getByRole('button', { name: /^丢弃/ }).click()
  const box = page.getByRole('dialog')
  await box.getByLabel('为什么丢弃').fill('照片坏了一张，已经当面交给司法所')
  wrongs.push(...(await looked(page, 'discard')))
  await box.getByLabel('写“丢弃”两个字').fill('丢弃')
  await box.getByRole('button', { name: '丢弃', exact: true }).click()
  await page.getByText('没有留在本机的记录').waitFor()
  wrongs.push(...(await looked(page, 'empty')))
  assert.deepEqual(wrongs, [])
}

async function commandLine(t, { server, gate, phone }) {
  const { context, page } = await phone()
  t.after(() => context.close())
  const dir = mkdtempSync(join(tmpdir(), 'suixing-rescue-'))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  const shop = '没有浏览器示例店'
  await waits(page, gate, shop, 60)
  gate.mode = 'cut'
  gate.release()
  await chip(page, '等网络')
  await page.locator('summary').filter({ hasText: '更多' }).click()
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: /存一份备份文件/ }).click()])
  await page.getByText('一份也没有删', { exact: false }).waitFor()
  assert.deepEqual(await looked(page, 'export'), [])
  const file = join(dir, 'phone.sxr')
  await download.saveAs(file)
  const rescue = (...args) => {
    const r = spawnSync(bin, ['rescue', ...args], { env: { ...process.env, SUIXING_DATA: join(server.dir, 'var'), SUIXING_DEMO: '1', SUIXING_PUBLIC_URL: server.base }, encoding: 'utf8' })
    return `${r.status}\n${r.stdout}${r.stderr}`
  }
  assert.match(rescue(file, 'supervisor'), /^1\nsuixing: supervisor is nobody of an office/, 'who may not bring it at the desk may not here')
  assert.match(rescue(file, 'office2'), /^1\n.*没有收：.*不在您的范围内.*\nrescue: 1 records, 1 refused/, 'nor for another office')
  assert.deepEqual(await atOffice(server, shop), { visits: 0, sheets: 0, complete: 0 })
  assert.match(rescue(file, 'office'), new RegExp(`^0\\n.*${shop}，第1版）收下了，回执HZ-.*\\nrescue: 1 records, 0 refused`))
  assert.match(rescue(file, 'office'), /^0\n.*以前收过，回执HZ-/)
  assert.match(rescue(bin, 'office'), /^1\nsuixing: 这不是随行的备份文件/)
  assert.deepEqual(await atOffice(server, shop), { visits: 1, sheets: 1, complete: 1 })
  gate.mode = 'open'
  await sendNow(page)
  await received(page)
  assert.deepEqual(await atOffice(server, shop), { visits: 1, sheets: 1, complete: 1 })
}
