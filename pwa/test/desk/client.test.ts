import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { api, ApiError, faultWords, isAbort, NetworkError, onSignedOut, query, send } from '../../src/api/client'

// A real server on a real port; only the browser's own habit of completing '/api/…' is played here.
let server: Server
let base = ''
const native = globalThis.fetch
const problem = (status: number, body: object) => ({ status, type: 'application/problem+json', body: JSON.stringify(body) })
const answers: Record<string, { status: number; type: string; body: string; headers?: Record<string, string> }> = {
  '/api/ok': { status: 200, type: 'application/json', body: '{"a":1}' },
  '/api/none': { status: 204, type: '', body: '' },
  '/api/bad': problem(422, { detail: '有一栏要改', code: 'invalid', request_id: 'r-1', errors: [{ field: 'body.fact', message: '写明事实' }] }),
  '/api/out': problem(401, { detail: '请先登录', code: 'unauthenticated', request_id: 'r-2' }),
  '/api/owes': problem(403, { detail: '先改密码', code: 'must_change', request_id: 'r-3' }),
  '/api/no': problem(403, { detail: '找不到', code: 'forbidden', request_id: 'r-4' }),
  '/api/broken': problem(500, { detail: '服务器出了错。', code: 'internal', request_id: 'r-5' }),
  '/api/proxy': { status: 502, type: 'text/html', body: '<h1>Bad Gateway</h1>' },
  '/api/session': problem(401, { detail: '账号或密码不对。', code: 'unauthenticated', request_id: 'r-6' }),
}

beforeAll(async () => {
  server = createServer((req, res) => {
    const a = answers[(req.url ?? '').split('?')[0]!]
    if (!a) return // never answers
    res.writeHead(a.status, { ...(a.type ? { 'Content-Type': a.type } : {}), ...a.headers })
    res.end(a.body)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  globalThis.fetch = (input, init) => native(base + String(input), init)
})
afterAll(() => {
  globalThis.fetch = native
  server.closeAllConnections()
  server.close()
})
const caught = (p: Promise<unknown>) => p.then(() => null, (e: unknown) => e)

describe('client', () => {
  test('JSON in, nothing for 204', async () => {
    expect(await api.get('/api/ok')).toEqual({ a: 1 })
    expect(await api.del('/api/none')).toBeUndefined()
  })
  test('a fault carries its words, its fields and its id', async () => {
    const e = (await caught(api.post('/api/bad', {}))) as ApiError
    expect(e).toBeInstanceOf(ApiError)
    expect([e.status, e.code, e.detail, e.requestId]).toEqual([422, 'invalid', '有一栏要改', 'r-1'])
    expect(e.field('fact')).toBe('写明事实')
    expect(e.field('act')).toBe('')
  })
  test('only what is our fault shows its number', async () => {
    expect(faultWords(await caught(api.get('/api/broken')))).toBe('服务器出了错。（编号r-5）')
    expect(faultWords(await caught(api.post('/api/bad', {})))).toBe('有一栏要改')
  })
  test('signing in again is asked for on 401 and where the account owes something, not on plain refusals', async () => {
    const heard: string[] = []
    const off = onSignedOut((e) => heard.push(e.code))
    await caught(api.get('/api/out'))
    await caught(api.get('/api/owes'))
    await caught(api.get('/api/no'))
    await caught(api.post('/api/session', {})) // a wrong password is the form's own matter
    off()
    await caught(api.get('/api/out'))
    expect(heard).toEqual(['unauthenticated', 'must_change'])
  })
  test('nobody answers: a kind of its own, also when a proxy says so', async () => {
    expect(await caught(api.get('/api/proxy'))).toBeInstanceOf(NetworkError)
    const slow = (await caught(send('GET', '/api/never', undefined, { timeout: 80 }))) as NetworkError
    expect(slow).toBeInstanceOf(NetworkError)
    expect(slow.timedOut).toBe(true)
    expect(faultWords(slow)).toContain('已填的都还在')
  })
  test('given up by the caller is no fault', async () => {
    const stop = new AbortController()
    const call = caught(api.get('/api/never', { signal: stop.signal }))
    stop.abort()
    expect(isAbort(await call)).toBe(true)
  })
  test('query leaves out what is empty', () => expect(query({ a: '', b: undefined, c: false, d: '两字', e: 0 })).toBe('?d=%E4%B8%A4%E5%AD%97&e=0'))
})
