import { onBeforeUnmount, reactive, ref, watch } from 'vue'
import { api, ApiError, faultWords, NetworkError } from '../../api/client'
import { draftOf, started } from './calls'
import type { CallForm, DraftItem } from './types'

// A call is saved on the server at every pause, sealed there for its writer alone: nothing of a caller stays on this machine.
const PAUSE = 800

export function useDraft(id: () => string, form: CallForm) {
  const status = reactive({ savedAt: 0, fault: '', dirty: false, busy: false })
  const drafts = ref<DraftItem[]>([])
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopped = false

  watch(form, () => {
    if (stopped) return
    status.dirty = started(form)
    clearTimeout(timer)
    if (status.dirty) timer = setTimeout(() => void save(), PAUSE)
  })
  async function save(): Promise<void> {
    clearTimeout(timer)
    if (!status.dirty || status.busy || stopped) return
    status.busy = true
    const sent = JSON.stringify(draftOf(form))
    try {
      await api.put(`/api/complaints/drafts/${id()}`, { form: JSON.parse(sent) as unknown })
      status.savedAt = Date.now()
      status.fault = ''
      status.dirty = sent !== JSON.stringify(draftOf(form))
    } catch (e) {
      status.fault = e instanceof NetworkError ? '没有连上服务器，草稿还没存上。字都在这一页，连上后自动再存。' : faultWords(e)
      if (!(e instanceof ApiError) || e.status >= 500) timer = setTimeout(() => void save(), 5_000)
    } finally {
      status.busy = false
      if (status.dirty && !status.fault) timer = setTimeout(() => void save(), PAUSE)
    }
  }
  async function list() {
    try {
      drafts.value = (await api.get<{ items: DraftItem[] }>('/api/complaints/drafts')).items
    } catch {
      // The form works without the list of what was begun before.
    }
  }
  async function open(draft: string): Promise<boolean> {
    try {
      const d = await api.get<{ form?: Partial<CallForm>; saved_at: string }>(`/api/complaints/drafts/${draft}`)
      stopped = true
      Object.assign(form, d.form)
      status.savedAt = Date.parse(d.saved_at)
      await Promise.resolve()
      status.dirty = false
      stopped = false
      return true
    } catch (e) {
      status.fault = e instanceof ApiError && e.status === 404 ? '' : faultWords(e)
      return false
    }
  }
  async function drop(draft: string) {
    await api.del(`/api/complaints/drafts/${draft}`)
    drafts.value = drafts.value.filter((d) => d.id !== draft)
  }
  /** After the complaint is filed: the server has taken the draft away with it. */
  function end() {
    clearTimeout(timer)
    Object.assign(status, { dirty: false, savedAt: 0, fault: '' })
  }
  onBeforeUnmount(() => {
    void save()
    clearTimeout(timer)
    stopped = true
  })
  return { status, drafts, save, list, open, drop, end }
}
