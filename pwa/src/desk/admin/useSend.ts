import { computed, reactive } from 'vue'
import { ApiError, faultWords } from '../../api/client'

/** One deed of a form: busy while it runs, its fault by field and in one line. What was typed stays. */
export function useSend(fields: readonly string[] = []) {
  const s = reactive({ busy: false, fault: null as unknown })
  const stale = computed(() => s.fault instanceof ApiError && s.fault.code === 'stale')
  function error(name: string): string {
    return s.fault instanceof ApiError ? s.fault.field(name) : ''
  }
  /** What no field shows. */
  const loose = computed(() => (s.fault && !fields.some((f) => error(f)) ? faultWords(s.fault) : ''))
  async function send<T>(deed: () => Promise<T>): Promise<T | undefined> {
    if (s.busy) return undefined
    Object.assign(s, { busy: true, fault: null })
    try {
      return await deed()
    } catch (e) {
      s.fault = e
      return undefined
    } finally {
      s.busy = false
    }
  }
  return { s, stale, loose, error, send, clear: () => (s.fault = null) }
}
