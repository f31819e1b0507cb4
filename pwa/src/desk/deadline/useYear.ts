import { computed, ref, watch, type Ref } from 'vue'
import { api, ApiError } from '../../api/client'
import { useLoad } from '../useList'
import type { CalendarYear } from './types'

/** A year of the calendar. A year nobody wrote yet is an answer of its own, not a failure. */
export function useYear(year: () => number) {
  const record = ref(null) as Ref<CalendarYear | null>
  const missing = ref(false)
  const { state, run } = useLoad<CalendarYear | null>(
    async (signal) => {
      try {
        return await api.get<CalendarYear>(`/api/deadlines/calendar/${year()}`, { signal })
      } catch (e) {
        if (e instanceof ApiError && e.code === 'no_calendar') return null
        throw e
      }
    },
    (y) => {
      record.value = y
      missing.value = !y
    },
  )
  watch(
    year,
    () => {
      record.value = null
      missing.value = false
      void run()
    },
    { immediate: true },
  )
  return { record, missing, state, known: computed(() => !!record.value || missing.value), reload: () => run(true), retry: () => run() }
}
