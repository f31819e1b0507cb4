// The phone and the hands it passes through: the office that decides on work from a phone reported lost, a server that was
// put back, a newer page beside an old one, a key that is gone, and whoever reads the phone while it is locked.
import assert from 'node:assert/strict'
import { watched, axe, shot, jpeg, login, sleep } from './lib.mjs'
import { copied, stage, begin, wrong, saved, seal, received, unlock, atOffice, sendNow } from './phone-lib.mjs'

stage('the phone in other hands', () => stories)

const stories = [
  ['a phone reported lost: its record is with the office, which asks and decides; then the receipt comes', withTheOffice],
  ['locked, no word about a case can be read in what the browser keeps', readLocked],
  ['a draft whose key is gone is said, and the others go on', keyGone],
  ['a newer page has brought the database forward: the old one offers to be opened anew', outgrown],
  ['a server put back: codes it does not know are not shown, one that was shown says so', codes],
]

async function withTheOffice(t, { server, gate, browser, phone, faults }) {
  const { context, page } = await phone()
  t.after(() => context.close())
  const shop = '隔离核实示例店'
  gate.mode = 'cut'
  await begin(page, gate.base, shop)
  await wrong(page, '两名执法人员没有出示证件就进了后厨。', [{ name: 'a.jpg', mimeType: 'image/jpeg', buffer: await jpeg(page, 31) }])
  await seal(page)
  const office = await server.as('office')
  const mine = await page.evaluate(() => new Promise((ok) => {
    const open = indexedDB.open('suixing-field')
    open.onsuccess = () => {
      const all = open.result.transaction('kv').objectStore('kv').getAll()
      all.onsuccess = () => ok(all.result.find((r) => r.key.startsWith('device:')).value.id) || open.result.close()
    }
  }))
  assert.equal((await office.post(`/api/devices/${mine}/revoke`, { reason: '本人说手机丢了' })).status, 204)
  gate.mode = 'open'
  await sendNow(page)
  await page.getByText('已交司法所核实').first().waitFor({ timeout: 60_000 })
  await page.getByRole('button', { name: '知道了' }).click({ timeout: 2000 }).catch(() => undefined)
  assert.deepEqual(await axe(page), [])
  await shot(page, 'phone-held-360')
  assert.equal((await atOffice(server, shop)).sheets, 0, 'nothing of it counts before a person has decided')

  const desk = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
  t.after(() => desk.close())
  desk.setDefaultTimeout(20_000)
  const clerk = await watched(desk, faults)
  await login(clerk, gate.base, 'office', '/desk/visits/phones')
  await clerk.getByRole('button', { name: `看内容：${shop}` }).click()
  await clerk.getByText('两名执法人员没有出示证件就进了后厨。').waitFor()
  await clerk.getByRole('button', { name: '看完了' }).click()
  await clerk.getByRole('button', { name: `收下${shop}的记录` }).click()
  await clerk.getByLabel('怎样核实的').fill('电话问过本人，是今天做的检查，手机已找到')
  await shot(clerk, 'desk-held-1440')
  await clerk.getByRole('dialog').getByRole('button', { name: '收下', exact: true }).click()
  await clerk.getByText(`${shop}的记录已收下`).waitFor()

  await sendNow(page)
  await received(page)
  await page.getByText('已收妥').first().scrollIntoViewIfNeeded()
  await shot(page, 'phone-held-received-360')
  assert.deepEqual(await atOffice(server, shop), { visits: 1, sheets: 1, complete: 1 })
}

/** rawOf: everything the browser keeps for this address, as text. */
const rawOf = (page) => page.evaluate(async () => {
  const db = await new Promise((ok, no) => {
    const r = indexedDB.open('suixing-field')
    r.onsuccess = () => ok(r.result)
    r.onerror = () => no(r.error)
  })
  const words = (_k, v) => (v instanceof ArrayBuffer ? new TextDecoder().decode(v) + new TextDecoder('utf-16').decode(v) : v)
  const out = [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage })]
  for (const name of db.objectStoreNames) {
    const rows = await new Promise((ok) => {
      const r = db.transaction(name).objectStore(name).getAll()
      r.onsuccess = () => ok(r.result)
    })
    out.push(`${name}: ${JSON.stringify(rows, words)}`)
  }
  db.close()
  for (const name of await caches.keys()) for (const k of await (await caches.open(name)).keys()) out.push(k.url)
  return out.join('\n')
})

async function readLocked(t, { server, gate, phone }) {
  const { context, page } = await phone()
  t.after(() => context.close())
  const pack = (await (await server.as('supervisor')).get('/api/field/pack')).body
  const words = [...new Set([...pack.agencies.map((a) => a.name), ...pack.officers.flatMap((o) => [o.name, o.credential_number]), ...pack.businesses.flatMap((b) => [b.name, b.uscc]), ...pack.visits.map((v) => v.business_name)])].filter((w) => w && w.length > 2)
  assert.ok(words.length > 10 && pack.visits.some((v) => v.state === 'planned'), 'there is something to look for')
  const found = (text) => [...words, '锁前写的暗语', '锁着看不到示例店', `${server.base}/f/`].filter((w) => text.includes(w))
  assert.ok(found(await rawOf(page)).length > 0, 'without a PIN the glance names the visits of the day: the search finds what there is')
  await page.goto(`${gate.base}/pin`)
  await page.getByLabel('开锁密码', { exact: true }).fill('2580')
  await page.getByLabel('再输一遍').fill('2580')
  await page.getByRole('button', { name: '设密码' }).click()
  await page.getByRole('heading', { name: '我的', exact: true }).waitFor()
  await begin(page, gate.base, '锁着看不到示例店', '2580')
  await wrong(page, '锁前写的暗语，只有本人知道。', [{ name: 'l.jpg', mimeType: 'image/jpeg', buffer: await jpeg(page, 33) }])
  await page.goto(`${gate.base}/me`)
  await unlock(page, '2580')
  await page.getByRole('button', { name: '现在锁上' }).click()
  await page.getByRole('heading', { name: '手机锁着' }).waitFor()
  assert.deepEqual(found(await rawOf(page)), [])
  await page.reload() // a phone that is opened locked speaks to the server and leaves nothing either
  await page.getByRole('heading', { name: '手机锁着' }).waitFor()
  await sleep(2500)
  assert.deepEqual(found(await rawOf(page)), [])
  await page.goto(gate.base)
  await unlock(page, '2580')
  await page.getByRole('link', { name: '继续记录：锁着看不到示例店' }).waitFor()
  await page.getByText(pack.visits.find((v) => v.state === 'planned').business_name).first().waitFor() // and after the PIN the day is there
}

async function keyGone(t, { gate, phone }) {
  const { context, page } = await phone()
  t.after(() => context.close())
  for (const shop of ['打不开示例店', '还打得开示例店']) {
    await begin(page, gate.base, shop)
    await wrong(page, '写到一半，换了一部手机。')
  }
  await page.evaluate(() => new Promise((ok) => {
    const open = indexedDB.open('suixing-field')
    open.onsuccess = () => {
      const tx = open.result.transaction('drafts', 'readwrite')
      const all = tx.objectStore('drafts').getAll()
      all.onsuccess = () => {
        const [first] = all.result.sort((a, b) => (a.changed_at < b.changed_at ? -1 : 1))
        tx.objectStore('drafts').put({ ...first, body: { ...first.body, k: 'a key of another phone' } })
      }
      tx.oncomplete = () => ok(open.result.close())
    }
  }))
  await page.goto(gate.base)
  await page.getByText('有1份没写完的记录打不开。').waitFor()
  await page.getByText('有1份没写完的记录打不开。').scrollIntoViewIfNeeded()
  await page.getByRole('button', { name: '知道了' }).click({ timeout: 2000 }).catch(() => undefined)
  assert.deepEqual(await axe(page), [])
  await shot(page, 'phone-broken-360')
  await page.getByRole('link', { name: '继续记录：还打得开示例店' }).waitFor()
  await page.getByRole('button', { name: '删去打不开的1份' }).click()
  assert.equal(await page.getByText('有1份没写完的记录打不开。').count(), 1, 'one tap gives nothing up')
  await page.getByRole('button', { name: '真的删去，找不回来' }).click()
  await page.getByText('有1份没写完的记录打不开。').waitFor({ state: 'detached' })
  await page.getByRole('link', { name: '继续记录：还打得开示例店' }).waitFor()
}

async function outgrown(t, { gate, phone }) {
  const { context, page } = await phone()
  t.after(() => context.close())
  await begin(page, gate.base, '新旧页面示例店')
  await wrong(page, '新的一页已经把数据库往前升了。')
  await page.evaluate(() => new Promise((ok) => {
    const r = indexedDB.open('suixing-field', 99)
    r.onsuccess = () => ok(r.result.close())
  }))
  await page.getByLabel('看到了什么').fill('新的一页已经把数据库往前升了，这一句存不进去。')
  await page.getByText('另一个页面已经换成了新版本', { exact: false }).first().waitFor()
  assert.deepEqual(await axe(page), [])
  await shot(page, 'phone-outgrown-360')
  await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name: '重新打开' }).first().click()])
}

async function codes(t, { gate, phone, server }) {
  const { context, page } = await phone()
  t.after(() => context.close())
  const copy = await copied(server)
  const supervisor = await server.as('supervisor')
  const revoke = await supervisor.post('/api/tickets/revoke', { all: true })
  assert.equal(revoke.status, 200)
  gate.asked.length = 0
  await page.reload()
  for (let i = 0; i < 120 && !gate.asked.some((a) => a.startsWith('POST /api/tickets')); i++) await sleep(500) // new ones are fetched at once
  await begin(page, gate.base, '换了二维码示例店')
  const sheet = new URL(page.url()).pathname
  await page.goto(gate.base + sheet.replace('sheet', 'ticket'))
  await page.getByRole('heading', { name: '请您评价这次检查' }).waitFor()
  const code = async () => (await page.locator('.code').innerText()).replace(/\s/g, '')
  const shown = await code()
  const opens = async (c) => (await fetch(`${server.base}/f`, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded', origin: server.base }, body: `code=${c}`, redirect: 'manual' })).status
  assert.ok((await opens(shown)) < 400, 'what is shown after the revocation is a fresh one')
  await copy.back() // these codes were given out after the backup
  assert.ok((await opens(shown)) >= 400, 'the server that was put back does not know it')
  await page.goto(gate.base + sheet.replace('sheet', 'ticket'))
  await page.getByRole('heading', { name: '这个二维码作废了' }).waitFor({ timeout: 60_000 })
  assert.deepEqual(await axe(page), [])
  await shot(page, 'phone-ticket-gone-360')
  await page.getByRole('button', { name: '换一个二维码' }).click()
  await page.getByRole('heading', { name: '请您评价这次检查' }).waitFor()
  const fresh = await code()
  assert.notEqual(fresh, shown)
  assert.ok((await opens(fresh)) < 400, 'the fresh one opens the form')
  await page.goto(gate.base + sheet)
  await saved(page).catch(() => undefined)
}
