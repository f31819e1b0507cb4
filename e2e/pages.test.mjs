// Every page of the desk and the field app, for every role that has it: axe finds nothing, nothing scrolls sideways,
// no script error. With SUIXING_SHOTS set, a picture of each at three widths is kept.
import test from 'node:test'
import assert from 'node:assert/strict'
import { Server, browse, watched, login, axe, shot } from './lib.mjs'

// {name} stands for a record of the demo data, see records().
const pages = {
  nobody: ['/desk/login', '/desk/login?again=1&to=/leads'],
  county: ['/desk/leads/{lead}', '/desk/problems/{submitted}', '/desk/problems/{submitted}/full', '/desk/complaints/{complaint}', '/desk/feedback/{feedback}', '/desk', '/desk/leads', '/desk/leads/new', '/desk/problems', '/desk/register', '/desk/visits', '/desk/visits/findings', '/desk/visits/conflicts', '/desk/visits/phones', '/desk/visits/papers', '/desk/feedback', '/desk/feedback/sums', '/desk/feedback/codes', '/desk/feedback/walls', '/desk/feedback/signals', '/desk/feedback/callbacks', '/desk/feedback/callbacks/figures', '/desk/complaints', '/desk/complaints/import', '/desk/directory', '/desk/directory/officers', '/desk/directory/businesses', '/desk/directory/import/officers', '/desk/deadlines', '/desk/deadlines/calendar', '/desk/deadlines/calendar/2027', '/desk/deadlines/calendar/2026/edit'],
  leader: ['/desk', '/desk/problems', '/desk/visits/phones', '/desk/complaints', '/desk/feedback/signals', '/desk/deadlines'],
  office: ['/desk/visits/{planned}', '/desk/visits/{planned}/edit', '/desk/visits/{recorded}', '/desk/feedback/{feedback}', '/desk', '/desk/visits', '/desk/visits/new', '/desk/visits/phones', '/desk/visits/papers', '/desk/feedback/codes', '/desk/feedback/walls', '/desk/complaints/new', '/desk/feedback/paper', '/desk/directory/import/businesses', '/desk/deadlines', '/desk/deadlines/calendar', '/desk/me'],
  agency: ['/desk/orders/{order}', '/desk', '/desk/our-officers', '/desk/satisfaction'],
  hotline: ['/desk', '/desk/complaints', '/desk/complaints/new', '/desk/complaints/import'],
  admin: ['/desk/accounts/{account}', '/desk', '/desk/phones', '/desk/accounts', '/desk/accounts/new', '/desk/directory/security', '/desk/directory/outer-keys', '/desk/directory/vault-keys'],
  auditor: ['/desk', '/desk/trail', '/desk/directory/vault-keys'],
  supervisor: ['/correct/{sheet}', '/cancel/{planned}', '/ready', '/pin', '/password', '/import', '/', '/start', '/outbox', '/findings', '/me'],
}

/** records: one of each kind that has a page of its own, from the demo data. */
async function records(server) {
  const [county, office, agency, admin] = [await server.as('county'), await server.as('office'), await server.as('agency'), await server.as('admin')]
  const one = async (who, path, fits = () => true) => {
    const found = (await who.get(path)).body.items.find(fits)
    assert.ok(found, `demo data has none of ${path}`)
    return found.id
  }
  const recorded = await one(office, '/api/visits?state=recorded')
  return {
    lead: await one(county, '/api/leads'), submitted: await one(county, '/api/problems', (p) => p.state === 'submitted'), complaint: await one(county, '/api/complaints'), feedback: await one(office, '/api/feedback'),
    planned: await one(office, '/api/visits?state=planned'), recorded, sheet: await one(office, `/api/visits/${recorded}/sheets`), order: await one(agency, '/api/problems', (p) => p.state === 'rectifying'), account: await one(admin, '/api/accounts'),
  }
}

test('every page stands up to axe at 360 and 1440 px, and to 768', { timeout: 900_000 }, async (t) => {
  const server = await Server.open()
  t.after(() => server.close())
  const browser = await browse()
  t.after(() => browser.close())
  const ids = await records(server)
  for (const [who, paths] of Object.entries(pages)) {
    await t.test(who, async () => {
      const faults = []
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
      const page = await watched(context, faults)
      if (who !== 'nobody') await login(page, server.base, who, who === 'supervisor' ? '/' : '/desk')
      if (who === 'supervisor') {
        await page.getByLabel('账号').fill(who)
        await page.getByLabel('密码').fill('suixing-demo')
        await page.getByRole('button', { name: '登录' }).click()
        await page.getByRole('heading', { name: '出发前检查' }).waitFor()
      }
      const found = []
      for (const pattern of paths) {
        const path = pattern.replace(/\{(\w+)\}/, (_, k) => ids[k])
        for (const width of [360, 768, 1440]) {
          await page.setViewportSize({ width, height: width < 700 ? 780 : 900 })
          if (width === 360) await page.goto(server.base + path)
          await page.getByRole('main').first().waitFor()
          await page.waitForLoadState('networkidle')
          // A record that is not there stands up to everything.
          if (width === 360 && pattern !== path && (await page.getByText(/找不到(这|服务)|服务器上找不到/).count())) found.push(`${pattern}: not found`)
          if (width !== 768 || process.env.SUIXING_SHOTS) for (const v of await axe(page)) found.push(`${pattern} at ${width}: ${v}`)
          const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
          if (sideways > 0) found.push(`${pattern} at ${width}: scrolls sideways by ${sideways} px`)
          await shot(page, `${who}${pattern.replaceAll(/[/{}?&=]+/g, '-')}-${width}`)
        }
      }
      await context.close()
      assert.deepEqual(found, [])
      assert.deepEqual(faults, [])
    })
  }
})
