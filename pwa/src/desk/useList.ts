import { computed, onBeforeUnmount, reactive, ref, watch, type Ref } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { api, ApiError, faultWords, isAbort, NetworkError, query } from '../api/client'
import type { Page } from '../api/types'

export type Phase = 'loading' | 'ready' | 'failed'

/** What ListStates.vue needs to tell how a list or record stands. */
export interface LoadState {
  phase: Phase
  /** Loading longer than 300 ms: grey bars. */
  slow: boolean
  fault: string
  missing: boolean
  /** When what is shown was last good. */
  goodAt: number
  network: boolean
}

/** One cancellable call at a time, with the phases of look/README. Keeps the last good answer when a call fails. */
export function useLoad<T>(call: (signal: AbortSignal) => Promise<T>, onGood: (t: T) => void) {
  const state = reactive<LoadState>({ phase: 'loading', slow: false, fault: '', missing: false, goodAt: 0, network: false })
  let stop: AbortController | undefined
  let retry: ReturnType<typeof setTimeout> | undefined

  async function run(quiet = false): Promise<void> {
    stop?.abort()
    clearTimeout(retry)
    const mine = (stop = new AbortController())
    if (!quiet) state.phase = 'loading'
    const slow = setTimeout(() => (state.slow = !quiet), 300)
    try {
      const answer = await call(mine.signal)
      if (mine.signal.aborted) return
      onGood(answer)
      Object.assign(state, { phase: 'ready', fault: '', missing: false, goodAt: Date.now(), network: false })
    } catch (e) {
      if (mine.signal.aborted || isAbort(e)) return
      const missing = e instanceof ApiError && (e.status === 404 || e.status === 403)
      Object.assign(state, { phase: 'failed', fault: faultWords(e), missing, network: e instanceof NetworkError })
      if (e instanceof NetworkError) retry = setTimeout(() => void run(true), 15_000)
    } finally {
      clearTimeout(slow)
      if (stop === mine) state.slow = false
    }
  }
  function back() {
    // Coming back to the tab: what is older than a minute is asked for again, without a flicker.
    if (document.visibilityState === 'visible' && state.goodAt && Date.now() - state.goodAt > 60_000) void run(true)
  }
  function online() {
    if (state.network) void run(true)
  }
  window.addEventListener('online', online)
  document.addEventListener('visibilitychange', back)
  onBeforeUnmount(() => {
    stop?.abort()
    clearTimeout(retry)
    window.removeEventListener('online', online)
    document.removeEventListener('visibilitychange', back)
  })
  return { state, run }
}

export interface ListOptions {
  path: string
  /** Names of the filters that live in the address. */
  keys: readonly string[]
  /** Filters that are always sent. */
  fixed?: () => Record<string, string | undefined>
  /** Load only when this says so (a list that is not on this page). */
  when?: () => boolean
}

/** A keyset list: filters in the address, “再列” appends, count of shown and of all. */
export function useList<T>(o: ListOptions) {
  const route = useRoute()
  const router = useRouter()
  const items = ref([]) as Ref<T[]>
  const next = ref('')
  const total = ref<number | undefined>()
  let rowsOf = '' // the filters that the rows shown answer to
  const more = reactive({ busy: false, fault: '' })

  const filters = computed(() => Object.fromEntries(o.keys.map((k) => [k, typeof route.query[k] === 'string' ? (route.query[k] as string) : ''])))
  const params = computed(() => ({ ...filters.value, ...o.fixed?.() }))
  const { state, run } = useLoad<Page<T>>(
    (signal) => api.get<Page<T>>(o.path + query(params.value), { signal }),
    (page) => {
      items.value = page.items ?? []
      rowsOf = JSON.stringify(params.value)
      next.value = page.next ?? ''
      total.value = page.total ?? (page.next ? undefined : items.value.length)
      more.fault = ''
    },
  )
  // Rows of other filters must not stand under these: when the new ones could not be had, nothing is shown.
  watch(
    () => state.phase,
    (p) => {
      if (p !== 'failed' || rowsOf === JSON.stringify(params.value)) return
      items.value = []
      next.value = ''
    },
  )
  async function loadMore() {
    if (!next.value || more.busy) return
    Object.assign(more, { busy: true, fault: '' })
    const key = JSON.stringify(params.value)
    try {
      const page = await api.get<Page<T>>(o.path + query({ ...params.value, after: next.value }))
      if (key !== JSON.stringify(params.value)) return // the filters changed meanwhile
      items.value.push(...(page.items ?? []))
      next.value = page.next ?? ''
      if (!page.next) total.value = items.value.length
    } catch (e) {
      more.fault = faultWords(e)
    } finally {
      more.busy = false
    }
  }
  /** Changes filters in the address; an empty value takes the filter away. */
  function setFilter(change: Record<string, string | undefined>) {
    const q = { ...route.query, ...change }
    for (const k of Object.keys(q)) if (!q[k]) delete q[k]
    return router.replace({ query: q, params: route.params })
  }
  /** A filter out of a select or a field. */
  function pick(key: string, e: Event) {
    void setFilter({ [key]: (e.target as HTMLSelectElement | HTMLInputElement).value })
  }
  /** The filters in force with a change, for the links of tabs and rows. */
  function keep(change: Record<string, string> = {}): Record<string, string> {
    return Object.fromEntries(Object.entries({ ...filters.value, ...change }).filter(([, v]) => v)) as Record<string, string>
  }
  /** 已列出7件，共40件. `all` is the figure when the page knows it from elsewhere. */
  function shown(unit: string, all?: number): string {
    const n = items.value.length
    const of = total.value ?? (all !== undefined && all >= n ? all : undefined)
    return `已列出${n}${unit}，${of === undefined ? '后面还有' : `共${of}${unit}`}。`
  }
  const filtered = computed(() => o.keys.some((k) => filters.value[k]))
  watch(
    () => (o.when?.() ?? true ? JSON.stringify(params.value) : ''),
    (now, before) => {
      if (!now) return
      if (before !== undefined && now !== before) total.value = undefined
      void run()
    },
    { immediate: true },
  )
  return { items, next, total, filters, filtered, params, state, more, loadMore, shown, reload: () => run(true), retry: () => run(), setFilter, pick, keep }
}

/** One record by a path that follows the route. Empty path: nothing to load. */
export function useRecord<T>(path: () => string) {
  const record = ref(null) as Ref<T | null>
  const { state, run } = useLoad<T>((signal) => api.get<T>(path(), { signal }), (r) => (record.value = r))
  watch(
    path,
    (p) => {
      record.value = null
      if (p) void run()
    },
    { immediate: true },
  )
  return { record, state, reload: () => run(true), retry: () => run() }
}
