// The phone over the years: a newer version in the middle of a sentence, a visit put down afterwards, pictures of every
// kind, old eyes, a server put back to an earlier day.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { watched, axe, shot, jpeg, sign, sleep } from './lib.mjs'
import { copied, sideways, stage, begin, wrong, saved, seal, received, atOffice, sendNow } from './phone-lib.mjs'

stage('the phone over the years', () => stories)

const stories = [
  ['a newer version in the middle of a sentence; a spoilt file heals', updated],
  ['a visit put down afterwards says its three times', lateEntry],
  ['one photo the server does not take: it asks for a hand and holds up nobody', refused],
  ['pictures the browser cannot draw, very large ones, old ones', pictures],
  ['every page at 360 px, for young and for old eyes', pages],
  ['a server put back to an earlier day asks for what it has lost', restored],
]

const shellVersion = (page) => page.evaluate(() => document.querySelector('meta[name=app-version]')?.getAttribute('content') ?? '1')

async function updated(t, { gate, phone, faults }) {
  const { context, page } = await phone()
  t.after(() => context.close())
  const shop = '更新测试示例店'
  await begin(page, gate.base, shop)
  await wrong(page, '写到一半的时候来了新版本。')
  const today = await watched(context, faults)
  await today.goto(gate.base)
  await today.getByRole('heading', { name: '出发前检查' }).waitFor()
  await gate.upgrade(2)
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update())
  await today.getByText('有新版本', { exact: false }).waitFor({ timeout: 60_000 })
  await shot(today, 'phone-update-360')
  assert.equal(await page.getByText('有新版本', { exact: false }).count(), 0, 'where somebody writes nothing is said')
  await today.getByRole('button', { name: '换成新版本' }).click()
  await today.waitForFunction(() => document.querySelector('meta[name=app-version]')?.content === '2', null, { timeout: 60_000 })
  assert.equal(await shellVersion(page), '1', 'the page that writes is not pulled away')
  await page.getByLabel('看到了什么').fill('写到一半的时候来了新版本，接着写完。')
  await saved(page)
  gate.mode = 'cut'
  await page.getByRole('link', { name: /核对并封存/ }).first().click()
  await page.getByRole('heading', { name: '核对并封存' }).waitFor()
  await page.getByRole('link', { name: '返回记录' }).click()
  await page.locator('li button.item').first().click()
  assert.equal(await page.getByLabel('看到了什么').inputValue(), '写到一半的时候来了新版本，接着写完。')
  await page.goto(gate.base)
  await page.getByRole('heading', { name: '出发前检查' }).waitFor()
  assert.equal(await shellVersion(page), '2')

  // A spoilt file: the app cannot start from it, and a moment later it can.
  gate.mode = 'open'
  await page.evaluate(async () => {
    const cache = await caches.open((await caches.keys()).find((n) => n.startsWith('suixing-shell-')))
    const entry = (await cache.keys()).find((k) => /\/assets\/index-.*\.js$/.test(k.url))
    await cache.put(entry, new Response('throw 1 // half a fi', { headers: { 'content-type': 'text/javascript' } }))
  })
  const before = faults.length
  await today.close()
  const cdp = await context.newCDPSession(page)
  await cdp.send('ServiceWorker.enable')
  await cdp.send('ServiceWorker.stopAllWorkers')
  await page.goto(gate.base)
  await page.getByRole('heading', { name: '出发前检查' }).waitFor({ timeout: 60_000 })
  faults.length = before // the spoilt file threw, as it was told to
}

async function lateEntry(t, { server, gate, phone }) {
  const { context, page } = await phone()
  t.after(() => context.close())
  const shop = '事后补录示例店'
  const day = new Date(Date.now() + 8 * 3600_000 - 5 * 86_400_000).toISOString().slice(0, 10)
  await page.goto(`${gate.base}/start`)
  await page.getByLabel('执法单位').selectOption({ label: '示例镇A综合执法大队' })
  await page.getByLabel('被检查对象').fill(shop)
  await page.getByRole('button', { name: '登记名录里没有的对象' }).click()
  await page.getByLabel('检查事项').selectOption('food')
  await page.getByRole('radio', { name: '快速12项' }).check()
  await page.getByRole('radio', { name: '已做完，补录' }).check()
  await page.getByText('我与被检查单位、执法人员没有利害关系。').click()
  await page.getByRole('button', { name: '开始记录' }).click()
  await page.getByText('请写明为什么当时没有记录', { exact: false }).waitFor()
  await page.getByLabel('哪一天').fill(day)
  await page.getByLabel('几点开始').fill('09:30')
  await page.getByLabel('几点结束').fill('10:15')
  await page.getByLabel('为什么补录').fill('当天手机没电，先记在纸上')
  await page.getByText('已做完，补录').scrollIntoViewIfNeeded()
  await shot(page, 'phone-late-start-360')
  assert.deepEqual(await axe(page), [])
  await page.getByRole('button', { name: '开始记录' }).click()
  await page.getByRole('heading', { name: shop }).waitFor()
  await wrong(page, '没有制作现场检查记录就离开了。')
  await page.getByRole('link', { name: /核对并封存/ }).first().click()
  await page.getByRole('heading', { name: '补录的三个时间' }).waitFor()
  await page.getByRole('heading', { name: '补录的三个时间' }).scrollIntoViewIfNeeded()
  await shot(page, 'phone-late-seal-360')
  await page.getByRole('link', { name: '返回记录' }).click()
  await seal(page)
  await received(page)
  await page.getByText('补录时间').first().waitFor()
  const office = await server.as('office')
  const visit = (await office.get(`/api/visits?q=${encodeURIComponent(shop)}`)).body.items[0]
  const sheet = (await office.get(`/api/visits/${visit.id}/sheets`)).body.items[0]
  const body = (await office.get(`/api/sheets/${sheet.id}`)).body
  assert.equal(body.body.late_reason, '当天手机没电，先记在纸上')
  assert.equal(Date.parse(body.body.started_at), Date.parse(`${day}T09:30:00+08:00`))
}

const box = (type, ...parts) => {
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(8)
  head.writeUInt32BE(8 + body.length)
  head.write(type, 4, 'latin1')
  return Buffer.concat([head, body])
}
/** The frame of a HEIC file as an iPhone makes it; the picture itself is noise, which no browser here would draw anyway. */
function heic(width, height) {
  const extent = Buffer.alloc(12)
  extent.writeUInt32BE(width, 4)
  extent.writeUInt32BE(height, 8)
  return Buffer.concat([box('ftyp', Buffer.from('heic\0\0\0\0mif1heic')), box('meta', Buffer.alloc(4), box('iprp', box('ipco', box('ispe', extent)))), box('mdat', Buffer.alloc(4000, 7))])
}

async function refused(t, { server, gate, phone }) {
  const { context, page } = await phone()
  t.after(() => context.close())
  const [bad, good] = ['坏照片示例店', '好照片示例店']
  gate.mode = 'cut'
  // Half a picture is refused on the phone itself, in words, before it is kept.
  const half = Buffer.concat([box('ftyp', Buffer.from('heic\0\0\0\0mif1heic')), Buffer.alloc(3000, 9)])
  // Twelve bits a colour: the phone finds its size and cannot know that the server does not read it.
  const broken = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc1, 0, 11, 12, 0, 48, 0, 64, 1, 1, 0x11, 0]), Buffer.alloc(3000, 9)])
  await begin(page, gate.base, bad)
  await page.locator('article').getByRole('radio', { name: '不符合', exact: true }).check()
  await page.locator('article input[data-source=album]').setInputFiles([{ name: 'half.heic', mimeType: '', buffer: half }])
  await page.getByText('这张照片的文件不完整', { exact: false }).waitFor()
  await wrong(page, '这一张照片服务器不会收下。', [{ name: 'x.jpg', mimeType: 'image/jpeg', buffer: broken }, { name: 'i.jpg', mimeType: 'image/jpeg', buffer: await jpeg(page, 16) }])
  await seal(page)
  await begin(page, gate.base, good)
  await wrong(page, '后面这一份不该被前面的挡住。', [{ name: 'j.jpg', mimeType: 'image/jpeg', buffer: await jpeg(page, 17) }])
  await seal(page)
  gate.mode = 'open'
  await sendNow(page)
  await received(page)
  await page.getByText('需要处理').waitFor({ timeout: 60_000 })
  await page.getByText('有照片服务器没有收下', { exact: false }).waitFor()
  await page.getByRole('button', { name: new RegExp(`马上再试.*${bad}`) }).waitFor()
  await page.getByText('知道了').click({ timeout: 2000 }).catch(() => undefined)
  await shot(page, 'phone-outbox-attention-360')
  assert.deepEqual(await axe(page), [])
  assert.equal((await atOffice(server, good)).complete, 1)
  assert.deepEqual(await atOffice(server, bad), { visits: 1, sheets: 1, complete: 0 })

  // The way out: a correction without it, sealed, received; and the first one says that it is needed no more.
  await page.getByRole('link', { name: new RegExp(`写一份更正.*${bad}`) }).click()
  await page.getByText('服务器收不了的1张照片已从更正里去掉', { exact: false }).waitFor()
  await page.getByRole('button', { name: '开始更正' }).click()
  await page.getByRole('heading', { name: bad }).waitFor()
  await page.getByRole('link', { name: /核对并封存/ }).first().click()
  await page.getByLabel('更正原因').fill('有一张照片服务器收不了，换掉了')
  await page.getByRole('radio', { name: '拒绝签字' }).check()
  await sign(page, '监督人员测试员甲')
  await page.getByRole('button', { name: '封存记录' }).click()
  await page.getByText('更正第2版已经收妥', { exact: false }).waitFor({ timeout: 60_000 })
  assert.deepEqual(await atOffice(server, bad), { visits: 1, sheets: 2, complete: 1 })
}

async function pictures(t, { server, gate, phone, browser }) {
  const { context, page } = await phone()
  t.after(() => context.close())
  const shop = '大照片示例店'
  await begin(page, gate.base, shop)
  const bytes = async () => {
    const cdp = await browser.newBrowserCDPSession()
    const { processInfo } = await cdp.send('SystemInfo.getProcessInfo')
    await cdp.detach()
    return processInfo.filter((p) => p.type === 'renderer').reduce((n, p) => n + Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${p.id}/status`, 'utf8'))?.[1] ?? 0) * 1024, 0)
  }
  const start = await bytes()
  await wrong(page, '照片很多，看看手机吃不吃得消。', [{ name: 'IMG_1.HEIC', mimeType: '', buffer: heic(4032, 3024) }])
  await page.getByText('HEIC照片').waitFor()
  await shot(page, 'phone-heic-360')
  const album = page.locator('article input[data-source=album]')
  await album.setInputFiles([{ name: 'big.jpg', mimeType: 'image/jpeg', buffer: await jpeg(page, 3, 6000, 4000) }])
  await page.locator('article .shots a').nth(1).waitFor({ timeout: 90_000 })
  const drawn = await page.locator('article .shots img').first().evaluate(async (img) => {
    await img.decode()
    const c = document.createElement('canvas')
    c.width = c.height = 8
    const g = c.getContext('2d')
    g.drawImage(img, 0, 0, 8, 8)
    return new Set(g.getImageData(0, 0, 8, 8).data).size
  })
  assert.ok(drawn > 3, 'a picture of 24 megapixels is not blank')
  const old = await jpeg(page, 4, 400, 300)
  const exif = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0, 60]), Buffer.from('Exif\0\0MM\0*'), Buffer.from('2020:01:02 03:04:05\0'), Buffer.alloc(60 - 2 - 10 - 20)])
  await album.setInputFiles([{ name: 'old.jpg', mimeType: 'image/jpeg', buffer: Buffer.concat([exif, old.subarray(2)]) }])
  await page.getByText('看起来是一天以前拍的', { exact: false }).waitFor({ timeout: 30_000 })

  let peak = await bytes()
  const many = 27 // and three before them: as many as one place takes
  for (let i = 0; i < many; i += 5) {
    const files = []
    for (let k = i; k < Math.min(i + 5, many); k++) files.push({ name: `${k}.jpg`, mimeType: 'image/jpeg', buffer: await jpeg(page, 25 + k, 4000, 3000) })
    await album.setInputFiles(files)
    await page.locator('article .shots a').nth(3 + i + files.length - 1).waitFor({ timeout: 120_000 })
    peak = Math.max(peak, await bytes())
  }
  await page.getByText('这里的照片满了', { exact: false }).waitFor()
  await album.setInputFiles([{ name: 'over.jpg', mimeType: 'image/jpeg', buffer: await jpeg(page, 99, 400, 300) }])
  await page.getByText('1张没有存：一处最多30张照片', { exact: false }).waitFor() // sealed with more, the server would refuse it for good
  t.diagnostic(`${many} photos of 12 MP: renderers ${Math.round(start / 1e6)} MB before, ${Math.round(peak / 1e6)} MB at most`)
  assert.ok(peak - start < 400e6, `the pages grew by ${Math.round((peak - start) / 1e6)} MB`)
  await seal(page)
  await received(page, 240_000)
  assert.deepEqual(await atOffice(server, shop), { visits: 1, sheets: 1, complete: 1 })
}

/** go moves to another page of the app as a tap does, without loading it anew. */
async function go(page, path) {
  await page.evaluate((to) => {
    document.querySelector('h1')?.setAttribute('data-old', '')
    history.pushState({}, '', to)
    dispatchEvent(new PopStateEvent('popstate', { state: {} }))
  }, path)
  await page.locator('h1:not([data-old])').first().waitFor()
}

async function pages(t, { gate, phone }) {
  const { context, page } = await phone()
  t.after(() => context.close())
  await begin(page, gate.base, '看得清示例店')
  await wrong(page, '大字版也要看得清、点得着。', [{ name: 'g.jpg', mimeType: 'image/jpeg', buffer: await jpeg(page, 14) }])
  const sheet = new URL(page.url()).pathname
  const code = await page.locator('article').getAttribute('id')
  const visit = await page.evaluate(() => JSON.parse(localStorage.getItem('glance')).visits[0]?.id)
  const paths = { today: '/', outbox: '/outbox', me: '/me', ready: '/ready', pin: '/pin', import: '/import', findings: '/findings', password: '/password', login: '/login', start: '/start', ...(visit ? { cancel: `/cancel/${visit}`, planned: `/start?visit=${visit}` } : {}), sheet, photos: `${sheet}/photos/${code}`, seal: `${sheet}/seal`, ticket: sheet.replace('sheet', 'ticket'), nowhere: '/nowhere' }
  const wrongs = []
  for (const look of ['young', 'elder']) {
    if (look === 'elder') await page.evaluate(() => localStorage.setItem('elder', '1'))
    await page.goto(`${gate.base}/nowhere-yet`) // the look is taken when the app opens; another page than the first of the list
    await page.locator('h1').first().waitFor()
    for (const [name, path] of Object.entries(paths)) {
      await go(page, path)
      await page.locator('.skel').first().waitFor({ state: 'detached' }).catch(() => undefined)
      if (name === 'ready') await page.locator('.ready li').nth(5).waitFor()
      for (const v of await axe(page)) wrongs.push(`${look} ${name}: ${v}`)
      if (await sideways(page)) wrongs.push(`${look} ${name}: scrolls sideways by ${await sideways(page)} px`)
      await shot(page, `phone-${look}-${name}-360`, { fullPage: true })
      if (look === 'elder') {
        const small = await page.evaluate(() => [...document.querySelectorAll('.btn, .tabs a, .seg label, .check, .tap, .back, summary')].filter((e) => e.getClientRects().length && !e.closest('.sr, .skip') && e.getBoundingClientRect().height < 59).map((e) => `${e.className} ${e.textContent.trim().slice(0, 12)} ${Math.round(e.getBoundingClientRect().height)}`))
        if (small.length) wrongs.push(`elder ${name}: smaller than 60 px: ${small.slice(0, 3).join(' | ')}`)
        const tiny = await page.evaluate(() => [...document.querySelectorAll('#app *')].filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) && e.getClientRects().length && !e.closest('.sr, .skip') && parseFloat(getComputedStyle(e).fontSize) < 17.9).map((e) => `${e.tagName} ${e.className} ${getComputedStyle(e).fontSize} ${e.textContent.trim().slice(0, 10)}`))
        if (tiny.length) wrongs.push(`elder ${name}: smaller than 18 px: ${tiny.slice(0, 3).join(' | ')}`)
        // The browser's own text at 200 %.
        await page.evaluate(() => document.documentElement.style.setProperty('font-size', '200%'))
        if (await sideways(page)) wrongs.push(`200 % ${name}: scrolls sideways by ${await sideways(page)} px`)
        await page.evaluate(() => document.documentElement.style.removeProperty('font-size'))
      }
    }
  }
  assert.deepEqual(wrongs, [])
}

async function restored(t, { phone, gate, server }) {
  const { context, page } = await phone()
  t.after(() => context.close())
  const shop = '服务器恢复示例店'
  gate.mode = 'cut'
  await begin(page, gate.base, shop)
  await wrong(page, '恢复备份以后还要能再交一次。', [{ name: 'h.jpg', mimeType: 'image/jpeg', buffer: await jpeg(page, 15) }])
  await seal(page)
  const copy = await copied(server)
  gate.mode = 'open'
  await sendNow(page)
  await received(page)
  assert.deepEqual(await atOffice(server, shop), { visits: 1, sheets: 1, complete: 1 })
  await copy.back()
  assert.deepEqual(await atOffice(server, shop), { visits: 0, sheets: 0, complete: 0 })
  await page.reload() // opening reports, and the server says what it wants again
  for (let i = 0; i < 90 && (await atOffice(server, shop)).complete === 0; i++) await sleep(1000)
  assert.deepEqual(await atOffice(server, shop), { visits: 1, sheets: 1, complete: 1 })
  await received(page)
}
