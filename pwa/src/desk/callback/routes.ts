import type { RouteRecordRaw } from 'vue-router'

// The county's alone: who could read what is drawn could behave for it.
export const callbackRoutes: RouteRecordRaw[] = [
  { path: '/feedback/callbacks', name: 'callbacks', component: () => import('./CallbackDesk.vue'), meta: { roles: ['county'], title: '随机回访' } },
  { path: '/feedback/callbacks/figures', name: 'callback-figures', component: () => import('./CallbackFigures.vue'), meta: { roles: ['county'], title: '随机回访汇总' } },
  { path: '/feedback/callbacks/:id', name: 'callback', component: () => import('./CallbackDesk.vue'), meta: { roles: ['county'], title: '随机回访' } },
]
