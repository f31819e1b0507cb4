import type { AccountDraft } from './AccountFields.vue'

/** lacks: what an account cannot do without, by field, all at once; the server would stop at the role. */
export function lacks(d: AccountDraft, username = '-'): Record<string, string> {
  const out: Record<string, string> = {}
  if (!username.trim()) out.username = '写明登录用的账号'
  if (!d.name.trim()) out.name = '写明姓名'
  if (!d.role) out.role = '选一个岗位'
  if ((d.role === 'office' || d.role === 'supervisor') && !d.office_id) out.office_id = '选一个司法所'
  if (d.role === 'agency' && !d.agency_id) out.agency_id = '选一个执法单位'
  return out
}
