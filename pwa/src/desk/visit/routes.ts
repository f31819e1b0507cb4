import type { RouteRecordRaw } from 'vue-router'

const DESK = ['county', 'leader', 'office'] as const
const PLAN = ['county', 'office'] as const

export const visitRoutes: RouteRecordRaw[] = [
  { path: '/visits', name: 'visits', component: () => import('./VisitDesk.vue'), meta: { roles: DESK, nav: { label: '现场监督', order: 30 }, title: '现场监督' } },
  { path: '/visits/new', name: 'visit-new', component: () => import('./PlanPage.vue'), meta: { roles: PLAN, title: '计划一次监督' } },
  { path: '/visits/:id', name: 'visit', component: () => import('./VisitDesk.vue'), meta: { roles: DESK, title: '现场监督' } },
  { path: '/visits/:id/edit', name: 'visit-edit', component: () => import('./PlanPage.vue'), meta: { roles: PLAN, title: '改计划' } },
  { path: '/visits/phones', name: 'phones', component: () => import('../phone/PhonePage.vue'), meta: { roles: DESK, title: '手机里还有什么' } },
  // An administrator has the phones without the cases.
  { path: '/phones', name: 'devices', component: () => import('../phone/PhonePage.vue'), meta: { roles: ['admin'], nav: { label: '手机', order: 75 }, title: '手机' } },
  { path: '/visits/papers', name: 'papers', component: () => import('../paper/PapersPage.vue'), meta: { roles: PLAN, title: '纸质记录' } },
  { path: '/visits/papers/print', name: 'paper-blank', component: () => import('../paper/PaperPrint.vue'), meta: { roles: PLAN, title: '打印空白记录表' } },
  { path: '/visits/:id/paper', name: 'visit-paper', component: () => import('../paper/PaperPrint.vue'), meta: { roles: PLAN, title: '打印纸质记录表' } },
  { path: '/visits/findings', name: 'findings', component: () => import('./FindingPage.vue'), meta: { roles: DESK, title: '待决定的不符合项' } },
  { path: '/visits/conflicts', name: 'sheet-conflicts', component: () => import('./ConflictPage.vue'), meta: { roles: DESK, title: '内容不同的记录' } },
  // A lead names the visit it came from under this address.
  { path: '/sheets/:id', redirect: (to) => ({ name: 'visit', params: { id: to.params.id } }) },
]
