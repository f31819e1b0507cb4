import { computed, reactive } from 'vue'
import { api, faultWords, query } from '../../api/client'
import type { Page } from '../../api/types'
import type { Account, OpenWork } from './types'

/** What is open in a person's name, and who may take it over: whoever leaves the post or the house hands it over first. */
export function useHandOver(account: () => Account) {
  const s = reactive({ work: null as OpenWork | null, people: [] as Account[], looked: '', successor: '', tried: false })
  const count = computed(() => (s.work ? s.work.visits.length + s.work.problems.length + s.work.complaints.length + s.work.drafts : 0))
  /** Nobody can take over what is there. */
  const stuck = computed(() => count.value > 0 && !s.people.length)
  const missing = computed(() => (s.tried && count.value && !s.successor ? '请选由谁接手。' : ''))

  async function colleagues(a: Account): Promise<Account[]> {
    const out: Account[] = []
    for (const role of a.role === 'supervisor' ? ['supervisor', 'office'] : [a.role]) {
      let after = ''
      do {
        const page = await api.get<Page<Account>>(`/api/accounts${query({ role, active: 'true', after })}`)
        out.push(...page.items)
        after = page.next
      } while (after)
    }
    return out.filter((p) => p.id !== a.id && p.office_id === a.office_id && p.agency_id === a.agency_id)
  }
  async function look() {
    Object.assign(s, { work: null, people: [], looked: '', successor: '', tried: false })
    const a = account()
    try {
      const [work, people] = await Promise.all([api.get<OpenWork>(`/api/accounts/${a.id}/open-work`), colleagues(a)])
      Object.assign(s, { work, people })
    } catch (e) {
      s.looked = faultWords(e)
    }
  }
  return { s, count, stuck, missing, look }
}
