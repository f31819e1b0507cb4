import { computed, reactive, toRefs, watch, type Ref } from 'vue'
import { api, ApiError, faultWords } from '../../api/client'
import type { DeedOffer } from '../../api/types'
import { toast } from '../../ui/toast'
import type { DeedWords, FieldSpec } from '../../words/desk'
import { bodyOf, faultsOf, type Draft } from './deeds'
import { dropDraft } from './drafts'

/** What somebody else did meanwhile, as the form tells it. */
interface Change { past: string; state?: string; at: string; who?: string }
interface Form<R> {
  path: string
  record: () => R
  deed: Ref<string>
  words: Ref<DeedWords>
  fields: Ref<FieldSpec[]>
  draft: Draft
  asks: () => boolean // whether the person ticks that she has looked
  waits: string // said while files are under way
  changes: (fresh: R) => Change[]
  done: (answer: R) => void
  fresh: (record: R) => void
  busy: (on: boolean) => void
}

/** The form of one deed. Sends with the version it was opened on; when somebody was quicker (409) it shows what changed,
 * keeps what was typed, and lets the person decide again. */
export function useDeed<R extends { id: string; number: string; version: number; deeds: readonly DeedOffer[] }>({ path, record, deed, words, fields, draft, ...on }: Form<R>) {
  const form = reactive({ faults: {} as Record<string, string>, loose: '', changes: [] as Change[], gone: false, busy: false, sure: false, uploading: false })
  const cannot = computed(() => (form.uploading ? on.waits : on.asks() && !form.sure ? '先勾选上面这一条' : ''))
  watch(() => form.busy, on.busy, { flush: 'sync' }) // at once: the window goes with the deed
  // A fault goes away as soon as it is put right.
  watch(draft, () => {
    const now = faultsOf(fields.value, draft)
    form.faults = Object.fromEntries(Object.keys(form.faults).filter((k) => now[k]).map((k) => [k, now[k]!]))
  })
  async function send() {
    Object.assign(form, { faults: faultsOf(fields.value, draft), loose: '' })
    if (Object.keys(form.faults).length || cannot.value) return
    form.busy = true
    const { id, number, version } = record()
    try {
      const answer = await api.post<R>(`${path}/${id}/${deed.value}`, bodyOf(fields.value, draft, version))
      dropDraft(id, deed.value)
      toast(`${number} ${words.value.done}`)
      on.done(answer)
    } catch (e) {
      await refused(e)
    } finally {
      form.busy = false
    }
  }
  async function refused(e: unknown) {
    if (e instanceof ApiError) for (const { name } of fields.value) if (e.field(name)) form.faults[name] = e.field(name)
    if (Object.keys(form.faults).length) return
    form.loose = faultWords(e)
    if (!(e instanceof ApiError) || e.status !== 409) return
    try {
      const fresh = await api.get<R>(`${path}/${record().id}`)
      form.changes = on.changes(fresh)
      form.gone = !fresh.deeds.some((d) => d.deed === deed.value)
      on.fresh(fresh)
    } catch {
      // The words of the refusal stand; the record could not be read again.
    }
  }
  return reactive({ ...toRefs(form), cannot, send })
}
