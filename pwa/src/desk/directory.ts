import { ref } from 'vue'
import { api } from '../api/client'
import type { DirectoryAnswer } from '../api/types'

// Offices and agencies for the selects: asked once per page load, and again when a page says so.
export const directory = ref<DirectoryAnswer | null>(null)
let asked: Promise<void> | undefined

export function loadDirectory(fresh = false): Promise<void> {
  if (!asked || fresh) {
    asked = api.get<DirectoryAnswer>('/api/directory').then(
      (d) => void (directory.value = d),
      (e) => {
        asked = undefined
        throw e
      },
    )
  }
  return asked
}
