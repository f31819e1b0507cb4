// What every browser story needs: a real server on a free port with demo people, and a real Chromium.
import { execFileSync, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { mkdtempSync, mkdirSync, rmSync, writeFileSync, existsSync, chmodSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const require = createRequire(join(root, 'pwa', 'package.json'))
export const { chromium } = require('playwright-core')
export const axeSource = require('axe-core').source
export const password = 'suixing-demo'
export { sleep, root }

const bin = process.env.SUIXING_BIN || join(root, 'bin', 'suixing')
const chrome = process.env.SUIXING_CHROMIUM || ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']

export const browse = () => chromium.launch({ executablePath: chrome, args: flags })

async function freePort() {
  const s = createServer()
  await new Promise((ok) => s.listen(0, '127.0.0.1', ok))
  const { port } = s.address()
  await new Promise((ok) => s.close(ok))
  return port
}

/**
 * A server with its own data folder. stop() ends it politely, kill() at once; start() brings it back on the same port.
 * SUIXING_E2E_FILLED: a data folder with the demo's people that every server begins with a copy of, instead of filling its own.
 */
export class Server {
  static async open() {
    const s = new Server()
    s.dir = mkdtempSync(join(tmpdir(), 'suixing-e2e-'))
    chmodSync(s.dir, 0o755)
    s.port = await freePort()
    s.base = `http://127.0.0.1:${s.port}`
    const filled = process.env.SUIXING_E2E_FILLED
    if (filled) execFileSync('cp', ['-a', filled, join(s.dir, 'var')]) // owners too: the database insists on its own
    await s.start(!filled)
    return s
  }

  async start(waitForDemo = true) {
    this.log = ''
    this.child = spawn(bin, ['serve'], { env: { ...process.env, SUIXING_ADDR: `127.0.0.1:${this.port}`, SUIXING_DATA: join(this.dir, 'var'), SUIXING_DEMO: '1', SUIXING_PUBLIC_URL: this.base }, stdio: ['ignore', 'pipe', 'pipe'] })
    this.ended = new Promise((ok) => this.child.once('exit', ok))
    let gone = false
    void this.ended.then(() => (gone = true))
    this.child.stderr.on('data', (d) => (this.log = (this.log + d).slice(-40_000)))
    this.child.stdout.resume()
    const until = Date.now() + 240_000
    while (Date.now() < until && !gone) {
      const r = await fetch(`${this.base}/readyz`).catch(() => null)
      if (r?.ok && (!waitForDemo || this.filled || /demo data is complete|demo data"/.test(this.log))) {
        this.filled = true
        return
      }
      await sleep(100)
    }
    throw new Error(`the server did not become ready:\n${this.log.split('\n').filter((l) => !l.includes('"msg":"request"')).slice(-20).join('\n')}`)
  }

  async kill() {
    this.child.kill('SIGKILL')
    await this.ended
  }

  async stop() {
    this.child.kill('SIGTERM')
    await this.ended
  }

  async close() {
    await this.stop()
    rmSync(this.dir, { recursive: true, force: true })
  }

  /** A person's API, as a program would use it. */
  async as(username) {
    const headers = { 'content-type': 'application/json', origin: this.base }
    const r = await fetch(`${this.base}/api/session`, { method: 'POST', headers, body: JSON.stringify({ username, password }) })
    if (!r.ok) throw new Error(`login of ${username}: ${r.status} ${await r.text()}`)
    const cookie = r.headers.getSetCookie().map((c) => c.split(';')[0]).join('; ')
    const call = async (method, path, body) => {
      const a = await fetch(this.base + path, { method, headers: { ...headers, cookie }, body: body === undefined ? undefined : JSON.stringify(body) })
      const text = await a.text()
      return { status: a.status, body: text.startsWith('{') ? JSON.parse(text) : text }
    }
    return { get: (p) => call('GET', p), post: (p, b) => call('POST', p, b), put: (p, b) => call('PUT', p, b) }
  }
}

/** A page that fails the story on any script error or refused resource of ours. */
export async function watched(context, faults) {
  const page = await context.newPage()
  page.on('pageerror', (e) => faults.push(`${page.url()}: ${e}`))
  page.on('console', (m) => {
    if (m.type() === 'error' && !/Failed to load resource|net::ERR/.test(m.text())) faults.push(`${page.url()}: ${m.text()}`)
  })
  return page
}

export async function login(page, base, username, path = '/desk') {
  const r = await page.request.post(`${base}/api/session`, { data: { username, password }, headers: { origin: base } })
  if (!r.ok()) throw new Error(`login of ${username}: ${await r.text()}`)
  await page.goto(base + path)
}

/** axe gives the violations of a page, each as a line. */
export async function axe(page) {
  await page.evaluate(axeSource)
  const r = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }))
  return r.violations.map((v) => `${v.id} (${v.impact}): ${v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(' | ')}`)
}

/** shot keeps a screenshot where SUIXING_SHOTS points; stories run without it too. */
export async function shot(page, name, options = {}) {
  const dir = process.env.SUIXING_SHOTS
  if (!dir) return
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, `${name}.png`), await page.screenshot(options))
}

/** A JPEG of its own, drawn in the browser: n makes the bytes differ. */
export async function jpeg(page, n, width = 1600, height = 1200) {
  const b64 = await page.evaluate(async ([n, w, h]) => {
    const c = new OffscreenCanvas(w, h)
    const g = c.getContext('2d')
    g.fillStyle = `hsl(${n * 47} 25% 70%)`
    g.fillRect(0, 0, w, h)
    g.fillStyle = '#454c57'
    g.fillRect(100 + n * 60, 300, 700, 600)
    g.fillStyle = '#fff'
    g.font = '120px sans-serif'
    g.fillText(`照片${n}`, 180 + n * 60, 600)
    const buf = new Uint8Array(await (await c.convertToBlob({ type: 'image/jpeg', quality: 0.8 })).arrayBuffer())
    let s = ''
    for (const x of buf) s += String.fromCharCode(x)
    return btoa(s)
  }, [n, width, height])
  return Buffer.from(b64, 'base64')
}

/** sign draws a stroke into an open signature pad. */
export async function sign(page, who) {
  await page.getByRole('button', { name: new RegExp(`点这里，用手指签名.*${who}`) }).click()
  const pad = page.getByRole('img', { name: new RegExp(`${who}.*的签名框`) })
  const box = await pad.boundingBox()
  await page.mouse.move(box.x + 30, box.y + 40)
  await page.mouse.down()
  // nobody signs like another: the same bytes would be one photo
  for (let i = 1; i <= 12; i++) await page.mouse.move(box.x + 30 + i * (12 + (who.length % 5)), box.y + 40 + (i % 2 ? 20 + who.length : -10))
  await page.mouse.up()
  await page.getByRole('button', { name: new RegExp(`签好了.*${who}`) }).click()
}
