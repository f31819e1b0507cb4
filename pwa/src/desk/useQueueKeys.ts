import { nextTick, watch, type Ref } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { useKeys } from './keys'
import type { LoadState } from './useList'

interface Listed {
  items: Ref<{ id: string }[]>
  next: Ref<string>
  state: LoadState
  loadMore: () => Promise<void>
}

/** j and k walk a queue whose records live at route `name`; on a wide screen the first record opens by itself. */
export function useQueueKeys(list: Listed, name: string, id: Ref<string>) {
  const route = useRoute()
  const router = useRouter()
  // Which version of a record is looked at belongs to that record alone.
  const open = (to: string) => void router.replace({ name, params: { id: to }, query: { ...route.query, sheet: undefined } })
  watch(
    () => [list.items.value, id.value, list.state.phase] as const,
    ([items, at, phase]) => {
      if (!at && phase === 'ready' && items.length && window.matchMedia('(min-width: 43.75em)').matches) open(items[0]!.id)
    },
  )
  function step(n: number) {
    const items = list.items.value
    if (!items.length) return
    const i = items.findIndex((r) => r.id === id.value)
    const to = items[Math.max(0, Math.min(items.length - 1, i < 0 ? 0 : i + n))]!
    open(to.id)
    void nextTick(() => document.querySelector(`[data-row="${to.id}"]`)?.scrollIntoView({ block: 'nearest' }))
    if (i >= items.length - 3 && list.next.value) void list.loadMore()
  }
  useKeys({
    j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1),
    d: () => document.querySelector<HTMLElement>('#deeds button:not([disabled]), #deeds a.btn')?.focus(),
  })
}
