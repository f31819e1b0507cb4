// The same record in WebKit, where most of the losses of others happened: written with the server dead, a photo taken
// in, sealed, the page opened again, then sent. WebKit here is Debian's; Safari itself needs a Mac.
import test from 'node:test'
import assert from 'node:assert/strict'
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
