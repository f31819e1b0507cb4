import { ref } from 'vue'

// One toast at a time: a deed done, with 撤回 where the deed can be taken back. Never the only place of an error.
export interface ToastNote {
  text: string
  undo?: () => void | Promise<void>
  undoLabel?: string
}
export const toastNote = ref<ToastNote | null>(null)
let timer: ReturnType<typeof setTimeout> | undefined

export function toast(text: string, undo?: ToastNote['undo'], undoLabel?: string) {
  clearTimeout(timer)
  toastNote.value = { text, undo, undoLabel }
  timer = setTimeout(dropToast, undo ? 12_000 : 6_000)
}
export function holdToast() {
  clearTimeout(timer) // while the pointer or the focus is on it
}
export function dropToast() {
  clearTimeout(timer)
  toastNote.value = null
}
