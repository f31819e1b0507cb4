import { onBeforeUnmount, onMounted, useTemplateRef, watch } from 'vue'
import { useRoute } from 'vue-router'

/** A menu out of <details ref="menu">: it shuts on a click elsewhere and when a page is opened; the page binds Esc to it. */
export function useShutting(): () => void {
  const menu = useTemplateRef<HTMLDetailsElement>('menu')
  const route = useRoute()
  function shut() {
    if (menu.value) menu.value.open = false
  }
  function elsewhere(e: Event) {
    if (!menu.value?.contains(e.target as Node)) shut()
  }
  onMounted(() => document.addEventListener('pointerdown', elsewhere))
  onBeforeUnmount(() => document.removeEventListener('pointerdown', elsewhere))
  watch(() => route.fullPath, shut)
  return shut
}
