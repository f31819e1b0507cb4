import { computed, ref } from 'vue'
import { api, ApiError } from '../api/client'
import { learnServerTime, serverNow } from '../api/clock'
import type { Me, Role } from '../api/types'
import { dayOf } from '../ui/when'

// Who sits at the desk. One per page load; the cookie itself is never seen by the script.
export const me = ref<Me | null>(null)
const known = ref(false)

function take(m: Me) {
  learnServerTime(m.server_time)
  me.value = m
  known.value = true
  tick()
}

/** Asks the server once; null when nobody is signed in. */
export async function loadMe(): Promise<Me | null> {
  if (known.value) return me.value
  try {
    take(await api.get<Me>('/api/session'))
  } catch (e) {
    if (!(e instanceof ApiError) || e.status !== 401) throw e
    forget()
  }
  return me.value
}

export async function refreshMe() {
  take(await api.get<Me>('/api/session'))
}

export async function signIn(username: string, password: string, code?: string) {
  take(await api.post<Me>('/api/session', { username, password, ...(code ? { code } : {}) }))
}

// What pages keep for the person signed in goes when she does.
const leaving = new Set<() => void>()
export function onLeave(f: () => void) {
  leaving.add(f)
}

export async function signOut() {
  await api.del('/api/session')
  for (const f of leaving) f()
  forget()
}

export function forget() {
  me.value = null
  known.value = true
}

export function is(...roles: Role[]): boolean {
  return !!me.value && roles.includes(me.value.role)
}

/** Must the person do something about the account before anything else? */
export const due = computed<'' | 'password' | 'totp'>(() => {
  if (me.value?.must_change) return 'password'
  if (me.value?.totp.demanded && !me.value.totp.enabled) return 'totp'
  return ''
})

// The office's today moves on at midnight also on a page that stays open.
const now = ref(serverNow())
function tick() {
  now.value = serverNow()
}
if (typeof window !== 'undefined') window.setInterval(tick, 60_000)
export const today = computed(() => dayOf(now.value))
export const nowRef = now
