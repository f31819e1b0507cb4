import type { Role } from '../../api/types'

/** The pages of people and places, as one strip. Each role sees those it may open. */
export const SECTIONS: readonly { name: string; label: string; roles: readonly Role[] }[] = [
  { name: 'accounts', label: '账号', roles: ['admin'] },
  { name: 'places', label: '司法所和执法单位', roles: ['admin', 'county', 'leader', 'office', 'hotline', 'auditor'] },
  { name: 'officers', label: '执法人员', roles: ['admin', 'county', 'leader', 'office', 'hotline', 'auditor'] },
  { name: 'businesses', label: '经营主体', roles: ['admin', 'county', 'leader', 'office', 'hotline', 'auditor'] },
  { name: 'security', label: '登录安全', roles: ['admin', 'county'] },
  { name: 'outer-keys', label: '12345密钥', roles: ['admin'] },
  { name: 'vault-keys', label: '身份密钥', roles: ['admin', 'auditor'] },
]
export const rolesOf = (name: string): readonly Role[] => SECTIONS.find((s) => s.name === name)!.roles
