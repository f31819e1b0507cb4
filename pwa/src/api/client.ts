// The only place that talks HTTP to our API. Faults come in two kinds: ApiError (the server answered, its words
// are shown as they are) and NetworkError (nobody answered; what was typed stays on the page).

export interface FieldFault {
  field: string
  message: string
}

/** The server answered with a fault (application/problem+json). `detail` is plain Chinese, shown as it is. */
export class ApiError extends Error {
  readonly kind = 'api' as const
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly errors: readonly FieldFault[],
    readonly requestId: string,
    readonly retryAfter = 0,
  ) {
    super(detail)
    this.name = 'ApiError'
  }
  /** The message for one field of a form, '' when that field is fine. */
  field(name: string): string {
    return this.errors.find((e) => e.field === name || e.field === `body.${name}` || e.field.endsWith(`.${name}`))?.message ?? ''
  }
}

/** Nobody answered: no network, server down, or too long. */
export class NetworkError extends Error {
  readonly kind = 'network' as const
  constructor(readonly timedOut: boolean) {
    super(timedOut ? '服务器很久没有回应。已填的都还在这一页，稍等再试。' : '没有连上服务器。已填的都还在这一页，连上后再试。')
    this.name = 'NetworkError'
  }
}

export interface CallOptions {
  signal?: AbortSignal
  /** Milliseconds before the call is given up; 30 000 unless said. */
  timeout?: number
  headers?: Record<string, string>
}

type Listener = (e: ApiError) => void
const signedOut = new Set<Listener>()
/** Called when the person must sign in, or must first change a password or set up a second factor. */
export function onSignedOut(f: Listener): () => void {
  signedOut.add(f)
  return () => signedOut.delete(f)
}

/** ?a=1&b=2 out of an object; empty values are left out. */
export function query(params: Record<string, string | number | boolean | undefined | null>): string {
  const q = new URLSearchParams()
  for (const [k, v] of Object.entries(params)) if (v !== undefined && v !== null && v !== '' && v !== false) q.set(k, String(v))
  const s = q.toString()
  return s ? `?${s}` : ''
}

async function faultOf(res: Response): Promise<ApiError> {
  let body: Partial<{ code: string; detail: string; title: string; request_id: string; errors: FieldFault[] }> = {}
  try {
    body = await res.json()
  } catch {
    // A proxy answered, not we: there are no words but ours.
  }
  const detail = body.detail || body.title || `服务器没有办成这件事（${res.status}）。已填的都还在，稍等再试。`
  return new ApiError(res.status, body.code ?? '', detail, body.errors ?? [],
    body.request_id ?? res.headers.get('X-Request-Id') ?? '', Number(res.headers.get('Retry-After')) || 0)
}

/** One call; gives the raw Response when it is 2xx (or 304), throws ApiError or NetworkError otherwise. */
export async function send(method: string, path: string, body?: BodyInit, opt: CallOptions = {}): Promise<Response> {
  const stop = new AbortController()
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    stop.abort()
  }, opt.timeout ?? 30_000)
  const forward = () => stop.abort()
  if (opt.signal?.aborted) forward()
  opt.signal?.addEventListener('abort', forward)
  let res: Response
  try {
    res = await fetch(path, { method, body, signal: stop.signal, headers: opt.headers, credentials: 'same-origin', cache: 'no-store' })
  } catch (e) {
    if (opt.signal?.aborted) throw e // the caller gave up: not a fault to show
    throw new NetworkError(timedOut)
  } finally {
    clearTimeout(timer)
    opt.signal?.removeEventListener('abort', forward)
  }
  if (res.ok || res.status === 304) return res
  const fault = await faultOf(res)
  // The front proxy answered because nobody behind it did: for the person that is no connection.
  if (!fault.code && !fault.requestId && [502, 503, 504].includes(res.status)) throw new NetworkError(res.status === 504)
  const owes = res.status === 403 && (fault.code === 'must_change' || fault.code === 'totp_setup')
  if ((res.status === 401 || owes) && !(method === 'POST' && path === '/api/session')) for (const f of signedOut) f(fault)
  throw fault
}

async function json<O>(method: string, path: string, body: unknown, opt: CallOptions = {}): Promise<O> {
  const has = body !== undefined
  const headers = { Accept: 'application/json', ...(has ? { 'Content-Type': 'application/json' } : {}), ...opt.headers }
  const res = await send(method, path, has ? JSON.stringify(body) : undefined, { ...opt, headers })
  if (res.status === 204 || res.headers.get('Content-Length') === '0') return undefined as O
  const text = await res.text()
  return (text ? JSON.parse(text) : undefined) as O
}

export const api = {
  get: <O>(path: string, opt?: CallOptions) => json<O>('GET', path, undefined, opt),
  post: <O>(path: string, body?: unknown, opt?: CallOptions) => json<O>('POST', path, body ?? {}, opt),
  put: <O>(path: string, body: unknown, opt?: CallOptions) => json<O>('PUT', path, body, opt),
  patch: <O>(path: string, body: unknown, opt?: CallOptions) => json<O>('PATCH', path, body, opt),
  del: <O = void>(path: string, opt?: CallOptions) => json<O>('DELETE', path, undefined, opt),
  /** Raw bytes up (photos, .xlsx), JSON back. Two minutes, a township line is slow. */
  raw: async <O>(method: 'PUT' | 'POST', path: string, body: Blob | ArrayBuffer, type: string, opt: CallOptions = {}): Promise<O> => {
    const res = await send(method, path, body, { timeout: 120_000, ...opt, headers: { Accept: 'application/json', 'Content-Type': type, ...opt.headers } })
    const text = await res.text()
    return (text ? JSON.parse(text) : undefined) as O
  },
}

/** The words to show for anything that was thrown. */
export function faultWords(e: unknown): string {
  if (e instanceof ApiError) return e.status >= 500 && e.requestId ? `${e.detail}（编号${e.requestId}）` : e.detail
  if (e instanceof NetworkError) return e.message
  return '页面出了错。已填的都还在，刷新后再试。'
}

/** True when the caller itself gave the call up. */
export function isAbort(e: unknown): boolean {
  return e instanceof DOMException && e.name === 'AbortError'
}
