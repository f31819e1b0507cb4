import type { ProblemDetail } from '../../api/types'

/** Where the origin record opens at the desk; '' where it has no page of its own. */
export function originPath(origin: string, id: string | null | undefined): string {
  if (!id) return ''
  if (origin === 'visit') return `/sheets/${id}`
  if (origin === 'feedback') return `/feedback/${id}`
  if (origin === 'complaint') return `/complaints/${id}`
  return ''
}
export function originLink(p: ProblemDetail): string | undefined {
  const first = p.sources[0]
  if (!first) return undefined
  return originPath(first.origin, first.origin_id) || `/leads/${first.lead_id}`
}
