import { api } from './client'

export interface PhotoAnswer {
  sha256: string
  size: number
  media_type: string
}

/** SHA-256 in hex. WebCrypto exists only on https and localhost; elsewhere the bundled one is loaded. */
export async function sha256Hex(bytes: ArrayBuffer): Promise<string> {
  const sum = globalThis.crypto?.subtle
    ? new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
    : (await import('@noble/hashes/sha256')).sha256(new Uint8Array(bytes))
  return Array.from(sum, (b) => b.toString(16).padStart(2, '0')).join('')
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
