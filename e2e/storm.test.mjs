// A short browser storm, see storm-browser.mjs; fifty kills are make browser-storm.
import test from 'node:test'
import assert from 'node:assert/strict'
import { storm } from './storm-browser.mjs'

test('the browser is killed five times while records are written, sealed and sent: nothing lost, nothing doubled', { timeout: 300_000 }, async () => {
  const said = []
  const r = await storm({ kills: 5, seed: 11, say: (w) => said.push(w) })
  assert.deepEqual([r.lost, r.doubled], [0, 0], said.join('\n'))
  assert.ok(r.sealed > 0, 'at least one record was sealed')
})
