// What the phone keeps and what it sends. Names on the wire are the server's (snake_case); the shapes here are
// the same words, so that a sealed sheet is the draft with everything the server does not need left out.

export type Verdict = "yes" | "no" | "na" | "unseen";
export type Severity = "redline" | "general" | "minor";
export type Overall = "standard" | "mostly" | "poor";
export type Mode = "full" | "quick";
export type Stance = "accept" | "object" | "refused";
export type Standing = "valid" | "expired" | "unknown" | "suspended";
export type Source = "camera" | "album" | "signature";

export interface Place { lat: number; lng: number; accuracy: number; datum: string; at: string }
export interface PhotoMeta { sha256: string; size: number; type: string; source: Source; /** The phone's clock when it was taken, or taken in from the album. */ taken_at: string;
  /** What a picture from the album says of itself: a hint, and no more. */ exif_at?: string; place: Place | null }
export interface Business { name: string; uscc: string; address: string; kind: string }

export interface Answer { code: string; result: Verdict; note: string; no_photo_reason: string; photos: string[]; corrected: boolean; at: string }
export interface Observation { id: string; text: string; photos: string[]; at: string }
export interface OfficerSeen { id?: string; name: string; credential_number: string; standing: Standing; valid_to?: string }
export interface OfficerSign { name: string; credential_number: string; stance: Stance | ""; text: string; signature: string }
export interface SupervisorSign { account_id: string; name: string; signature: string }

/** Bytes under the draft key `k` of this phone (see lockbox.ts). */
export interface Box { k: string; iv: ArrayBuffer; bytes: ArrayBuffer }
/** Two pages changed the same field of one draft: both are kept until a person chooses. */
export interface Clash { field: string; ours: unknown; theirs: unknown; at: string }

/** A picker that was opened and has not come back: on some phones taking a picture reloads the page. */
export interface Awaited { at: string; source: Source; slot: string }

/** A record sheet that is being written. Saved whole on every change; nothing of it is on the server. */
export interface Draft {
  id: string; account_id: string; visit_id: string; version: number; supersedes: string; reason: string;
  planned: boolean; visit_number: string;
  agency_id: string; business_id: string; business: Business; matter: string; notice_number: string; external_code: string;
  supervisor_ids: string[]; recused_at: string; started_at: string; ended_at: string; late_reason: string;
  mode: Mode; method: string; checklist_version: number;
  officers: OfficerSeen[]; helpers: number; answers: Record<string, Answer>; observations: Observation[];
  stop: { reason: string; at: string } | null; opinion: string; overall: Overall | "";
  officer_sign: OfficerSign; supervisor_signs: SupervisorSign[]; place: Place | null; ticket_id: string;
  photos: Record<string, PhotoMeta>; awaited: Awaited | null; changed_at: string;
  /** Missing in drafts that no second page has touched. */
  clashes?: Clash[];
}

export interface ChecklistItem { code: string; cat: string; sev: Severity; text: string; fail: string; basis?: string }
export interface Checklist { version: number; items: ChecklistItem[]; quick: string[] }
export interface PackOfficer { id: string; agency_id: string; name: string; credential_number: string; valid_from?: string; valid_to: string; status: string }
export interface PackBusiness extends Business { id: string }
export interface PackVisit {
  id: string; number: string; state: string; agency_id: string; business_id: string; business: Business; matter: string;
  notice_number: string; external_code: string; planned_on: string; supervisor_ids: string[]; method: string;
  /** Why it was called off. */ cancel_reason?: string;
}
export interface ReceiptKey { id: string; algorithm: string; public: string }
/** The server's key that sealed records are encrypted to; a phone can encrypt and not read. */
export interface SealKey { id: string; algorithm: string; public: string }
/** Everything the phone needs without a network, as GET /api/field/pack gives it. */
export interface Pack {
  at: string; me: unknown; bureau: { name: string; hotline?: string } | null; offices: { id: string; name: string }[];
  agencies: { id: string; name: string; active?: boolean }[]; officers: PackOfficer[]; businesses: PackBusiness[];
  supervisors: { id: string; name: string; certificate: string; office_id?: string | null }[]; checklist: Checklist; visits: PackVisit[];
  public_url: string; receipt_key: ReceiptKey; seal_key?: SealKey;
}

export interface Me {
  id: string; username: string; name: string; role: string; office: { id: string; name: string; township: string } | null;
  certificate: string; certified: boolean; must_change: boolean; server_time: string; demo: boolean;
  /** A second factor: set up, and demanded of this role. */ totp?: { enabled: boolean; demanded: boolean };
}

/** What makes a ticket good: who has it can answer. It lies under the draft key. */
export interface TicketSecret { url: string; short: string; qr_png: string }
/** `gone`: the server does not know this ticket any more, or it was revoked, after it had been shown. */
export interface TicketRow { id: string; account_id: string; got_at: string; sheet_id: string; gone?: boolean; body: Box | { plain: TicketSecret } }
export type Ticket = Omit<TicketRow, "body"> & TicketSecret;
export interface Receipt { code: string; key_id: string; algorithm: string; body: string; signature: string }
