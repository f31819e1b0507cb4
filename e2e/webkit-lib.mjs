// A real WebKit through its own W3C WebDriver: WebKitWebDriver and the MiniBrowser that come with Debian's
// webkit2gtk-driver, on a screen of Xvfb. Nothing from npm.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const driver = ['/usr/bin/WebKitWebDriver', '/usr/local/bin/WebKitWebDriver'].find(existsSync)
const xvfb = ['/usr/bin/Xvfb'].find(existsSync)
const browser = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/libexec', '/usr/lib'].flatMap((d) => ['4.1', '4.0', '6.0'].map((v) => join(d, `webkit${v === '6.0' ? 'gtk' : '2gtk'}-${v}`, 'MiniBrowser'))).find(existsSync)

/** missing: why there is no WebKit here; '' when there is one. */
export const missing = !driver || !browser ? 'no WebKitWebDriver with its MiniBrowser: apt-get install webkit2gtk-driver' : !xvfb && !process.env.DISPLAY ? 'no screen for WebKit: apt-get install xvfb' : ''

const key = 'element-6066-11e4-a52e-4f735466cecf'

async function freePort() {
  const s = createServer()
  await new Promise((ok) => s.listen(0, '127.0.0.1', ok))
  const { port } = s.address()
  await new Promise((ok) => s.close(ok))
  return port
}

export class WebKit {
  static async open() {
    const w = new WebKit()
    w.home = mkdtempSync(join(tmpdir(), 'suixing-webkit-'))
    let display = process.env.DISPLAY
    if (xvfb) {
      display = `:${100 + (process.pid % 400)}`
      w.screen = spawn(xvfb, [display, '-screen', '0', '700x1000x24', '-nolisten', 'tcp'], { stdio: 'ignore' })
      for (let i = 0; i < 100 && !existsSync(`/tmp/.X11-unix/X${display.slice(1)}`); i++) await sleep(100)
    }
    const port = await freePort()
    // The sandbox wants user namespaces that a test machine may not give; only our own pages are opened here.
    const env = { ...process.env, DISPLAY: display, HOME: w.home, XDG_RUNTIME_DIR: w.home, LIBGL_ALWAYS_SOFTWARE: '1', WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' }
    w.child = spawn(driver, [`--port=${port}`, '--host=127.0.0.1'], { env, stdio: 'ignore' })
    w.at = `http://127.0.0.1:${port}`
    for (let i = 0; i < 100; i++) {
      if (await fetch(`${w.at}/status`).then((r) => r.ok, () => false)) break
      await sleep(100)
    }
    const capabilities = { alwaysMatch: { browserName: 'MiniBrowser', 'webkitgtk:browserOptions': { binary: browser, args: ['--automation'] } } }
    const s = await w.call('POST', '/session', { capabilities })
    w.version = s.capabilities.browserVersion
    w.at += `/session/${s.sessionId}`
    await w.call('POST', '/timeouts', { script: 60_000, pageLoad: 120_000, implicit: 0 })
    await w.call('POST', '/window/rect', { width: 400, height: 860 }).catch(() => undefined)
    return w
  }
  async close() {
    await this.call('DELETE', '').catch(() => undefined)
    this.child?.kill('SIGTERM')
    this.screen?.kill('SIGTERM')
    await sleep(500)
    rmSync(this.home, { recursive: true, force: true, maxRetries: 5 })
  }
  async call(method, path, body) {
    const r = await fetch(this.at + path, { method, headers: { 'content-type': 'application/json' }, body: method === 'POST' ? JSON.stringify(body ?? {}) : undefined })
    const { value } = await r.json()
    if (!r.ok) throw Object.assign(new Error(`${method} ${path}: ${value.error} ${value.message}`), { code: value.error })
    return value
  }
  go = (url) => this.call('POST', '/url', { url })
  reload = () => this.call('POST', '/refresh')
  run = (script, ...args) => this.call('POST', '/execute/sync', { script, args })
  runAsync = (script, ...args) => this.call('POST', '/execute/async', { script, args })
  /** until: the expression is true in the page; else the page's text stands in the fault. */
  async until(what, script, ms = 30_000) {
    for (const end = Date.now() + ms; Date.now() < end; await sleep(200)) if (await this.run(`return (${script})`).catch(() => false)) return
    throw new Error(`${what}: not in time. The page says: ${(await this.run('return document.body.innerText').catch((e) => `(${e.message})`)).slice(0, 600)}`)
  }
  says = (text, ms) => this.until(text, `document.body && document.body.innerText.includes(${JSON.stringify(text)})`, ms)
  /** one visible element of this selector whose text or name begins with `text`. */
  async element(selector, text = '', ms = 20_000) {
    const script = `const [s, t] = arguments; const name = (e) => (e.getAttribute('aria-label') || (e.labels && e.labels[0] && e.labels[0].innerText) || e.innerText || e.textContent || '').trim();
      const hit = [...document.querySelectorAll(s)].find((e) => (e.getClientRects().length || e.hidden || e.type === 'file') && name(e).startsWith(t)); if (hit && !hit.hidden) hit.scrollIntoView({ block: 'center' }); return hit || null`
    for (const end = Date.now() + ms; Date.now() < end; await sleep(200)) {
      const e = await this.run(script, selector, text).catch(() => null)
      if (e) return e[key]
    }
    throw new Error(`no ${selector} “${text}”. The page says: ${(await this.run('return document.body.innerText')).slice(0, 600)}`)
  }
  /** press: through the page's own click, because a sticky bar may lie above the middle of an element. */
  press = async (selector, text, ms) => this.run('arguments[0].click()', { [key]: await this.element(selector, text, ms) })
  async type(selector, label, text) {
    const e = await this.element(selector, label)
    await this.call('POST', `/element/${e}/clear`)
    await this.call('POST', `/element/${e}/value`, { text })
  }
  choose = async (selector, label, option) => this.run('const [e, o] = arguments; e.value = [...e.options].find((x) => x.textContent === o || x.value === o).value; e.dispatchEvent(new Event("change", { bubbles: true }))', { [key]: await this.element(selector, label) }, option)
  upload = async (selector, path) => this.call('POST', `/element/${(await this.call('POST', '/element', { using: 'css selector', value: selector }))[key]}/value`, { text: path })
  /** draw: strokes into a canvas with real pointer events of the browser. */
  async draw(selector) {
    const e = { [key]: await this.element(selector) }
    const move = (x, y) => ({ type: 'pointerMove', duration: 20, origin: e, x, y })
    const actions = [move(-80, -10), { type: 'pointerDown', button: 0 }, ...[-60, -40, -20, 0, 20, 40, 60].map((x, i) => move(x, i % 2 ? 25 : -20)), { type: 'pointerUp', button: 0 }]
    await this.call('POST', '/actions', { actions: [{ type: 'pointer', id: 'finger', parameters: { pointerType: 'mouse' }, actions }] })
  }
  shot = async () => Buffer.from(await this.call('GET', '/screenshot'), 'base64')
}
