import { ref, watch } from 'vue'
import { clockText } from '../../ui/when'
import { me } from '../session'
import type { Draft } from './deeds'

// Texts typed into a long form, kept in this browser for the person signed in, until sent or signed out.
const PREFIX = 'suixing.draft.'

function keyOf(name: string): string {
  return `${PREFIX}${me.value?.id ?? ''}.${name}`
}

export function useSaved(name: () => string, draft: Draft) {
  const savedAt = ref('')
  const key = name() && keyOf(name())
  let timer: ReturnType<typeof setTimeout> | undefined
  if (key) {
    try {
      const old = JSON.parse(localStorage.getItem(key) ?? '{}') as Draft
      for (const [k, v] of Object.entries(old)) if (k in draft && !draft[k]?.toString()) draft[k] = v
    } catch {
      // Unreadable or forbidden storage: the form simply starts empty.
    }
    watch(draft, () => {
      clearTimeout(timer)
      timer = setTimeout(save, 600)
    })
  }
  function save() {
    try {
      localStorage.setItem(key, JSON.stringify(draft))
      savedAt.value = clockText(Date.now())
    } catch {
      savedAt.value = '' // a full or forbidden storage promises nothing
    }
  }
  function drop() {
    clearTimeout(timer)
    if (key) localStorage.removeItem(key)
    savedAt.value = ''
  }
  return { savedAt, drop }
}

/** On signing out: nothing of what was typed stays on a shared machine. */
export function dropAllSaved() {
  for (const k of Object.keys(localStorage)) if (k.startsWith(PREFIX)) localStorage.removeItem(k)
}
