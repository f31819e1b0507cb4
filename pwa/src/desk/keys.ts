import { onBeforeUnmount, onMounted } from 'vue'

type Deeds = Record<string, (e: KeyboardEvent) => void>

/** Is the person typing? Then single keys are letters, not orders. */
function typing(t: EventTarget | null): boolean {
  const el = t as HTMLElement | null
  return !!el && (el.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName))
}

/** Single-key orders of a page: never while typing, never with Ctrl, Alt or Meta, never under an open dialog. */
export function useKeys(deeds: Deeds) {
  function press(e: KeyboardEvent) {
    if (e.defaultPrevented || e.ctrlKey || e.altKey || e.metaKey || typing(e.target) || document.querySelector('dialog[open]')) return
    const deed = deeds[e.key]
    if (!deed) return
    e.preventDefault()
    deed(e)
  }
  onMounted(() => window.addEventListener('keydown', press))
  onBeforeUnmount(() => window.removeEventListener('keydown', press))
}
