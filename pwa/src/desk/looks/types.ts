/** One time that somebody looked at who spoke. It tells who looked, when and why, never what was seen. */
export interface Look {
  id: string
  case_kind: 'feedback' | 'complaint'
  case_id: string
  /** Of the complaint; empty for feedback. */
  number: string
  by: string
  role: 'office' | 'county'
  reason: string
  at: string
  approved_by: string
  /** Empty: nobody has confirmed yet. */
  read_by: string
  read_at: string | null
  mine: boolean
  /** Waits for one's own 已阅. */
  may_read: boolean
}
