// Officers and businesses out of a table: one bad row and nothing is taken, the row and the cell are named; put right,
// the whole table is taken.
import test from 'node:test'
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { shot } from './lib.mjs'
import { house, sound, xlsx } from './desk-lib.mjs'

test('tables of officers and businesses, taken whole or not at all', { timeout: 600_000 }, async (t) => {
  const { server, faults, desk } = await house(t)
  const admin = await server.as('admin')
  const found = async (kind, q) => (await admin.get(`/api/${kind}?q=${encodeURIComponent(q)}`)).body.items

  const story = async (who, kind, unit, bad, good, cell) => {
    const p = await desk(who, `/desk/directory/import/${kind}`)
    const template = await p.request.get(`${server.base}/api/import/${kind}/template`)
    assert.equal((await template.body()).subarray(0, 2).toString(), 'PK')
    const choose = (rows) => p.locator('input[type=file]').setInputFiles(xlsx(rows))
    await choose(bad)
    await p.getByText(`共${bad.length - 1}行，有1行要改，${bad.length - 2}行没有问题。`).waitFor()
    await p.getByText('现在一行也没有导入。').waitFor()
    const row = p.getByRole('row').filter({ has: p.getByRole('rowheader', { name: String(cell.row), exact: true }) })
    assert.equal(await p.getByRole('rowheader').count(), 1, 'only the row that is wrong is listed')
    const at = (await p.getByRole('columnheader').allInnerTexts()).indexOf(cell.column)
    assert.match(await row.locator('th, td').nth(at).innerText(), cell.says)
    assert.equal(await p.getByRole('button', { name: /^导入\d+/ }).count(), 0, 'there is nothing to press')
    await shot(p, `import-${kind}-1440`)
    assert.deepEqual(await sound(p), [])
    for (const r of bad.slice(1)) assert.deepEqual(await found(kind, r[0]), [], `${r[0]} was not taken`)
    await p.getByRole('link', { name: /^全部/ }).focus()
    await p.keyboard.press('Enter')
    assert.equal(await p.getByRole('rowheader').count(), bad.length - 1)
    await choose(good)
    await p.getByText(`共${good.length - 1}行，都没有问题，还没有导入。`).waitFor()
    assert.deepEqual(await found(kind, good[1][0]), [], 'looking takes nothing')
    await p.getByRole('button', { name: `导入${good.length - 1}${unit}` }).press('Enter')
    await p.getByText(`已导入${good.length - 1}${unit}`).waitFor()
    for (const r of good.slice(1)) assert.equal((await found(kind, r[0])).length, 1, `${r[0]} is there, once`)
    await p.goto(`${server.base}/desk/directory/${kind}?q=${encodeURIComponent(good[1][0])}`)
    await p.getByText(good[1][0]).first().waitFor()
    // The same table once more: it is already there, and is not taken twice.
    await p.goto(`${server.base}/desk/directory/import/${kind}`)
    await choose(good)
    await p.getByText(/有\d+行要改/).waitFor()
    assert.equal((await found(kind, good[1][0])).length, 1)
    await p.context().close()
  }

  await t.test('officers, by the county', async () => {
    const unit = (await admin.get('/api/directory')).body.agencies[0].name
    const head = ['姓名', '执法单位', '执法证号', '有效期起', '有效期止', '证件状态']
    const one = ['导入甲示例', unit, '16072599001', '2024-05-01', '2029-04-30', '有效']
    const two = ['导入乙示例', unit, '16072599002', '2024-05-01', '2029-04-30', '']
    const three = ['导入丙示例', unit, '16072599003', '2024-05-01', '2029-04-30', '暂扣']
    await story('county', 'officers', '人', [head, one, ['导入乙示例', '没有这个单位', ...two.slice(2)], three], [head, one, two, three], { row: 3, column: '执法单位', says: /系统里没有“没有这个单位”这个在用单位/ })
    assert.equal((await found('officers', '导入丙示例'))[0].status, 'suspended')
  })

  await t.test('businesses, by the office for its own township', async () => {
    const head = ['名称', '统一社会信用代码', '类别', '地址', '行业', '司法所']
    const place = (await (await server.as('office')).get('/api/session')).body.office.township
    const one = ['导入示例面馆', '91350100M000100Y43', '个体工商户', '东街1号', '餐饮', place]
    const two = ['导入示例加油站', '', '企业', '国道旁', '零售', place]
    await story('office', 'businesses', '家', [head, one, ['导入示例加油站', '91350100M000100Y44', ...two.slice(2)]], [head, one, two], { row: 3, column: '统一社会信用代码', says: /91350100M000100Y44[\s\S]+/ })
  })

  await t.test('what is no table is refused in words, and nothing is taken', async () => {
    const p = await desk('admin', '/desk/directory/import/businesses')
    await p.locator('input[type=file]').setInputFiles({ name: '花名册.xlsx', mimeType: 'application/octet-stream', buffer: Buffer.from('这不是表格') })
    assert.match(await p.getByRole('alert').innerText(), /[\u4e00-\u9fff]{6,}/)
    assert.equal(await p.getByRole('button', { name: /^导入\d+/ }).count(), 0)
    await p.context().close()
  })

  await t.test('the register of problems comes out as a workbook', async () => {
    const p = await desk('county', '/desk/register')
    const link = p.getByRole('link', { name: /xlsx|下载/ }).first()
    const [file] = await Promise.all([p.waitForEvent('download'), link.click()])
    const bytes = await readFile(await file.path())
    assert.equal(bytes.subarray(0, 2).toString(), 'PK')
    assert.ok(bytes.includes('xl/worksheets/sheet1.xml') && bytes.length > 4000)
    await p.context().close()
  })
  assert.deepEqual(faults, [])
})
