// The phone when something changes under the hand: an answer that was a slip, letters that are too small, a camera that
// was held upright, a newer version in the middle of an upload.
import assert from 'node:assert/strict'
import { watched, axe, shot, jpeg, sleep } from './lib.mjs'
import { size, sideways, stage, ready, begin, wrong, saved, seal, received, atOffice, sendNow } from './phone-lib.mjs'

stage('the phone when something changes', () => stories)

const stories = [
  ['撤回: a slip is taken back, note and photo with it, and a reload finds it so', undone],
  ['大字版: one switch makes everything larger, and it stays so until it is switched back', elder],
  ['a photo is upright whichever way the camera was held, also one of 24 megapixels', upright],
  ['a newer version in the middle of an upload waits, and nothing goes twice', midUpload],
]

const result = (page, name) => page.locator('article').getByRole('radio', { name, exact: true })
const undo = (page) => page.getByRole('button', { name: '撤回', exact: true })

async function undone(t, { phone, gate }) {
  const { context, page } = await phone()
  t.after(() => context.close())
  await begin(page, gate.base, '撤回测试示例店')
  const again = async () => {
    await saved(page)
    await page.reload()
    await page.getByText('已答1项，共12项').waitFor()
  }
  await result(page, '符合').check()
  await result(page, '未观察到').check()
  await page.getByText(/从“符合”改成“未观察到”。/).waitFor()
  assert.deepEqual(await axe(page), [])
  await shot(page, 'phone-undo-360')
  await undo(page).click()
  assert.ok(await result(page, '符合').isChecked(), 'the slip is taken back on the page')
  assert.equal(await undo(page).count(), 0, 'and only once')
  await again()
  assert.ok(await result(page, '符合').isChecked(), 'and in the phone')

  await result(page, '不适用').check()
  await page.getByText(/从“符合”改成“不适用”。/).waitFor()
  await again()
  assert.ok(await result(page, '不适用').isChecked(), 'what was meant stays')

  const note = '后厨的地面有积水，没有清理。'
  await wrong(page, note, [{ name: 'a.jpg', mimeType: 'image/jpeg', buffer: await jpeg(page, 61) }])
  await page.getByRole('button', { name: /清掉这一项的作答/ }).click()
  await page.getByText('已答0项，共12项').waitFor()
  await undo(page).click()
  await again()
  assert.equal(await page.getByLabel('看到了什么').inputValue(), note)
  assert.equal(await page.locator('article .shots a').count(), 1, 'the photo is back with its note')
}

async function elder(t, { phone, gate }) {
  const { context, page } = await phone()
  t.after(() => context.close())
  const shop = '大字版示例店'
  await begin(page, gate.base, shop)
  await wrong(page, '字要大，一只手也点得着。')
  const sheet = new URL(page.url()).pathname
  const measure = () => page.evaluate(() => {
    const high = (s) => document.querySelector(s)?.getBoundingClientRect().height ?? 0
    return { text: parseFloat(getComputedStyle(document.body).fontSize), tab: high('.tabs a'), check: high('label.check') }
  })
  await page.goto(`${gate.base}/me`)
  const box = page.getByRole('checkbox', { name: /大字版/ })
  await box.waitFor()
  const young = await measure()
  assert.ok(!(await box.isChecked()) && young.text >= 16 && young.text < 18, `before: ${JSON.stringify(young)}`)
  await box.check()
  const large = await measure()
  assert.ok(large.text >= 18 && large.tab >= 60 && large.check >= 60, `after: ${JSON.stringify(large)}`)
  assert.equal(await sideways(page), 0)
  await shot(page, 'phone-elder-switch-360')
  await page.reload()
  await box.waitFor()
  assert.ok(await box.isChecked())
  assert.deepEqual(await measure(), large, 'it outlives a reload')
  for (const path of ['/', '/outbox', '/start', sheet, `${sheet}/seal`]) {
    await page.goto(gate.base + path)
    await page.locator('h1').first().waitFor()
    await page.locator('.skel').first().waitFor({ state: 'detached' }).catch(() => undefined)
    assert.equal((await measure()).text, large.text, path)
    assert.deepEqual(await axe(page), [], path)
    assert.equal(await sideways(page), 0, `${path} scrolls sideways`)
  }
  await page.goto(`${gate.base}/me`)
  await box.uncheck()
  await page.reload()
  await box.waitFor()
  assert.deepEqual([await box.isChecked(), await measure()], [false, young], 'and can be had back')
}

// What the eye sees, by quarters: red and green above, blue and yellow below.
const seen = ['red', 'green', 'blue', 'yellow']
/** stored: the quarters as they lie in the file, above left first, for a picture that the camera says is to be turned. */
const stored = { 1: seen, 3: ['yellow', 'blue', 'green', 'red'], 6: ['green', 'yellow', 'red', 'blue'], 8: ['blue', 'red', 'yellow', 'green'] }

/** turned: a JPEG whose EXIF says how the camera was held; width and height as the eye sees them. */
async function turned(page, orientation, width, height) {
  const [w, h] = orientation > 4 ? [height, width] : [width, height]
  const b64 = await page.evaluate(async ([w, h, quarters]) => {
    const c = new OffscreenCanvas(w, h)
    const g = c.getContext('2d')
    quarters.forEach((q, i) => {
      g.fillStyle = q
      g.fillRect((i % 2) * w / 2, (i >> 1) * h / 2, w / 2, h / 2)
    })
    const bytes = new Uint8Array(await (await c.convertToBlob({ type: 'image/jpeg', quality: 0.9 })).arrayBuffer())
    let s = ''
    for (const x of bytes) s += String.fromCharCode(x)
    return btoa(s)
  }, [w, h, stored[orientation]])
  const plain = Buffer.from(b64, 'base64')
  const exif = Buffer.from([0xff, 0xe1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x4d, 0x4d, 0, 0x2a, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0])
  return { name: `${orientation}-${width}.jpg`, mimeType: 'image/jpeg', buffer: Buffer.concat([plain.subarray(0, 2), exif, plain.subarray(2)]) }
}

/** look: the size of a picture and the colours of its quarters, as a browser draws it. */
const look = (page, src) => page.evaluate(async (src) => {
  const img = new Image()
  img.src = src
  await img.decode()
  const c = document.createElement('canvas')
  c.width = c.height = 8
  const g = c.getContext('2d')
  g.drawImage(img, 0, 0, 8, 8)
  const name = (x, y) => {
    const [r, gr, b] = g.getImageData(x, y, 1, 1).data
    return r > 180 && gr > 180 && b < 90 ? 'yellow' : r > 180 && gr < 90 ? 'red' : b > 180 && r < 90 ? 'blue' : gr > 90 && r < 90 && b < 90 ? 'green' : `${r},${gr},${b}`
  }
  return { wide: img.naturalWidth, high: img.naturalHeight, quarters: [name(1, 1), name(6, 1), name(1, 6), name(6, 6)] }
}, src)

async function upright(t, { browser, gate, faults, phone, server }) {
  const { context, page } = await phone()
  t.after(() => context.close())
  // The files are made here: the second phone has no canvas in a worker, as Safari before 16.4.
  const files = [await turned(page, 1, 900, 1200), await turned(page, 3, 900, 1200), await turned(page, 6, 4000, 6000), await turned(page, 8, 900, 1200)]
  const odd = await look(page, `data:image/jpeg;base64,${Buffer.from(files[2].buffer).toString('base64')}`)
  assert.deepEqual([odd.wide, odd.high, odd.quarters], [4000, 6000, seen], 'the browser reads what the camera said: the file is what it should be')
  const old = await browser.newContext(size)
  t.after(() => old.close())
  old.setDefaultTimeout(20_000)
  await old.addInitScript(() => delete window.OffscreenCanvas)
  const elderly = await watched(old, faults)
  await ready(elderly, gate.base, 'supervisor2')
  for (const [who, where, name, shop] of [['worker', page, '测试员甲', '横竖都正示例店'], ['page', elderly, '测试员乙', '老手机示例店']]) {
    await begin(where, gate.base, shop)
    await wrong(where, '照片横着拍、竖着拍、倒着拍都有。', files)
    const shown = await where.locator('article .shots img').evaluateAll((all) => Promise.all(all.map((i) => i.src)))
    assert.equal(shown.length, files.length)
    for (const [i, src] of shown.entries()) {
      const got = await look(where, src)
      assert.deepEqual([got.quarters, got.high > got.wide], [seen, true], `${who}: ${files[i].name} as the phone shows it`)
    }
    await where.locator('article .shots').scrollIntoViewIfNeeded()
    if (who === 'worker') await shot(where, 'phone-upright-360')
    await seal(where, name)
    await received(where)
    const office = await server.as('county')
    const visit = (await office.get(`/api/visits?q=${encodeURIComponent(shop)}`)).body.items[0]
    const sheet = (await office.get(`/api/visits/${visit.id}/sheets`)).body.items[0]
    const { body } = (await office.get(`/api/sheets/${sheet.id}`)).body
    for (const [i, sha] of body.answers.find((a) => a.photos.length).photos.entries())
      for (const way of ['original', 'view']) {
        const r = await where.request.get(`${gate.base}/api/photos/${sha}?size=${way}`)
        const bytes = await r.body()
        const got = await look(where, `data:image/jpeg;base64,${bytes.toString('base64')}`)
        assert.deepEqual([r.status(), got.quarters, got.high > got.wide, bytes.includes('Exif\0\0')], [200, seen, true, false], `${who}: ${files[i].name}, ${way}`)
        if (way === 'original') assert.ok(got.high === Math.min(2560, i === 2 ? 6000 : 1200), `${who}: ${got.wide}×${got.high}`)
      }
  }
}

const shellVersion = (page) => page.evaluate(() => document.querySelector('meta[name=app-version]')?.getAttribute('content') ?? '1')
const newVersion = (page) => page.evaluate(async () => {
  const r = await navigator.serviceWorker.getRegistration()
  await r.update()
  while (!r.waiting) await new Promise((ok) => setTimeout(ok, 100))
})
const banner = (page) => page.getByText('有新版本', { exact: false })

async function midUpload(t, { server, gate, browser, faults }) {
  const page = await spied(t, { gate, browser, faults })
  const half = async (shop, n) => {
    gate.mode = 'cut'
    await begin(page, gate.base, shop)
    const files = []
    for (let i = 0; i < 3; i++) files.push({ name: `${n + i}.jpg`, mimeType: 'image/jpeg', buffer: await jpeg(page, n + i) })
    await wrong(page, '照片要一张一张地送，送到一半。', files)
    await seal(page)
    await page.getByText('等网络').first().waitFor()
    let gone = 0
    gate.asked.length = 0
    gate.park = (q) => q.method === 'PUT' && q.url.startsWith('/api/photos/') && ++gone > 1 // the first goes, the second hangs
    gate.mode = 'open'
    await sendNow(page)
    for (let i = 0; i < 120 && !gate.parked.length; i++) await sleep(250)
    assert.equal(gate.parked.length, 1, 'the second photo hangs at the gate')
    await page.getByText(/照片和签名4张到了[12]张/).waitFor().catch(async (e) => {
      throw new Error(`the page says: ${await page.locator('main').innerText()}`, { cause: e })
    })
  }
  const once = async (shop) => {
    const photos = gate.asked.filter((a) => a.startsWith('PUT /api/photos/'))
    // A signature that looks like the last one is with the server already.
    assert.ok(photos.length === new Set(photos).size && photos.length >= 3, `each photo went once: ${photos.join('; ')}`)
    assert.deepEqual(await atOffice(server, shop), { visits: 1, sheets: 1, complete: 1 })
  }
  const lights = () => page.evaluate(() => window.lights)

  // The person is asked when the upload is over, and not before.
  await half('送到一半来了新版本示例店', 70)
  assert.equal(await lights(), 1, 'the screen stays on while it sends')
  await gate.upgrade(2)
  await newVersion(page)
  await sleep(2500)
  assert.deepEqual([await banner(page).count(), await shellVersion(page)], [0, '1'], 'while photos are on their way nothing is offered')
  await shot(page, 'phone-update-waits-360')
  gate.release()
  await received(page)
  await page.waitForFunction(() => window.lights === 0, null, { timeout: 10_000 })
  await banner(page).waitFor()
  assert.equal(await shellVersion(page), '1')
  await page.getByRole('button', { name: '换成新版本' }).click()
  await page.waitForFunction(() => document.querySelector('meta[name=app-version]')?.content === '2', null, { timeout: 60_000 })
  await once('送到一半来了新版本示例店')

  // Another page lets it in meanwhile: this one goes on sending with what it has, and changes by itself afterwards.
  await half('另一页换了新版本示例店', 75)
  await gate.upgrade(3)
  await newVersion(page)
  await page.evaluate(async () => {
    window.mark = 1
    const taken = new Promise((ok) => navigator.serviceWorker.addEventListener('controllerchange', ok, { once: true }))
    ;(await navigator.serviceWorker.getRegistration()).waiting.postMessage({ type: 'take-over' }) // as the other page's button does
    await taken
  })
  await sleep(2500)
  assert.deepEqual([await page.evaluate(() => window.mark), await shellVersion(page)], [1, '2'], 'the page that sends is not pulled away')
  gate.release()
  await page.waitForFunction(() => document.querySelector('meta[name=app-version]')?.content === '3', null, { timeout: 60_000 })
  await received(page)
  await once('另一页换了新版本示例店')
}

/** spied: a phone that counts how many locks hold its screen on. */
async function spied(t, { gate, browser, faults }) {
  const context = await browser.newContext(size)
  t.after(() => context.close())
  context.setDefaultTimeout(20_000)
  await context.addInitScript(() => {
    window.lights = 0
    const request = async () => ++window.lights && { released: false, release: async () => void window.lights-- }
    Object.defineProperty(navigator, 'wakeLock', { value: { request } })
  })
  const page = await watched(context, faults)
  await ready(page, gate.base)
  return page
}
