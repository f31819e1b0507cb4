import { sha256 } from '../offline/ids'
import { api } from './client'

export interface PhotoAnswer {
  sha256: string
  size: number
  media_type: string
}

/** Hash in the browser, upload under that name. Sending the same file again is harmless. */
export async function uploadPhoto(file: File, signal?: AbortSignal): Promise<PhotoAnswer> {
  const bytes = await file.arrayBuffer()
  const sha = await sha256(bytes)
  return api.raw<PhotoAnswer>('PUT', `/api/photos/${sha}`, bytes, file.type || 'application/octet-stream', { signal })
}

export function photoURL(sha256: string, size: 'thumb' | 'view' | 'original'): string {
  return `/api/photos/${sha256}?size=${size}`
}
