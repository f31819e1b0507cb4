import type { Item, Visit } from '../visit/types'

// What a sheet of paper is printed from, and where a photo of one went.
export interface PaperPage {
  id: string
  number: string
  qr_png: string
  blank: boolean
  office_name: string
  made_at: string
  made_by: string
  visit_id: string | null
  photos: number
  visit?: Visit
  items?: Item[]
  quick?: string[]
}
export interface PaperAnswer {
  sha256: string
  paper_id: string | null
  paper_number: string
  visit_id: string | null
  visit_number: string
}
