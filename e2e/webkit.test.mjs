// The same record in WebKit, where most of the losses of others happened: written with the server dead, a photo taken
// in, sealed, the page opened again, then sent. WebKit here is Debian's; Safari itself needs a Mac.
import test from 'node:test'
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Server, browse, jpeg, password, sleep } from './lib.mjs'
import { Gate, atOffice } from './phone-lib.mjs'
import { WebKit, missing } from './webkit-lib.mjs'

const shop = '苹果浏览器示例店'

test('a record written in WebKit without a server arrives once', { timeout: 400_000, skip: missing || false }, async (t) => {
  const server = await Server.open()
  t.after(() => server.close())
  const gate = await Gate.open(server)
  t.after(() => gate.close())
  const photo = join(server.dir, 'photo.jpg')
  const chromium = await browse()
  const page = await chromium.newPage()
  writeFileSync(photo, await jpeg(page, 21, 4000, 3000))
  await chromium.close()
  const w = await WebKit.open()
  t.after(() => w.close())
  t.diagnostic(`WebKitGTK ${w.version}`)

  await t.test('signed in; the app is kept for later', async () => {
    await w.go(gate.base)
    await w.type('input', '账号', 'supervisor')
    await w.type('input', '密码', password)
    await w.press('button', '登录')
    await w.says('出发前检查', 60_000)
    await w.runAsync('const done = arguments[0]; navigator.serviceWorker.ready.then(() => setTimeout(done, 500))')
    await w.press('summary', '出发前检查')
    await w.says('登录过期也能送出', 60_000)
    await w.says('还有20个', 60_000)
    await w.says('写入读回一致')
  })

  await t.test('the server cannot be reached; the app opens and the record is written', async () => {
    gate.mode = 'cut'
    await w.go(`${gate.base}/start`)
    await w.choose('select', '执法单位', '示例镇A综合执法大队')
    await w.type('input', '被检查对象', shop)
    await w.press('button', '登记名录里没有的对象')
    await w.choose('select', '检查事项', 'food')
    await w.press('input[type=radio]', '快速12项')
    await w.press('input[type=checkbox]', '我与被检查单位')
    await w.press('button', '开始记录')
    await w.until('the sheet', `location.pathname.startsWith('/sheet/')`)
    await w.press('article input[value=no]')
    await w.type('textarea', '看到了什么', '进店以后没有出示执法证，问了才拿出来。')
    await w.upload('article input[data-source=album]', photo)
    await w.until('the photo', `document.querySelectorAll('article .shots img').length === 1`, 60_000)
    await w.says('已存本机')
  })

  await t.test('the page is opened again: answer and photo are there', async () => {
    await sleep(800)
    await w.reload()
    await w.says('已答1项，共12项')
    await w.until('the photo', `document.querySelectorAll('article .shots img').length === 1`)
    assert.equal(await w.run(`return document.querySelector('article textarea').value`), '进店以后没有出示执法证，问了才拿出来。')
  })

  await t.test('sealed, and the page opened again', async () => {
    await w.type('input', '姓名或执法证号', '示例')
    await w.press('button.pick')
    await sleep(500)
    await w.press('a', '核对并封存')
    await w.press('button', '其余')
    await w.press('input[name=overall]', '基本规范')
    await w.press('input[name=stance]', '拒绝签字')
    await w.press('button.sign', '点这里，用手指签名')
    await w.draw('canvas.pad')
    await w.press('button', '签好了')
    await w.until('the signature', `!!document.querySelector('.sign img')`)
    await w.press('button', '封存记录')
    await w.until('the outbox', `location.pathname === '/outbox'`, 60_000)
    await w.reload()
    await w.says(shop)
    await w.says('等网络')
    const readable = await w.runAsync(`const [word, done] = arguments; const open = indexedDB.open('suixing-field'); open.onsuccess = () => {
      const db = open.result, names = [...db.objectStoreNames], tx = db.transaction(names); let text = '';
      const bytes = (v) => v instanceof ArrayBuffer ? new TextDecoder().decode(v) : ArrayBuffer.isView(v) ? new TextDecoder().decode(v) : v && typeof v === 'object' && !(v instanceof CryptoKey) ? Object.values(v).map(bytes).join(' ') : String(v);
      for (const n of names) tx.objectStore(n).getAll().onsuccess = (e) => { for (const row of e.target.result) text += bytes(row) };
      tx.oncomplete = () => done(text.includes(word)) }`, shop)
    assert.equal(readable, false, 'nothing of the sealed record can be read in the database')
  })

  await t.test('the server is back: one record, complete, with its receipt', async () => {
    gate.mode = 'open'
    await w.press('button', '现在发送')
    await w.says('已收妥', 90_000)
    assert.match(await w.run(`return document.querySelector('.facts .code').innerText`), /^HZ-/)
    assert.deepEqual(await atOffice(server, shop), { visits: 1, sheets: 1, complete: 1 })
    if (process.env.SUIXING_SHOTS) {
      mkdirSync(process.env.SUIXING_SHOTS, { recursive: true })
      writeFileSync(join(process.env.SUIXING_SHOTS, 'webkit-outbox.png'), await w.shot())
    }
  })
})

test('a business answers and a citizen complains in WebKit', { timeout: 300_000, skip: missing || false }, async (t) => {
  const server = await Server.open()
  t.after(() => server.close())
  const supervisor = await server.as('supervisor')
  const { items } = (await supervisor.post('/api/tickets', { request_id: randomUUID(), count: 1 })).body
  const photo = join(server.dir, 'yard.jpg')
  const chromium = await browse()
  writeFileSync(photo, await jpeg(await chromium.newPage(), 22))
  await chromium.close()
  let w = await WebKit.open()
  t.after(() => w.close())
  const tick = (name, value) => w.press(`input[name=${name}][value="${value}"]`)

  await t.test('the form: an error keeps words and photo, then a receipt', async () => {
    await w.go(items[0].url)
    for (const f of ['F1', 'F2', 'F3', 'F4', 'F5', 'F6', 'F7']) await tick(f, 'y')
    for (const f of ['F8', 'F9', 'F10']) await tick(f, 'n')
    for (const r of ['R1', 'R2', 'R3', 'R4', 'R5']) await tick(r, 4)
    await tick('R0', 2)
    await w.run(`document.querySelector('[name=O2]').value = '希望提前通知。'`)
    await w.upload('input[name=photos]', photo)
    await w.press('button', '提交')
    await w.until('the errors', `/还有\\d+处要补/.test(document.body.innerText)`)
    assert.equal(await w.run(`return document.querySelector('[name=O2]').value`), '希望提前通知。')
    await w.says('第1张')
    await w.run(`document.querySelector('[name=O1]').value = '检查占用车间两小时。'`)
    await w.choose('select[name=agency]', '', '示例镇A综合执法大队')
    await tick('kind', 'household')
    await tick('matter', 'food')
    await w.press('button', '提交')
    await w.until('the receipt', `/[0-9A-Z]{4} [0-9A-Z]{4} [0-9A-Z]{4} [0-9A-Z]{4}/.test(document.body.innerText)`)
  })

  await t.test('the complaint: taken, and its status without a word of it', async () => {
    await w.close() // another person on another phone
    w = await WebKit.open()
    await w.go(`${server.base}/c`)
    const told = '执法人员上门没有出示证件，也不说来查什么。'
    await w.run(`for (const [n, v] of Object.entries(arguments[0])) document.querySelector('[name=' + n + ']').value = v`,
      { unit: '示例镇A综合执法大队', day: new Date(Date.now() - 3 * 86_400_000).toISOString().slice(0, 10), place: '示例镇A菜市场', fact: told })
    await w.press('input[name=stage]')
    await w.press('input[name=P1]')
    await w.press('button', '提交')
    await w.until('the receipt', `/[0-9A-Z]{4} [0-9A-Z]{4} [0-9A-Z]{4} [0-9A-Z]{4}/.test(document.body.innerText)`)
    const code = await w.run(`return document.body.innerText.match(/[0-9A-Z]{4} [0-9A-Z]{4} [0-9A-Z]{4} [0-9A-Z]{4}/)[0]`)
    await w.go(`${server.base}/t`)
    await w.run(`document.querySelector('input[name=r]').value = arguments[0]`, code)
    await w.press('form button')
    await w.until('the status', `/收到|登记/.test(document.body.innerText)`)
    assert.equal((await w.run('return document.documentElement.outerHTML')).includes('没有出示证件'), false)
  })
})
