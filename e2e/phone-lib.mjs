// What the stories of the phone share: a gate between phone and server that can be told to misbehave, and a record
// written the shortest way.
import { createHash } from 'node:crypto'
import { createServer, request } from 'node:http'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import assert from 'node:assert/strict'
import test from 'node:test'
import { Server, browse, watched, sign, password } from './lib.mjs'

/** SUIXING_DIST: a front end just built, instead of the one inside the program. */
const dist = process.env.SUIXING_DIST

// As in lib.mjs, for a browser with a profile folder of its own.
export const chrome = process.env.SUIXING_CHROMIUM || ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)
export const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']

/** copied: the server's whole data folder is kept aside, and can be put back as it was. */
export async function copied(server) {
  const aside = mkdtempSync(join(tmpdir(), 'suixing-aside-'))
  const data = join(server.dir, 'var')
  const stopped = async (deed) => {
    server.child.kill('SIGTERM')
    await server.ended
    deed()
    await server.start(false)
  }
  const copy = (from, to) => execFileSync('cp', ['-a', from, to]) // owners too: the database insists on its own
  await stopped(() => copy(data, join(aside, 'var')))
  return {
    back: () => stopped(() => {
      rmSync(data, { recursive: true, force: true })
      copy(join(aside, 'var'), data)
      rmSync(aside, { recursive: true, force: true })
    }),
  }
}

/** A gate in front of the server: cut, a hotel's login page, or a newer version of the app behind the same address. */
export class Gate {
  mode = 'open'
  /** > 1: the app's page and service worker are served as that later version. */
  version = 1
  asked = []
  /** say: what is answered in the server's place, where something is; park: what waits at the gate until it is released. */
  say = () => null
  park = () => false
  parked = []
  static async open(server) {
    const g = new Gate()
    g.server = server
    g.http = createServer((q, r) => g.pass(q, r))
    await new Promise((ok) => g.http.listen(0, '127.0.0.1', ok))
    g.base = `http://127.0.0.1:${g.http.address().port}`
    return g
  }
  close() {
    this.http.closeAllConnections()
    return new Promise((ok) => this.http.close(ok))
  }
  pass(q, r, again = false) {
    if (!again) this.asked.push(`${q.method} ${q.url} ${(q.headers.authorization ?? '').split(' ')[0]}`.trim())
    if (this.mode === 'cut') return void q.socket.destroy()
    if (this.park(q)) return void this.parked.push(() => this.pass(q, r, true))
    const said = this.say(q)
    if (said) {
      q.resume()
      return void r.writeHead(said.status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(said.json))
    }
    if (this.mode === 'portal') {
      q.resume()
      return void r.writeHead(200, { 'content-type': 'text/html' }).end('<html><title>免费无线网</title><form>请输入手机号</form></html>')
    }
    const own = this.own(q)
    if (own) return void r.writeHead(200, { 'content-type': own.type }).end(own.bytes)
    const headers = { ...q.headers, 'accept-encoding': 'identity' }
    const plain = this.version === 1 && !dist
    if (!plain) {
      // The browser asks whether what it has is still good. The server knows the first version only and would say yes,
      // with an empty answer: there would be nothing to make the later version of.
      delete headers['if-none-match']
      delete headers['if-modified-since']
    }
    const up = request({ host: '127.0.0.1', port: this.server.port, method: q.method, path: q.url, headers }, (a) => {
      if (plain || (q.url !== '/sw.js' && !(a.headers['content-type'] ?? '').includes('text/html'))) {
        r.writeHead(a.statusCode, a.headers)
        return void a.pipe(r)
      }
      const parts = []
      a.on('data', (d) => parts.push(d))
      a.on('end', () => {
        const html = dist && !/^\/(api|desk|v|f|c|t)\//.test(q.url) ? readFileSync(join(dist, 'index.html'), 'utf8') : Buffer.concat(parts).toString()
        const text = this.version === 1 ? html : this.later(q.url, html)
        const { 'content-length': _l, etag: _e, 'content-encoding': _c, ...headers } = a.headers
        r.writeHead(a.statusCode, headers).end(text)
      })
    })
    up.on('error', () => q.socket.destroy())
    q.pipe(up)
  }
  /** release lets go what waits at the gate, into whatever the weather is now. */
  release() {
    this.park = () => false
    for (const go of this.parked.splice(0)) go()
  }
  /** own: a file of the app out of the folder, where one is named. */
  own(q) {
    const path = q.url.split('?')[0]
    const types = { js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml', png: 'image/png', webmanifest: 'application/manifest+json' }
    const file = dist && q.method === 'GET' && /\.\w+$/.test(path) && !path.startsWith('/api/') ? join(dist, path) : ''
    if (!file || !existsSync(file)) return null
    const text = path === '/sw.js' && this.version > 1 ? this.later(path, readFileSync(file, 'utf8')) : null
    return { type: types[path.split('.').pop()] ?? 'text/plain', bytes: text ?? readFileSync(file) }
  }
  /** later: the page of the next version carries a mark; its worker knows the new page's sum. */
  later(url, text) {
    const mark = (html) => html.replace('<title>', `<meta name="app-version" content="${this.version}"><title>`)
    if (url !== '/sw.js') {
      this.page = text
      return mark(text)
    }
    const old = /"\/":"([0-9a-f]{64})"/.exec(text)?.[1]
    assert.ok(old && this.page, 'the service worker as it was built, after the page it belongs to')
    const next = createHash('sha256').update(mark(this.page)).digest('hex')
    return text.replace(old, next) + `\n// version ${this.version}\n`
  }
  /** upgrade: from now on the app behind this address is a newer one. */
  async upgrade(version) {
    this.version = version
    await (await fetch(`${this.base}/`)).text() // learns the page that the worker will be told of
  }
}

/** A person logs in on the phone and the app is ready to leave. */
export async function ready(page, base, username = 'supervisor') {
  await page.goto(base)
  await page.getByLabel('账号').fill(username)
  await page.getByLabel('密码').fill(password)
  await page.getByRole('button', { name: '登录' }).click()
  await page.getByRole('heading', { name: '出发前检查' }).waitFor()
  await page.waitForFunction(() => navigator.serviceWorker.controller, null, { timeout: 60_000 })
  await page.locator('summary').filter({ hasText: '出发前检查' }).click()
  // One person sets up phone after phone here, faster than the server lets anyone: then the phone waits half a minute.
  await page.getByText('登录过期也能送出').waitFor({ timeout: 150_000 })
  await page.getByText('还有20个').waitFor({ timeout: 150_000 })
}

/** A sheet is begun: a business that is not in the register, twelve items. */
export async function begin(page, base, shop, pin = '') {
  await page.goto(`${base}/start`)
  if (pin) await unlock(page, pin)
  await page.getByLabel('执法单位').selectOption({ label: '示例镇A综合执法大队' })
  await page.getByLabel('被检查对象').fill(shop)
  await page.getByRole('button', { name: '登记名录里没有的对象' }).click()
  await page.getByLabel('检查事项').selectOption('food')
  await page.getByRole('radio', { name: '快速12项' }).check()
  await page.getByText('我与被检查单位、执法人员没有利害关系。').click()
  await page.getByRole('button', { name: '开始记录' }).click()
  await page.getByRole('heading', { name: shop }).waitFor()
}

/** A page that is opened anew is locked where there is a PIN. */
export async function unlock(page, pin) {
  await page.getByRole('textbox', { name: '开锁密码' }).fill(pin)
  await page.getByRole('button', { name: '打开' }).click()
}

/** saved: the page says that the last change is stored. */
export const saved = (page) => page.getByText(/已存本机 \d/).first().waitFor()

/** An item found wrong, with a note and photos. */
export async function wrong(page, note, photos = []) {
  await page.locator('article').getByRole('radio', { name: '不符合', exact: true }).check()
  await page.getByLabel('看到了什么').fill(note)
  if (photos.length) {
    await page.locator('article input[data-source=album]').setInputFiles(photos)
    await page.locator('article .shots a').nth(photos.length - 1).waitFor({ timeout: 90_000 })
  } else {
    await page.getByRole('button', { name: '没法拍照，写原因' }).click()
    await page.getByLabel('为什么没有照片').fill('店内不让拍照')
  }
  await saved(page)
}

/** Everything that is still missing, the shortest way, then sealed. */
export async function seal(page, who = '测试员甲') {
  await page.getByLabel('姓名或执法证号').fill('示例')
  await page.getByRole('button', { name: /示例.*4107/ }).first().click()
  await saved(page)
  await page.getByRole('link', { name: /核对并封存/ }).first().click()
  const rest = page.getByRole('button', { name: /其余\d+项记为未观察到/ })
  await page.getByRole('heading', { name: '核对并封存' }).waitFor()
  if (await rest.count()) await rest.click()
  await page.getByRole('radio', { name: '基本规范', exact: true }).check()
  await page.getByRole('radio', { name: '拒绝签字' }).check()
  await sign(page, `监督人员${who}`)
  await page.getByRole('button', { name: '封存记录' }).click()
  await page.getByRole('heading', { name: '待发送', exact: true }).waitFor({ timeout: 30_000 })
}

/** sendNow taps 现在发送, unless the phone has begun by itself: then there is nothing to tap. */
export const sendNow = (page) => page.getByRole('button', { name: '现在发送' }).click({ timeout: 3000 }).catch(() => undefined)

export const received = (page, timeout = 90_000) => page.getByText('已收妥').first().waitFor({ timeout }).catch(async (e) => {
  throw new Error(`no receipt. The page says: ${await page.locator('main').innerText()}`, { cause: e })
})
/** atOffice: how many visits of this business the office sees, with their sheets. */
export async function atOffice(server, shop) {
  const office = await server.as('office')
  const found = await office.get(`/api/visits?q=${encodeURIComponent(shop)}`)
  const sheets = []
  for (const v of found.body.items) sheets.push(...(await office.get(`/api/visits/${v.id}/sheets`)).body.items)
  return { visits: found.body.items.length, sheets: sheets.length, complete: sheets.filter((s) => s.declared === s.held).length }
}
/** sideways: does the page scroll to the side? */
export const sideways = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

export const size = { viewport: { width: 360, height: 780 }, hasTouch: true, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' }
/** SUIXING_STORY=PIN runs the stories whose name has it. */
const only = process.env.SUIXING_STORY ? new RegExp(process.env.SUIXING_STORY) : null

/** stage plays stories one after the other on one server behind one gate; a script error in any page fails them. */
export function stage(title, stories) {
  test(title, { timeout: 1_200_000 }, async (t) => {
    const server = await Server.open()
    t.after(() => server.close())
    const gate = await Gate.open(server)
    t.after(() => gate.close())
    const browser = await browse()
    t.after(() => browser.close())
    const faults = []
    const phone = async (username = 'supervisor') => {
      const context = await browser.newContext(size)
      context.setDefaultTimeout(20_000)
      const page = await watched(context, faults)
      await ready(page, gate.base, username)
      return { context, page }
    }
    for (const [name, story] of stories()) {
      if (only && !only.test(name)) continue
      await t.test(name, { timeout: 400_000 }, async (s) => {
        gate.mode = 'open'
        gate.version = 1
        gate.say = () => null
        gate.release()
        await story(s, { server, gate, browser, faults, phone })
      })
    }
    assert.deepEqual(faults, [])
  })
}
