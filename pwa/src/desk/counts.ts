import { reactive } from 'vue'
import { api } from '../api/client'
import type { LeadCounts, ProblemCounts } from '../api/types'
import { is } from './session'

// The figures in the head. Asked again after every deed; a failure leaves the last figure and says nothing,
// because the list below it says it.
export const counts = reactive<{ leads: LeadCounts | null; problems: ProblemCounts | null; looks: number }>({ leads: null, problems: null, looks: 0 })

export async function refreshCounts() {
  const jobs: Promise<unknown>[] = []
  if (is('county', 'leader', 'office')) jobs.push(api.get<LeadCounts>('/api/leads/counts').then((c) => (counts.leads = c)))
  if (is('county', 'leader', 'office', 'agency')) jobs.push(api.get<ProblemCounts>('/api/problems/counts').then((c) => (counts.problems = c)))
  if (is('county', 'leader', 'office')) jobs.push(api.get<{ total?: number }>('/api/vault/reveals?waiting=true').then((a) => (counts.looks = a.total ?? 0)))
  await Promise.allSettled(jobs)
}
