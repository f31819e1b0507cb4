import type { RouteRecordRaw } from 'vue-router'
import { rolesOf } from './sections'

export const adminRoutes: RouteRecordRaw[] = [
  { path: '/accounts', name: 'accounts', component: () => import('./AccountList.vue'), meta: { roles: rolesOf('accounts'), nav: { label: '账号', order: 70 }, title: '账号' } },
  { path: '/accounts/new', name: 'account-new', component: () => import('./AccountNew.vue'), meta: { roles: ['admin'], title: '新建账号' } },
  { path: '/accounts/:id', name: 'account', component: () => import('./AccountPage.vue'), meta: { roles: ['admin'], title: '账号' } },
  { path: '/directory', name: 'places', component: () => import('./Places.vue'), meta: { roles: rolesOf('places'), nav: { label: '名册', order: 80 }, title: '司法所和执法单位' } },
  { path: '/directory/officers', name: 'officers', component: () => import('./OfficerList.vue'), meta: { roles: rolesOf('officers'), title: '执法人员' } },
  { path: '/directory/businesses', name: 'businesses', component: () => import('./BusinessList.vue'), meta: { roles: rolesOf('businesses'), title: '经营主体' } },
  { path: '/directory/import/officers', name: 'import-officers', component: () => import('./ImportPage.vue'), props: { kind: 'officers' }, meta: { roles: ['admin', 'county'], title: '导入执法人员' } },
  { path: '/directory/import/businesses', name: 'import-businesses', component: () => import('./ImportPage.vue'), props: { kind: 'businesses' }, meta: { roles: ['admin', 'county', 'office'], title: '导入经营主体' } },
  { path: '/directory/security', name: 'security', component: () => import('./SecurityPage.vue'), meta: { roles: rolesOf('security'), title: '登录安全' } },
  { path: '/directory/outer-keys', name: 'outer-keys', component: () => import('./OuterKeysPage.vue'), meta: { roles: rolesOf('outer-keys'), title: '12345密钥' } },
  { path: '/directory/vault-keys', name: 'vault-keys', component: () => import('./VaultKeysPage.vue'), meta: { roles: rolesOf('vault-keys'), title: '身份信息的密钥' } },
  { path: '/our-officers', name: 'our-officers', component: () => import('./OfficerList.vue'), meta: { roles: ['agency'], nav: { label: '执法人员', order: 50 }, title: '本单位执法人员' } },
  { path: '/trail', name: 'trail', component: () => import('./TrailPage.vue'), meta: { roles: ['auditor'], nav: { label: '留痕', order: 10 }, title: '留痕' } },
]
