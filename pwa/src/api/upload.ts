import { ApiError, NetworkError, type FieldFault } from './client'

/** One file up with its progress told (fetch cannot tell it). Faults as everywhere: ApiError or NetworkError. */
export function sendFile<O>(path: string, file: Blob, onProgress: (share: number) => void): Promise<O> {
  return new Promise((ok, no) => {
    const x = new XMLHttpRequest()
    x.open('POST', path)
    x.timeout = 180_000
    x.setRequestHeader('Accept', 'application/json')
    x.setRequestHeader('Content-Type', file.type || 'application/octet-stream')
    x.upload.onprogress = (e) => e.lengthComputable && onProgress(e.loaded / e.total)
    x.onerror = () => no(new NetworkError(false))
    x.ontimeout = () => no(new NetworkError(true))
    x.onload = () => {
      let body: Record<string, unknown> = {}
      try {
        body = JSON.parse(x.responseText || '{}') as Record<string, unknown>
      } catch {
        // A proxy answered, not we.
      }
      if (x.status >= 200 && x.status < 300) return ok(body as O)
      if ([502, 503, 504].includes(x.status) && !body.code) return no(new NetworkError(false))
      no(new ApiError(x.status, String(body.code ?? ''), String(body.detail ?? `服务器没有收下（${x.status}）。照片还在这台电脑上，稍等再试。`), (body.errors as FieldFault[] | undefined) ?? [], String(body.request_id ?? '')))
    }
    x.send(file)
  })
}
