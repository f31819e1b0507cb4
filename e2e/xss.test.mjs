// What the public and the phones type never becomes markup or script: texts that would be, in every field that others
// can write, and every page of the desk that shows them opened in Chromium. No dialog, nothing the content policy had to
// stop, and on the page stands to the letter what was typed. SUIXING_XSS=1000 is the whole of it, see scripts/hostile.
import test from 'node:test'
import assert from 'node:assert/strict'
import { randomUUID, createHash } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { login } from './lib.mjs'
import { house } from './desk-lib.mjs'
import { payloads, Turns } from './xss-lib.mjs'

const rounds = Number(process.env.SUIXING_XSS || 25)
const day = (n) => new Date(Date.now() + 8 * 3600_000 + n * 86400_000).toISOString().slice(0, 10)
setMaxListeners(0)

/** texts that a page does not show as they were typed: each must be the whole of a text node or a field's value. */
const missing = (texts) => {
  const seen = new Set()
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) seen.add(walk.currentNode.data.trim())
  for (const e of document.querySelectorAll('input,textarea')) seen.add(e.value)
  return texts.filter((x) => !seen.has(x))
}

test('texts that would be script are read as they were typed', { timeout: 3_600_000 }, async (t) => {
  const { server, browser, faults } = await house(t)
  const turns = new Turns(payloads(Math.max(rounds, 120)))
  const say = (field, most) => turns.next(field, most)
  const [office, hotline, supervisor] = [await server.as('office'), await server.as('hotline'), await server.as('supervisor')]
  const agencies = (await office.get('/api/directory')).body.agencies
  const agency = agencies.find((a) => a.name === '示例镇A综合执法大队')
  const ok = (r, what) => assert.ok(r.status < 300, `${what}: ${r.status} ${JSON.stringify(r.body)}`)
  let dialogs = 0
  let stopped = 0

  /** open: a page on which anything that ran, or had to be stopped, is counted. */
  const open = async (who, options = {}) => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', ...options })
    context.setDefaultTimeout(20_000)
    await context.exposeBinding('stoppedByPolicy', (_, what) => {
      stopped++
      faults.push(`the content policy stopped ${what}`)
    })
    await context.addInitScript(() => addEventListener('securitypolicyviolation', (e) => window.stoppedByPolicy(`${e.effectiveDirective} ${e.blockedURI} at ${location.pathname}`)))
    const page = await context.newPage()
    page.on('dialog', (d) => {
      dialogs++
      faults.push(`a dialog at ${page.url()}`)
      void d.dismiss()
    })
    page.on('pageerror', (e) => faults.push(`${page.url()}: ${e}`))
    page.on('console', (m) => m.type() === 'error' && !/Failed to load resource.* 422/.test(m.text()) && faults.push(`${page.url()}: ${m.text()}`))
    page.on('request', (r) => !r.url().startsWith(server.base) && !/^(blob|data):/.test(r.url()) && faults.push(`asks for ${r.url()}`))
    if (who) await login(page, server.base, who)
    return page
  }
  let shown = 0
  let pages = 0
  const reads = async (page, texts) => {
    const until = Date.now() + 10_000
    let rest = texts
    while ((rest = await page.evaluate(missing, texts)).length && Date.now() < until) await page.waitForTimeout(15)
    assert.deepEqual(rest, [], `${page.url()} does not show what was typed: ${(await page.getByRole('main').innerText()).slice(0, 300)}`)
    shown += texts.length
    pages++
  }
  /** go: from record to record without loading the desk anew, as a link does. */
  const go = (page, path) => page.evaluate((p) => {
    history.pushState(null, '', p)
    dispatchEvent(new PopStateEvent('popstate', { state: null }))
  }, path)

  const records = { complaint: [], feedback: [], lead: [], visit: [] }

  await t.test('the public form: with a fault, and sent', async () => {
    for (const javaScriptEnabled of [true, false]) {
      const p = await open('', { javaScriptEnabled, viewport: { width: 360, height: 780 } })
      for (let i = 0; i < 3; i++) {
        const typed = { unit: say('c.unit', 60), man: say('c.man', 40), place: say('c.place', 80), fact: say('c.fact', 2000), ask: say('c.ask', 500), P2: say('c.name', 30) }
        await p.goto(`${server.base}/c`)
        await p.locator('#P1y').check()
        for (const [k, v] of Object.entries(typed)) await p.locator(`[name=${k}]`).fill(v)
        await p.locator('[name=P3]').fill('13800000000')
        await p.getByRole('button', { name: '提交' }).click() // the day and the notice are missing
        await p.getByText(/还有\d+处要补/).first().waitFor()
        for (const [k, v] of Object.entries(typed)) assert.equal(await p.locator(`[name=${k}]`).inputValue(), v)
        shown += 6
        await p.locator('[name=day]').fill(day(-1))
        await p.locator('[name=stage]').first().check()
        await p.locator('[name=consent]').check()
        await p.getByRole('button', { name: '提交' }).click()
        await p.getByText('已收到').first().waitFor()
        records.complaint.push({ typed: [typed.man, typed.place, typed.fact, typed.ask, typed.unit], fact: typed.fact })
      }
      await p.context().close()
    }
  })

  await t.test('the feedback form without script: with a fault, and sent', async () => {
    const made = await supervisor.post('/api/tickets', { request_id: randomUUID(), count: 3 })
    ok(made, 'tickets')
    const p = await open('', { javaScriptEnabled: false, viewport: { width: 360, height: 780 } })
    for (const ticket of made.body.items) {
      const typed = { business: say('f.business', 60), O1: say('f.problem', 500), O2: say('f.advice', 300) }
      await p.goto(server.base + new URL(ticket.url).pathname)
      for (const [k, v] of Object.entries(typed)) await p.locator(`[name=${k}]`).fill(v)
      await p.getByRole('button', { name: '提交' }).click()
      await p.getByText(/还有\d+处要补/).first().waitFor()
      for (const [k, v] of Object.entries(typed)) assert.equal(await p.locator(`[name=${k}]`).inputValue(), v)
      await p.locator('select[name=agency]').selectOption({ label: agency.name })
      await p.locator('input[name=kind][value=household]').check()
      await p.locator('input[name=matter][value=food]').check()
      for (let i = 1; i <= 10; i++) await p.locator(`input[name=F${i}][value=${i < 7 ? 'y' : 'n'}]`).check()
      for (let i = 0; i < 6; i++) await p.locator(`input[name=R${i}][value="2"]`).check()
      await p.getByRole('button', { name: '提交', exact: true }).click()
      await p.getByText('已收到').first().waitFor()
      records.feedback.push({ typed: Object.values(typed), fact: typed.O1 })
    }
    await p.context().close()
  })

  await t.test('the rest of it by the ways that programs use', async () => {
    const pack = (await supervisor.get('/api/field/pack')).body
    const quick = pack.checklist.items.filter((i) => pack.checklist.quick.includes(i.code))
    const facts = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`F${i + 1}`, i < 6 ? 'yes' : 'no']))
    const ratings = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`R${i}`, 2]))
    for (let n = 0; n < rounds; n++) {
      const c = { target: say('c.unit', 60), officer: say('c.man', 40), place: say('c.place', 80), fact: say('c.fact', 2000), request: say('c.ask', 500), outer_number: `${n}-${say('c.outer', 55)}` } // two texts may be one outer number
      const filed = await hotline.post('/api/complaints', { id: randomUUID(), channel: '12345', happened: day(-1), agency_id: agency.id, anonymous: true, ...c })
      ok(filed, 'complaint')
      records.complaint.push({ id: filed.body.id, typed: [c.officer, c.place, c.fact, c.request, c.outer_number], fact: c.fact })
      const f = { business_name: say('f.business', 60), problem_text: say('f.problem', 500), advice: say('f.advice', 300) }
      const paper = await office.post('/api/feedback/paper', { id: randomUUID(), agency_id: agency.id, checked_on: day(-1), matter: 'food', kind: 'household', scale: 5, facts, ratings, contact: true, name: say('f.name', 30), phone: '13800000000', ...f })
      ok(paper, 'paper')
      records.feedback.push({ id: paper.body.id, typed: Object.values(f), fact: f.problem_text })
      const fact = say('l.fact', 4000)
      const lead = await office.post('/api/leads', { id: randomUUID(), origin: 'contact', agency_id: agency.id, category: 'manner', severity: 'minor', fact, happened_on: day(-1) })
      ok(lead, 'lead')
      records.lead.push({ id: lead.body.id, typed: [fact], fact })
      await sheet(pack, quick)
    }
  })

  async function sheet(pack, quick) {
    const at = (m) => new Date(Date.now() - m * 60_000).toISOString()
    const line = createHash('sha256').update(randomUUID()).digest('hex') // a signature that is still on the phone
    const typed = []
    const put = (field, most) => (typed.push(say(field, most)), typed.at(-1))
    const body = {
      id: randomUUID(), visit_id: randomUUID(), version: 1, app_version: 'story', checklist_version: pack.checklist.version, mode: 'quick', method: 'accompanied',
      visit: { agency_id: agency.id, business: { name: put('v.business', 100), uscc: '', address: put('v.address', 200), kind: 'other' }, matter: 'food', notice_number: put('v.notice', 60), external_code: put('v.code', 60), supervisor_ids: [pack.me.id] },
      recusal: { declared: true, at: at(120) }, started_at: at(110), ended_at: at(30), sealed_at: at(20), helpers: 0,
      officers: [{ name: put('v.officer', 40), credential_number: put('v.credential', 40), standing: 'unknown' }],
      answers: quick.map((i) => (i.sev === 'redline' ? { code: i.code, result: 'yes', note: '', photos: [], at: at(60) } : { code: i.code, result: 'no', note: put('v.note', 1000), no_photo_reason: say('v.why', 60), photos: [], at: at(60) })),
      observations: [{ text: put('v.seen', 1000), photos: [], at: at(50) }], stop: null, opinion: put('v.opinion', 1000), overall: 'mostly',
      officer_sign: { name: '示例', credential_number: '', stance: 'refused', text: put('v.words', 200), signature: '' },
      supervisor_signs: [{ account_id: pack.me.id, name: pack.me.name, signature: line }], place: null,
      photos: [{ sha256: line, size: 4000, type: 'image/png', source: 'signature', taken_at: at(25), place: null }],
    }
    ok(await supervisor.put(`/api/sheets/${body.id}`, body), 'sheet')
    records.visit.push({ id: body.visit_id, typed, fact: typed[0] })
  }

  const path = { complaint: '/desk/complaints', feedback: '/desk/feedback', lead: '/desk/leads', visit: '/desk/visits' }

  await t.test('every record at the desk shows its texts to the letter', async () => {
    // What came by the forms has no number in our hands: it is found by its words.
    const county = await server.as('county')
    const listed = { complaint: '/api/complaints', feedback: '/api/feedback' }
    for (const kind of ['complaint', 'feedback']) {
      const rest = new Set(records[kind].filter((r) => !r.id))
      for (let after = '', list; rest.size && list?.next !== ''; after = list.next) {
        list = (await county.get(`${listed[kind]}?after=${after}`)).body
        for (const i of list.items) {
          const one = (await county.get(`${listed[kind]}/${i.id}`)).body
          for (const r of rest) if ((one.fact ?? one.problem_text) === r.fact && !records[kind].some((x) => x.id === i.id)) rest.delete(Object.assign(r, { id: i.id }))
        }
      }
      assert.deepEqual([...rest].map((r) => r.fact), [], `${kind}: what was sent is there as it was typed`)
    }
    const desks = { office: await open('office'), county: await open('county') } // a unit nobody knows goes to the county
    for (const [kind, list] of Object.entries(records)) {
      const p = desks[kind === 'complaint' ? 'county' : 'office']
      await p.goto(server.base + path[kind])
      await p.waitForLoadState('networkidle') // the desk opens the first record by itself
      for (const r of list.filter((x) => x.id)) {
        await go(p, `${path[kind]}/${r.id}`)
        await reads(p, r.typed)
      }
    }
    for (const p of Object.values(desks)) await p.context().close()
  })

  await t.test('so do the lists, the pages of others, and the people who may see who spoke', async () => {
    for (const who of rounds > 100 ? ['county', 'leader', 'office', 'hotline'] : ['county', 'hotline']) {
      const p = await open(who)
      const lists = who === 'hotline' ? ['/desk', '/desk/complaints', '/desk/complaints/new'] : ['/desk', ...Object.values(path), '/desk/visits/findings', '/desk/visits/phones', '/desk/register', '/desk/problems', ...(who === 'county' ? ['/desk/directory/businesses?q=alert', '/desk/directory/businesses'] : [])]
      for (const list of lists) {
        await p.goto(server.base + list)
        await p.getByRole('main').first().waitFor()
        await p.waitForLoadState('networkidle')
        pages++
      }
      await p.context().close()
    }
    const p = await open('county')
    const last = records.visit.at(-1)
    await p.goto(`${server.base}/desk/visits/${last.id}`)
    await reads(p, last.typed)
    // In a window for a deed, and in the search for a business met on the spot.
    const q = await open('office')
    await q.goto(`${server.base}/desk/leads/${records.lead[0].id}`)
    await q.getByRole('button', { name: /登记为新问题/ }).first().click()
    await q.getByRole('dialog').waitFor()
    await q.goto(`${server.base}/desk/visits/new`)
    await q.getByLabel('被检查对象').fill(last.fact.slice(0, 8))
    await q.getByRole('list', { name: '名录里的' }).or(q.getByText(/名录里没有/)).first().waitFor()
    pages += 2
    await q.context().close()
    await p.context().close()
  })

  const used = new Set(Object.values(turns.used).flatMap((s) => [...s]))
  console.log(`xss: payloads=${used.size} fields=${Object.keys(turns.used).length} records=${Object.values(records).flat().length} pages=${pages} texts=${shown} dialogs=${dialogs} stopped=${stopped} faults=${faults.length}`)
  assert.deepEqual([...new Set(faults)].slice(0, 20), [])
})
