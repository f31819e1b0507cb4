import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import './meta'
import { adminRoutes } from './admin/routes'
import { callbackRoutes } from './callback/routes'
import { complaintRoutes } from './complaint/routes'
import { deadlineRoutes } from './deadline/routes'
import { due, is, loadMe, me } from './session'
import { visitRoutes } from './visit/routes'
import { voiceRoutes } from './voice/routes'

const DESK = ['county', 'leader', 'office'] as const
const own: RouteRecordRaw[] = [
  { path: '/', name: 'home', component: () => import('./Home.vue') },
  { path: '/login', name: 'login', component: () => import('./account/Login.vue'), meta: { open: true, title: '登录' } },
  { path: '/me', name: 'me', component: () => import('./account/MePage.vue'), meta: { title: '我的账号' } },
  { path: '/leads', name: 'leads', component: () => import('./lead/LeadDesk.vue'), meta: { roles: DESK, nav: { label: '线索', order: 10, count: 'leads' }, title: '线索' } },
  { path: '/leads/new', name: 'lead-new', component: () => import('./lead/LeadNew.vue'), meta: { roles: ['county', 'office'], title: '登记线索' } },
  { path: '/leads/:id', name: 'lead', component: () => import('./lead/LeadDesk.vue'), meta: { roles: DESK, title: '线索分流' } },
  { path: '/problems', name: 'problems', component: () => import('./problem/ProblemDesk.vue'), meta: { roles: DESK, nav: { label: '问题', order: 20, count: 'problems' }, title: '问题' } },
  { path: '/problems/:id', name: 'problem', component: () => import('./problem/ProblemDesk.vue'), meta: { roles: DESK, title: '问题' } },
  { path: '/problems/:id/full', name: 'problem-full', component: () => import('./problem/ProblemFull.vue'), meta: { roles: DESK, title: '问题' } },
  { path: '/register', name: 'register', component: () => import('./problem/RegisterPage.vue'), meta: { roles: DESK, nav: { label: '台账', order: 60 }, title: '问题台账' } },
  { path: '/looks', name: 'looks', component: () => import('./looks/LooksPage.vue'), meta: { roles: DESK, nav: { label: '身份查看', order: 95 }, title: '谁查看了身份' } },
  { path: '/orders', name: 'orders', component: () => import('./agency/OrderList.vue'), meta: { roles: ['agency'], nav: { label: '整改事项', order: 10 }, title: '整改事项' } },
  { path: '/orders/:id', name: 'order', component: () => import('./agency/OrderPage.vue'), meta: { roles: ['agency'], title: '整改事项' } },
]

export const router = createRouter({
  history: createWebHistory('/desk/'),
  routes: [...own, ...adminRoutes, ...visitRoutes, ...callbackRoutes, ...voiceRoutes, ...complaintRoutes, ...deadlineRoutes, { path: '/:any(.*)*', name: 'nowhere', component: () => import('./Nowhere.vue') }],
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? undefined : { top: 0 }),
})

router.beforeEach(async (to) => {
  if (to.meta.open) return true
  if (!(await loadMe())) return { name: 'login', query: to.fullPath === '/' ? {} : { to: to.fullPath } }
  if (due.value && to.name !== 'login') return { name: 'login', query: { to: to.fullPath } }
  // What a role may not see looks like what does not exist.
  if (to.meta.roles && !is(...to.meta.roles)) return { name: 'nowhere', params: { any: to.path.slice(1).split('/') }, replace: true }
  return true
})
router.afterEach((to) => {
  if (to.meta.title) document.title = `${to.meta.title} · 随行`
})

/** The pages of the head for the person signed in, in order. */
export function navFor() {
  return router
    .getRoutes()
    .filter((r) => r.meta.nav && me.value && (!r.meta.roles || r.meta.roles.includes(me.value.role)))
    .sort((a, b) => a.meta.nav!.order - b.meta.nav!.order)
}
