import type { Router } from 'vue-router'
import type { ProblemDetail } from '../../api/types'
import { is } from '../session'

/** Where the origin record opens at the desk; '' where it has no page of its own. */
export function originPath(origin: string, id: string | null | undefined): string {
  if (!id) return ''
  if (origin === 'visit') return `/visits/${id}`
  if (origin === 'feedback') return `/feedback/${id}`
  if (origin === 'complaint') return `/complaints/${id}`
  return ''
}

/** The path when this desk has a page for it and this person may open it, '' otherwise: no link into nowhere. */
export function openable(router: Router, path: string): string {
  if (!path) return ''
  const to = router.resolve(path)
  return to.name && to.name !== 'nowhere' && (!to.meta.roles || is(...to.meta.roles)) ? path : ''
}

export function originLink(router: Router, p: ProblemDetail): string | undefined {
  const first = p.sources[0]
  if (!first) return undefined
  return openable(router, originPath(first.origin, first.origin_id)) || `/leads/${first.lead_id}`
}
