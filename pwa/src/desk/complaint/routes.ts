import type { RouteRecordRaw } from 'vue-router'

const CALLS = ['county', 'leader', 'office', 'hotline'] as const

export const complaintRoutes: RouteRecordRaw[] = [
  { path: '/complaints', name: 'complaints', component: () => import('./ComplaintDesk.vue'), meta: { roles: CALLS, nav: { label: '投诉', order: 40 }, title: '投诉举报' } },
  { path: '/complaints/new', name: 'complaint-new', component: () => import('./HotlinePage.vue'), meta: { roles: ['county', 'office', 'hotline'], title: '登记投诉举报' } },
  { path: '/complaints/import', name: 'complaint-import', component: () => import('./ImportPage.vue'), meta: { roles: ['county', 'hotline'], title: '导入12345工单' } },
  { path: '/complaints/:id', name: 'complaint', component: () => import('./ComplaintDesk.vue'), meta: { roles: CALLS, title: '投诉举报' } },
]
