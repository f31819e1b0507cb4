// The wire of internal/deadline/http.go.
export interface Rule {
  code: string
  effective_from: string
  event: string
  value: number
  unit: 'wd' | 'd'
  basis: string
  strength: string
  statutory: boolean
  version: number
  reason: string
}
/** A day that is not what its weekday says. */
export interface Exception {
  day: string
  working: boolean
  name: string
}
export interface CalendarYear {
  year: number
  source: string
  version: number
  days: Exception[]
}
