import type { RouteRecordRaw } from 'vue-router'

const DESK = ['county', 'leader', 'office'] as const
// An agency opens the rules from the sum of its own deadline; it has no entry in the head.
const READ = ['county', 'leader', 'office', 'agency'] as const

export const deadlineRoutes: RouteRecordRaw[] = [
  { path: '/deadlines', name: 'deadlines', redirect: { name: 'rules' }, meta: { roles: DESK, nav: { label: '期限', order: 65 } } },
  { path: '/deadlines/rules', name: 'rules', component: () => import('./RulesPage.vue'), meta: { roles: READ, title: '期限规则' } },
  { path: '/deadlines/calendar/:year(\\d{4})?', name: 'calendar', component: () => import('./CalendarPage.vue'), meta: { roles: READ, title: '工作日历' } },
  { path: '/deadlines/calendar/:year(\\d{4})/edit', name: 'calendar-edit', component: () => import('./YearEdit.vue'), meta: { roles: ['county'], title: '录入工作日历' } },
]
