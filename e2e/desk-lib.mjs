// What the stories of the desk share: a server with a browser, people at their desks, one-time codes, and tables.
import { createHmac } from 'node:crypto'
import { Server, browse, watched, login, axe } from './lib.mjs'

/** house: a server and a browser that end with the story; desk(who, path) is a person with a page of their own. */
export async function house(t) {
  const server = await Server.open()
  t.after(() => server.close())
  const browser = await browse()
  t.after(() => browser.close())
  const faults = []
  const page = async (options = {}) => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', ...options })
    context.setDefaultTimeout(15_000)
    return watched(context, faults)
  }
  const desk = async (who, path, options) => {
    const p = await page(options)
    await login(p, server.base, who, path)
    return p
  }
  return { server, browser, faults, page, desk }
}

export const dialog = (page) => page.getByRole('dialog')

/** sent presses the deed in an open dialog and waits until it is gone. */
export async function sent(page, name) {
  await dialog(page).getByRole('button', { name, exact: true }).click()
  await dialog(page).waitFor({ state: 'hidden' })
}

/** walk gives the name of what has the focus after each press of Tab, until `until` is reached. */
export async function walk(page, until, most = 60) {
  for (let i = 0; i < most; i++) {
    await page.keyboard.press('Tab')
    const at = await page.evaluate(() => {
      const e = document.activeElement
      return (e?.labels?.[0]?.innerText ?? e?.getAttribute('aria-label') ?? e?.innerText ?? '').replace(/\s+/g, ' ').trim()
    })
    if (until instanceof RegExp ? until.test(at) : at === until) return at
  }
  throw new Error(`Tab does not reach “${until}” within ${most} steps`)
}

/** totp computes the code of an authenticator; ahead counts half minutes, for a code is good once. */
export function totp(secret, ahead = 0) {
  const bits = [...secret.replace(/\s|=/g, '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)))
  const step = Buffer.alloc(8)
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead))
  const mac = createHmac('sha1', key).update(step).digest()
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

/** sound: axe finds nothing and nothing scrolls sideways at each width; gives what is wrong, by width. */
export async function sound(page, widths = [360, 1440]) {
  const found = []
  for (const width of widths) {
    await page.setViewportSize({ width, height: width < 700 ? 780 : 900 })
    for (const v of await axe(page)) found.push(`${width}: ${v}`)
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    if (over > 0) found.push(`${width}: scrolls sideways by ${over} px`)
  }
  return found
}

/** clipped: texts of which a part cannot be seen, because their box ends before they do. */
export const clipped = (page) => page.evaluate(() => [...document.querySelectorAll('h1,h2,h3,p,legend,label,a,button,.btn,summary,li,dt,dd,th,td')].filter((e) => {
  const s = getComputedStyle(e)
  if (!e.getClientRects().length || s.position === 'absolute' || e.closest('.sr,.hp,[hidden]')) return false
  const hides = (o) => o === 'hidden' || o === 'clip'
  return (hides(s.overflowX) && e.scrollWidth > e.clientWidth + 1) || (hides(s.overflowY) && e.scrollHeight > e.clientHeight + 1) || e.getBoundingClientRect().right > innerWidth + 1
}).map((e) => `${e.tagName.toLowerCase()} “${e.innerText.slice(0, 20)}”`))

const table = Array.from({ length: 256 }, (_, n) => {
  for (let i = 0; i < 8; i++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1
  return n >>> 0
})
const crc = (b) => (b.reduce((c, x) => table[(c ^ x) & 255] ^ (c >>> 8), -1) ^ -1) >>> 0

/** xlsx writes rows of texts as a workbook, as a program of the office would save it. */
export function xlsx(rows) {
  const esc = (s) => String(s).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const cell = (v, c, r) => `<c r="${String.fromCharCode(65 + c)}${r}" t="inlineStr"><is><t xml:space="preserve">${esc(v)}</t></is></c>`
  const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
  const ns = 'http://schemas.openxmlformats.org'
  const parts = {
    '[Content_Types].xml': `<Types xmlns="${ns}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`,
    '_rels/.rels': `<Relationships xmlns="${ns}/package/2006/relationships"><Relationship Id="r1" Type="${ns}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `<workbook xmlns="${ns}/spreadsheetml/2006/main" xmlns:r="${ns}/officeDocument/2006/relationships"><sheets><sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${ns}/package/2006/relationships"><Relationship Id="r1" Type="${ns}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    'xl/worksheets/sheet1.xml': `<worksheet xmlns="${ns}/spreadsheetml/2006/main"><sheetData>${rows.map((r, i) => `<row r="${i + 1}">${r.map((v, c) => cell(v, c, i + 1)).join('')}</row>`).join('')}</sheetData></worksheet>`,
  }
  const files = []
  const index = []
  let at = 0
  for (const [name, text] of Object.entries(parts)) {
    const data = Buffer.from(head + text)
    const h = Buffer.alloc(26)
    h.writeUInt16LE(20, 0)
    h.writeUInt32LE(crc(data), 10)
    h.writeUInt32LE(data.length, 14)
    h.writeUInt32LE(data.length, 18)
    h.writeUInt16LE(name.length, 22)
    files.push(Buffer.from('PK\x03\x04'), h, Buffer.from(name), data)
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(at, 10)
    index.push(Buffer.from('PK\x01\x02'), Buffer.from([20, 0]), h, tail, Buffer.from(name))
    at += 30 + name.length + data.length
  }
  const end = Buffer.alloc(18)
  const n = Object.keys(parts).length
  end.writeUInt16LE(n, 4)
  end.writeUInt16LE(n, 6)
  end.writeUInt32LE(Buffer.concat(index).length, 8)
  end.writeUInt32LE(at, 12)
  return { name: 'table.xlsx', mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', buffer: Buffer.concat([...files, ...index, Buffer.from('PK\x05\x06'), end]) }
}
