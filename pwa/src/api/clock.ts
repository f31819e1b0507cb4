// Time is the server's. The offset is learnt from Me.server_time, so that "today" on a desk with a wrong clock
// (or on a demo server with a set one) is still the office's today.
let offset = 0

export function learnServerTime(iso: string) {
  const t = Date.parse(iso)
  if (!Number.isNaN(t)) offset = t - Date.now()
}

export function serverNow(): Date {
  return new Date(Date.now() + offset)
}
