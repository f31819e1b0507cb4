// The browser storm: Chromium with the field app is killed (SIGKILL, profile kept) at random moments while a record is
// written, sealed and sent. What the page had called stored is there when it comes back; every record arrives once.
// Last line: browser-storm: kills=50 lost=0 doubled=0. KILLS, SEED as environment. Run by make browser-storm.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Server, chromium, jpeg, password, sign, sleep } from './lib.mjs'
import { chrome, flags, begin, wrong, saved, atOffice } from './phone-lib.mjs'

const size = { viewport: { width: 360, height: 780 }, hasTouch: true, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' }

/** mulberry32: the same seed kills at the same moments, as far as the machine allows. */
const dice = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}

/** The browser's own process: the one with our profile that is nobody's helper. */
function browserPid(profile) {
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    try {
      const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      if (args.includes(`--user-data-dir=${profile}`) && !args.includes('--type=')) return Number(pid)
    } catch {
      // It has just ended.
    }
  }
  return 0
}

class Story {
  done = [] // records that the page said were sealed
  current = null // { shop, stored, photos }: stored and photos are what the page has said it keeps
  lost = []
  seals = 0
  constructor(server, profile, random, pictures) {
    Object.assign(this, { server, profile, random, pictures, n: 0 })
  }

  async launch() {
    this.context = await chromium.launchPersistentContext(this.profile, { executablePath: chrome, args: flags, ...size })
    this.context.setDefaultTimeout(20_000)
    this.page = this.context.pages()[0] ?? (await this.context.newPage())
    this.pid = browserPid(this.profile)
    if (!this.pid) throw new Error('the browser has no process of its own')
  }

  /** leave: logged in, the app kept by its service worker, its own credential there. Tickets play no part here. */
  async leave() {
    const { page } = this
    await page.goto(this.server.base)
    await page.getByLabel('账号').fill('supervisor')
    await page.getByLabel('密码').fill(password)
    await page.getByRole('button', { name: '登录' }).click()
    await page.getByRole('heading', { name: '出发前检查' }).waitFor()
    await page.waitForFunction(() => navigator.serviceWorker.controller, null, { timeout: 60_000 })
    await page.locator('summary').filter({ hasText: '出发前检查' }).click()
    await page.getByText('登录过期也能送出').waitFor({ timeout: 60_000 })
  }

  async kill() {
    if (!this.pid) return
    const gone = new Promise((ok) => this.context.once('close', ok))
    process.kill(this.pid, 'SIGKILL')
    this.pid = 0
    await Promise.race([gone, sleep(5000)])
    await this.context.close().catch(() => undefined)
  }

  /** where: what became of the record that was being written: draft, sealed, or none. */
  async where() {
    const { page, server } = this
    const { shop } = this.current
    await page.goto(server.base)
    await page.getByText('出发前检查').first().waitFor()
    const draft = page.locator('a.visit').filter({ hasText: shop })
    for (let i = 0; i < 20; i++) {
      if (await draft.count()) return { is: 'draft', at: server.base + (await draft.first().getAttribute('href')) }
      if (i === 4 && (await this.inOutbox(shop))) return { is: 'sealed' }
      if (i === 4) await page.goto(server.base)
      await sleep(150)
    }
    return (await this.inOutbox(shop)) ? { is: 'sealed' } : { is: 'none' }
  }

  async inOutbox(shop) {
    const { page } = this
    await page.goto(`${this.server.base}/outbox`)
    await page.getByRole('heading', { name: '待发送', exact: true }).waitFor()
    await page.getByText(/还在本机|没有留在本机/).first().waitFor()
    const more = page.getByRole('button', { name: /另有\d+份已收妥/ })
    for (let i = 0; i < 8; i++) {
      if (await more.count()) await more.click()
      if (await page.getByText(shop).count()) return true
      await sleep(150)
    }
    return false
  }

  /** step brings the record further by one thing that the page confirms. */
  async step() {
    const { page } = this
    if (!this.current) {
      this.current = { shop: `风暴店${String(++this.n).padStart(3, '0')}号`, stored: false, photos: 0 }
      await begin(page, this.server.base, this.current.shop)
      await saved(page).catch(() => undefined)
      this.current.stored = true
    }
    const c = this.current
    if (!c.photos) {
      this.armed('photo')
      await wrong(page, '现场看到的与要求不一致，已经拍照。', this.pictures(this.n))
      c.photos = await page.locator('article .shots a').count()
    }
    this.armed('seal')
    await this.seal()
    this.done.push(c.shop)
    this.current = null
    this.seals++
    await sleep(this.random() * 1500) // sending begins
  }

  /** seal: what is still missing after however many lives, then the record is sealed. */
  async seal() {
    const { page } = this
    const field = page.getByLabel('姓名或执法证号')
    await field.or(page.getByRole('button', { name: '再加一名执法人员' })).first().waitFor()
    if (await field.count()) {
      await field.fill('示例')
      await page.getByRole('button', { name: /示例.*4107/ }).first().click()
      await saved(page)
    }
    await page.getByRole('link', { name: /核对并封存/ }).first().click()
    await page.getByRole('heading', { name: '核对并封存' }).waitFor()
    const rest = page.getByRole('button', { name: /其余\d+项记为未观察到/ })
    if (await rest.count()) await rest.click()
    await page.getByRole('radio', { name: '基本规范', exact: true }).check()
    await page.getByRole('radio', { name: '拒绝签字' }).check()
    if (await page.getByRole('button', { name: /点这里，用手指签名/ }).count()) await sign(page, '监督人员测试员甲')
    await page.getByRole('button', { name: '封存记录' }).click()
    await page.getByRole('heading', { name: '待发送', exact: true }).waitFor({ timeout: 30_000 })
  }

  /** resume: the page comes back; what it had called stored must be there. */
  async resume() {
    if (!this.current) return void (await this.page.goto(`${this.server.base}/outbox`))
    const c = this.current
    const found = await this.where()
    if (found.is === 'none') {
      if (c.stored) this.lost.push(`${c.shop}: stored before the kill, gone after it`)
      this.current = null
    } else if (found.is === 'sealed') {
      this.done.push(c.shop)
      this.current = null
    } else {
      c.stored = true
      await this.reopen(c, found.at)
    }
  }

  async reopen(c, at) {
    await this.page.goto(at)
    await this.page.getByRole('heading', { name: c.shop }).first().waitFor()
    const first = this.page.locator('li button.item').first()
    if (c.photos === 0 || !(await this.page.locator('article').count())) await first.click({ timeout: 3000 }).catch(() => undefined)
    if (!c.photos) return
    await this.page.goto(at.replace(/#.*/, '') + '/seal') // counts every photo of the record, whichever item is open
    const tally = await this.page.getByText(/· 照片\d+张 ·/).first().innerText()
    const now = Number(/照片(\d+)张/.exec(tally)[1])
    if (now < c.photos) this.lost.push(`${c.shop}: ${c.photos} photos stored before the kill, ${now} after it`)
    await this.page.goto(at)
    await this.page.getByRole('heading', { name: c.shop }).first().waitFor()
  }

  /** armed: this is the moment the dice have chosen; the kill comes within the next second. */
  armed(moment) {
    if (this.moment !== moment) return
    this.moment = ''
    this.timer = setTimeout(() => void this.strike(), this.random() * (moment === 'seal' ? 2500 : 900))
  }

  strike() {
    this.struck ??= this.kill()
    return this.struck
  }

  /** One life of the browser: it works until it is killed. */
  async life() {
    this.struck = null
    this.moment = ['', 'photo', 'seal', 'seal'][Math.floor(this.random() * 4)]
    await this.launch()
    const longest = this.moment ? 30_000 : 800 + this.random() * 9000
    const end = setTimeout(() => void this.strike(), longest)
    try {
      await this.resume()
      while (!this.struck) await this.step()
    } catch (e) {
      if (!this.struck) throw e
    } finally {
      clearTimeout(end)
      clearTimeout(this.timer)
    }
    await this.struck
  }

  /** calm: nobody kills any more; what was begun is finished, and all of it is sent. */
  async calm() {
    await this.launch()
    await this.resume()
    if (this.current) await this.step()
    const { page } = this
    await page.goto(`${this.server.base}/outbox`)
    for (let i = 0; i < 60; i++) {
      await page.getByRole('heading', { name: '待发送', exact: true }).waitFor()
      if (await page.getByText('没有留在本机的记录').count()) break
      const send = page.getByRole('button', { name: '现在发送' })
      if ((await send.count()) && (await send.isEnabled())) await send.click()
      await sleep(1000)
    }
    await this.context.close()
  }
}

export async function storm({ kills, seed, say = console.log }) {
  const random = dice(seed)
  const server = await Server.open()
  const profile = mkdtempSync(join(tmpdir(), 'suixing-profile-'))
  let story
  try {
    story = new Story(server, profile, random)
    await story.launch()
    const shots = []
    for (let i = 0; i < 8; i++) shots.push(await jpeg(story.page, i + 1, 800, 600))
    let k = 0
    // A comment behind the start marker makes the bytes of each record's pictures its own.
    const own = (b) => Buffer.concat([b.subarray(0, 2), Buffer.from([0xff, 0xfe, 0, 6]), Buffer.from(new Uint32Array([++k]).buffer), b.subarray(2)])
    story.pictures = () => [0, 1].map((i) => ({ name: `p${i}.jpg`, mimeType: 'image/jpeg', buffer: own(shots[(k + i) % shots.length]) }))
    await story.leave()
    await story.context.close()
    for (let i = 1; i <= kills; i++) {
      await story.life()
      if (i % 10 === 0) say(`# ${i} kills, ${story.done.length} records sealed`)
    }
    await story.calm()
    const doubled = []
    for (const shop of story.done) {
      const got = await atOffice(server, shop)
      if (got.visits === 0 || got.complete < 1) story.lost.push(`${shop}: sealed, and the office sees ${JSON.stringify(got)}`)
      if (got.visits > 1 || got.sheets > 1) doubled.push(`${shop}: ${JSON.stringify(got)}`)
    }
    for (const words of [...story.lost.map((w) => `lost: ${w}`), ...doubled.map((w) => `doubled: ${w}`)]) say(`# ${words}`)
    say(`# ${story.done.length} records sealed and asked for at the office, seed ${seed}`)
    return { kills, sealed: story.done.length, lost: story.lost.length, doubled: doubled.length }
  } finally {
    await story?.kill().catch(() => undefined)
    await server.close()
    rmSync(profile, { recursive: true, force: true })
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const r = await storm({ kills: Number(process.env.KILLS || 50), seed: Number(process.env.SEED || Date.now() % 1_000_000) })
  console.log(`browser-storm: kills=${r.kills} lost=${r.lost} doubled=${r.doubled}`)
  process.exit(r.lost + r.doubled > 0 || r.sealed === 0 ? 1 : 0)
}
