import { ref } from 'vue'
import { api, ApiError, faultWords } from '../../api/client'
import type { LeadDetail } from '../../api/types'
import { LEAD_STATE } from '../../words/common'

/** Sends a deed of a lead; on 409 reads the lead again and says what it has become. */
export function useLeadDeed(lead: () => LeadDetail, onFresh: (l: LeadDetail) => void) {
  const busy = ref(false)
  const fault = ref('')
  const faults = ref<Record<string, string>>({})

  async function send<O>(deed: string, body: Record<string, unknown>): Promise<O | undefined> {
    busy.value = true
    fault.value = ''
    faults.value = {}
    try {
      return await api.post<O>(`/api/leads/${lead().id}/${deed}`, { ...body, version: lead().version })
    } catch (e) {
      if (e instanceof ApiError) for (const f of e.errors) faults.value[f.field.replace(/^body\./, '')] = f.message
      const shown = Object.keys(faults.value).filter((k) => k in body)
      fault.value = shown.length ? '' : faultWords(e)
      if (e instanceof ApiError && e.status === 409) await whatChanged()
    } finally {
      busy.value = false
    }
  }
  async function whatChanged() {
    try {
      const fresh = await api.get<LeadDetail>(`/api/leads/${lead().id}`)
      if (fresh.state !== lead().state) fault.value += `现在是“${LEAD_STATE[fresh.state]?.word}”${fresh.problem_number ? `（${fresh.problem_number}）` : ''}。您写的还在，看过以后再办。`
      onFresh(fresh)
    } catch {
      // The words of the refusal stand.
    }
  }
  return { busy, fault, faults, send }
}
