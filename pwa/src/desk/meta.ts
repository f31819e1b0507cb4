import 'vue-router'
import type { Role } from '../api/types'

// What a route says about itself. The shell builds its navigation out of this: a page appears in the head
// when `nav` is set and the role is one of `roles` (no roles: everyone signed in).
export interface Nav {
  label: string
  order: number
  /** Key of the figure beside the label, see counts.ts. */
  count?: 'leads' | 'problems'
}
declare module 'vue-router' {
  interface RouteMeta {
    roles?: readonly Role[]
    nav?: Nav
    /** Title of the page, shown as “title · 随行”. */
    title?: string
    /** Open without being signed in. */
    open?: boolean
  }
}
