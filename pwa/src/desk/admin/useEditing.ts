import { ref, type Ref } from 'vue'
import { toast } from '../../ui/toast'

/** The window in which one row of a list is written: open on it or on a new one, say what was done, read the list again. */
export function useEditing<T>(reload: () => Promise<void>) {
  const editing = ref(null) as Ref<T | null>
  const open = ref(false)
  function edit(row: T | null) {
    editing.value = row
    open.value = true
  }
  async function saved(words: string) {
    open.value = false
    if (words) toast(words)
    await reload()
  }
  return { editing, open, edit, saved }
}
