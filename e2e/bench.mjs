// Times in a real browser under a slow network and a processor slowed four times; prints JSON for cmd/bench.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { browse, jpeg, sleep } from './lib.mjs'

const base = process.env.BASE
const ticket = process.env.TICKET
const out = []
const median = (xs) => [...xs].sort((a, b) => a - b)[Math.floor(xs.length / 2)]
const fast3g = { offline: false, latency: 562.5, downloadThroughput: (1.6 * 1024 * 1024 * 0.9) / 8, uploadThroughput: (750 * 1024 * 0.9) / 8 }

const browser = await browse()
try {
  out.push(await form())
  out.push(...(await field()))
} finally {
  await browser.close()
}
console.log(JSON.stringify(out))

// The public form, cold: from the address to a button that can be pressed.
async function form() {
  const times = []
  for (let i = 0; i < 5; i++) {
    const context = await browser.newContext({ viewport: { width: 360, height: 780 } })
    const page = await context.newPage()
    const cdp = await context.newCDPSession(page)
    await cdp.send('Network.enable')
    await cdp.send('Network.emulateNetworkConditions', fast3g)
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: 4 })
    await page.goto(ticket, { waitUntil: 'domcontentloaded' })
    times.push(await page.evaluate(() => performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd))
    await context.close()
  }
  return { name: 'form.usable', value: median(times), limit: 1500, note: 'Fast 3G, CPU 4x slower, cold' }
}

// The field app: opened again without a network, and a 12 megapixel photo taken in.
async function field() {
  const context = await browser.newContext({ viewport: { width: 360, height: 780 }, locale: 'zh-CN' })
  const page = await context.newPage()
  await page.goto(base)
  await page.getByLabel('账号').fill('supervisor')
  await page.getByLabel('密码').fill('suixing-demo')
  await page.getByRole('button', { name: '登录' }).click()
  await page.getByRole('heading', { name: '出发前检查' }).waitFor()
  await page.waitForFunction(() => navigator.serviceWorker.controller)
  await page.locator('summary').filter({ hasText: '出发前检查' }).click()
  await page.getByText('已存好').waitFor()

  const times = []
  for (let i = 0; i < 5; i++) {
    const p = await context.newPage()
    // The page itself notes when the last heading of its first screen is painted: asking from outside looks only every half second.
    await p.addInitScript(() => {
      new MutationObserver((_, seen) => {
        if (![...document.querySelectorAll('h2')].some((h) => h.textContent === '出发前检查')) return
        seen.disconnect()
        requestAnimationFrame(() => setTimeout(() => (window.opened = performance.now())))
      }).observe(document, { childList: true, subtree: true })
    })
    const cdp = await context.newCDPSession(p)
    await cdp.send('Network.enable')
    await cdp.send('Network.emulateNetworkConditions', { offline: true, latency: 0, downloadThroughput: -1, uploadThroughput: -1 })
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: 4 })
    await context.setOffline(true)
    await p.goto(base, { waitUntil: 'commit' })
    await p.waitForFunction(() => window.opened)
    times.push(await p.evaluate(() => window.opened))
    await context.setOffline(false)
    await p.close()
  }

  await page.goto(`${base}/start`)
  await page.getByLabel('执法单位').selectOption({ index: 1 })
  await page.getByLabel('被检查对象').fill('示例')
  await page.locator('button.pick').first().click()
  await page.getByLabel('检查事项').selectOption('food')
  await page.getByRole('radio', { name: '快速12项' }).check()
  await page.getByRole('checkbox', { name: /没有利害关系/ }).check()
  await page.getByRole('button', { name: '开始记录' }).click()
  await page.locator('article').getByRole('radio', { name: '不符合' }).check()
  // Each another picture: the same one again is the same photo and is not kept twice. They lie in files, as a picker gives
  // them: bytes handed over by this script would be decoded in the page, and that is what would be measured.
  const album = mkdtempSync(join(tmpdir(), 'suixing-album-'))
  const photos = []
  for (let i = 0; i < 3; i++) {
    photos.push(join(album, `${i}.jpg`))
    writeFileSync(photos[i], await jpeg(page, i + 1, 4000, 3000))
  }
  const cdp = await context.newCDPSession(page)
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: 4 })
  // Blocked is what the Long Tasks specification calls so: the longest task of the page's main thread, by the browser's own
  // trace. Beside it, how long the thread left a 5 ms timer unanswered, which counts several short tasks as one.
  const blocked = []
  const silent = []
  for (let i = 0; i < 3; i++) {
    await page.evaluate(() => {
      window.gap = 0
      let last = performance.now()
      window.tick = setInterval(() => {
        const now = performance.now()
        window.gap = Math.max(window.gap, now - last - 5)
        last = now
      }, 5)
    })
    await sleep(300)
    await page.evaluate(() => (window.gap = 0))
    await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'] })
    await page.locator('article input[data-source=album]').setInputFiles(photos[i])
    await page.locator('article .shots a').nth(i).waitFor({ timeout: 60_000 })
    silent.push(await page.evaluate(() => (clearInterval(window.tick), window.gap)))
    blocked.push(longestTask(JSON.parse(String(await browser.stopTracing())).traceEvents))
  }
  await context.close()
  rmSync(album, { recursive: true, force: true })
  return [
    { name: 'field.offline', value: median(times), limit: 1000, note: 'opened with no network, CPU 4x slower' },
    { name: 'photo.blocked', value: median(blocked), limit: 50, note: `longest task of the main thread while a 12 MP photo is shrunk, CPU 4x slower; a timer waited ${median(silent).toFixed(0)} ms` },
  ]
}

/**
 * longestTask of a page's main thread in a trace, in ms; a trace without any measures nothing. What this script itself has the
 * page do comes as a message of the developer tools, which no phone gets: of such a task only the event counts that the page
 * was given in it.
 */
function longestTask(events) {
  const main = new Set(events.filter((e) => e.ph === 'M' && e.name === 'thread_name' && e.args.name === 'CrRendererMain').map((e) => `${e.pid}:${e.tid}`))
  const whole = events.filter((e) => e.ph === 'X' && main.has(`${e.pid}:${e.tid}`))
  const tasks = whole.filter((e) => e.name.endsWith('RunTask'))
  if (tasks.length < 10) throw new Error(`the trace holds ${tasks.length} tasks of the main thread`)
  const within = (t) => (e) => e.tid === t.tid && e.pid === t.pid && e.ts >= t.ts && e.ts + e.dur <= t.ts + t.dur
  const ours = whole.filter((e) => e.args?.chrome_mojo_event_info?.mojo_interface_tag === 'blink.mojom.DevToolsSession')
  const given = whole.filter((e) => e.name === 'EventDispatch')
  return Math.max(...tasks.map((t) => (ours.some(within(t)) ? Math.max(0, ...given.filter(within(t)).map((e) => e.dur)) : t.dur) / 1000))
}
