import type { RouteRecordRaw } from 'vue-router'

const DESK = ['county', 'leader', 'office'] as const

// What the public says. No supervisor and no agency has these pages, but for the agency's own sums.
export const voiceRoutes: RouteRecordRaw[] = [
  { path: '/feedback', name: 'feedback-list', component: () => import('./FeedbackDesk.vue'), meta: { roles: DESK, nav: { label: '反馈', order: 30 }, title: '满意度反馈' } },
  { path: '/feedback/paper', name: 'feedback-paper', component: () => import('./PaperForm.vue'), meta: { roles: ['office'], title: '补录纸质反馈表' } },
  { path: '/feedback/sums', name: 'feedback-sums', component: () => import('./SumsPage.vue'), meta: { roles: DESK, title: '满意度汇总' } },
  { path: '/feedback/codes', name: 'feedback-codes', component: () => import('./CodesPage.vue'), meta: { roles: DESK, title: '评价码' } },
  { path: '/feedback/walls', name: 'feedback-walls', component: () => import('./WallsPage.vue'), meta: { roles: DESK, title: '墙上码' } },
  { path: '/feedback/signals', name: 'feedback-signals', component: () => import('./SignalsPage.vue'), meta: { roles: ['county', 'leader'], title: '疑似代评' } },
  { path: '/feedback/:id', name: 'feedback', component: () => import('./FeedbackDesk.vue'), meta: { roles: DESK, title: '满意度反馈' } },
  { path: '/satisfaction', name: 'own-sums', component: () => import('./SumsPage.vue'), meta: { roles: ['agency'], nav: { label: '满意度', order: 30 }, title: '本单位的满意度' } },
]
