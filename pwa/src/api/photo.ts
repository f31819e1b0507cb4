import { api } from './client'

export interface PhotoAnswer {
  sha256: string
  size: number
  media_type: string
}

/** SHA-256 in hex. WebCrypto needs https or localhost; elsewhere the bundled one of src/offline is passed in. */
export async function sha256Hex(bytes: ArrayBuffer): Promise<string> {
  if (!globalThis.crypto?.subtle) {
    throw new Error('这个页面没有用https打开，浏览器不能核对照片。请用https地址打开。')
  }
  const d = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(d, (b) => b.toString(16).padStart(2, '0')).join('')
}

/** Hash in the browser, upload under that name. Sending the same file again is harmless. */
export async function uploadPhoto(file: File, signal?: AbortSignal): Promise<PhotoAnswer> {
  const bytes = await file.arrayBuffer()
  const sha = await sha256Hex(bytes)
  return api.raw<PhotoAnswer>('PUT', `/api/photos/${sha}`, bytes, file.type || 'application/octet-stream', { signal })
}

export function photoURL(sha256: string, size: 'thumb' | 'view' | 'original'): string {
  return `/api/photos/${sha256}?size=${size}`
}
