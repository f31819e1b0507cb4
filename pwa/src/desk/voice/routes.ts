import type { RouteRecordRaw } from 'vue-router'

export const voiceRoutes: RouteRecordRaw[] = []
